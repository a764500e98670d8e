// Samples from a history text, and their equality.
#pragma once

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "ingest/history.h"
#include "tests/fuzz/fuzz_target.h"

namespace quell::fuzz {

class ListSink final : public ingest::HistorySink {
 public:
  struct Entry {
    Labels labels;
    TimeMs time = 0;
    double value = 0;
  };
  std::uint32_t Series(const Labels& labels) override {
    series_.push_back(labels);
    return static_cast<std::uint32_t>(series_.size() - 1);
  }
  Status Add(std::uint32_t series, TimeMs time, double value) override {
    entries.push_back({series_.at(series), time, value});
    return Ok{};
  }
  std::vector<Entry> entries;

 private:
  std::vector<Labels> series_;
};

inline void RequireSame(const std::vector<ListSink::Entry>& a,
                        const std::vector<ListSink::Entry>& b) {
  FUZZ_REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    FUZZ_REQUIRE(a[i].labels == b[i].labels);
    FUZZ_REQUIRE(a[i].time == b[i].time);
    FUZZ_REQUIRE(a[i].value == b[i].value || (std::isnan(a[i].value) && std::isnan(b[i].value)));
  }
}

// Enough digits to read the same number again.
inline std::string NumberText(double value) {
  char out[64];
  std::snprintf(out, sizeof out, "%.17g", value);
  return out;
}

}  // namespace quell::fuzz
