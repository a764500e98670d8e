// SeriesIntake: takes one decoded time series after the other into a WriteOutcome, refusing what
// can never be stored and naming the first offender.
//
// Thread-compatible; borrows everything given.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/remote_write.h"
#include "ingest/series_check.h"

namespace quell::wire::v1 {
class TimeSeries;
}
namespace quell::wire::v2 {
class TimeSeries;
}

namespace quell::ingest {

class SeriesIntake {
 public:
  SeriesIntake(const RemoteWriteLimits& limits, TimeMs now_ms, WriteOutcome& outcome)
      : limits_(limits), now_ms_(now_ms), outcome_(outcome) {}

  void Take(const wire::v1::TimeSeries& series);
  void Take(const wire::v2::TimeSeries& series, std::span<const std::string_view> symbols);
  // A series that is refused before it is decoded.
  void Refuse(std::uint64_t samples, std::string_view reason);

  // Sets status and message from what was refused. Call once, last.
  void Finish();

 private:
  template <typename Series>
  void TakeData(const Series& series, Labels labels, std::span<const std::string_view> symbols);
  template <typename Series>
  void TakeSamples(const Series& series, Labels labels);
  template <typename Series>
  void TakeHistograms(const Series& series, Labels labels);
  Status CheckTime(TimeMs time) const;
  void Note(std::string_view reason);  // remembers the first reason, with the series' labels

  const RemoteWriteLimits& limits_;
  TimeMs now_ms_;
  WriteOutcome& outcome_;
  std::vector<LabelView> views_;       // of the series at hand
  std::uint64_t index_ = 0;            // of the series at hand, 1-based
  std::uint64_t others_rejected_ = 0;  // histograms and exemplars
  std::string first_;
};

// References to (name, value) pairs; false where one is out of range or the count is odd.
bool ResolveReferences(std::span<const std::uint32_t> references,
                       std::span<const std::string_view> symbols, std::vector<LabelView>& out);

}  // namespace quell::ingest
