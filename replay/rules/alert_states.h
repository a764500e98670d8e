// AlertStates: what Prometheus makes of an alerting rule's evaluations, one after the other:
// pending for `for`, firing, kept for `keep_firing_for`.
//
// An alert that an evaluation does not give is pending no more, at once. As in Prometheus, an
// evaluation that gives two alerts of equal labels fails and changes nothing; it is counted.
// Thread-compatible.
#pragma once

#include <map>
#include <vector>

#include "core/result.h"
#include "ingest/sample.h"
#include "replay/rules/rules_file.h"

namespace quell::replay {

struct FiredAlert {
  size_t rule = 0;
  Labels labels;
  TimeMs start = 0;  // when it began to fire
  TimeMs end = 0;    // 0 = fires on
  double value = 0;  // of the expression, at the start
};

class AlertStates {
 public:
  // `rule` must outlive it; `index` is the rule's in FiredAlert.
  AlertStates(const AlertingRule& rule, size_t index) : rule_(rule), index_(index) {}

  // What the expression gave at first, first + interval, .. <= last, in samples of these times.
  // Calls go on where the one before ended. kResourceExhausted above kFiredMax.
  Status Feed(const ingest::SampleBatch& batch, TimeMs first, TimeMs last);

  // In order of their start, then labels.
  [[nodiscard]] const std::vector<FiredAlert>& fired() const { return fired_; }
  [[nodiscard]] std::uint64_t failed() const { return failed_; }  // evaluations
  static constexpr size_t kFiredMax = 100000;

 private:
  struct Active {
    TimeMs since = 0;        // pending from
    TimeMs seen = 0;         // latest evaluation that gave it
    TimeMs kept_since = -1;  // first one that did not, while firing; -1 = it is given
    size_t fired = kPending;
  };
  struct Point {
    TimeMs time = 0;
    std::uint32_t alert = 0;
    double value = 0;
  };
  static constexpr size_t kPending = ~size_t{0};

  [[nodiscard]] Labels LabelsOf(const Labels& series) const;
  Status Evaluate(TimeMs at, const std::vector<const Labels*>& alerts, const Point* begin,
                  const Point* end);

  const AlertingRule& rule_;
  size_t index_;
  std::map<Labels, Active> active_;
  std::vector<FiredAlert> fired_;
  std::uint64_t failed_ = 0;
};

}  // namespace quell::replay
