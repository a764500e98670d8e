#include "core/errand.h"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

namespace quell {
namespace {

TEST_CASE("Errand: what the call wrote is there when End returns", "[core]") {
  Errand errand;
  std::vector<int> written;
  std::thread::id where;
  for (int i = 0; i < 200; ++i) {
    errand.Begin([&, i] {
      written.push_back(i);
      where = std::this_thread::get_id();
    });
    errand.End();
    REQUIRE(written.size() == static_cast<size_t>(i) + 1);
    CHECK(written.back() == i);
    CHECK(where != std::this_thread::get_id());
  }
}

TEST_CASE("Errand: without a call there is nothing to wait for", "[core]") {
  Errand errand;
  errand.End();
  errand.Begin([] {});
  errand.End();
  errand.End();
}

TEST_CASE("Errand: a call under way is done before the errand goes", "[core]") {
  bool done = false;
  {
    Errand errand;
    errand.Begin([&] { done = true; });
  }
  CHECK(done);
}

}  // namespace
}  // namespace quell
