#include "core/crew.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

namespace quell {
namespace {

TEST_CASE("Crew: every item is worked on once, however many help", "[core]") {
  for (const size_t helpers : {0U, 1U, 3U}) {
    Crew crew(helpers);
    for (const size_t items : {0U, 1U, 7U, 1000U}) {
      for (const size_t grain : {1U, 10U, 5000U}) {
        INFO(helpers << ' ' << items << ' ' << grain);
        std::vector<int> times(items, 0);
        crew.Run(items, grain, [&](size_t begin, size_t end) {
          for (size_t i = begin; i < end; ++i) ++times[i];
        });
        CHECK(std::accumulate(times.begin(), times.end(), size_t{0}) == items);
        CHECK(std::all_of(times.begin(), times.end(), [](int t) { return t == 1; }));
      }
    }
  }
}

TEST_CASE("Crew: what the helpers wrote is there when Run returns", "[core]") {
  Crew crew(2);
  std::vector<size_t> sums(64);
  for (size_t round = 0; round < 200; ++round) {
    crew.Run(sums.size(), 1, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) sums[i] += i;
    });
  }
  for (size_t i = 0; i < sums.size(); ++i) CHECK(sums[i] == 200 * i);
}

}  // namespace
}  // namespace quell
