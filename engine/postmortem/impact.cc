#include "engine/postmortem/impact.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "engine/incidents/wording.h"

namespace quell::postmortem {
namespace {

constexpr double kLeast = 1;  // less than one request is none

double FailedOf(const RecordedAlert& one) {
  const incidents::Evidence& evidence = one.alert.evidence;
  double failed = evidence.k - evidence.n * evidence.expected;
  for (const Json& window : one.windows) {
    const Json& agrees = Member(window, "agrees");
    if (!agrees.is_boolean() || !agrees.get<bool>()) continue;
    failed = std::max(failed, NumberOf(window, "k") - NumberOf(window, "expected_k"));
  }
  return std::isfinite(failed) ? failed : 0;
}

bool Counts(const RecordedAlert& one) {
  return one.alert.kind == detectors::SignalKind::kRatio && one.alert.unit == "ratio" &&
         one.alert.sign > 0 && one.alert.received.from.empty() && one.alert.evidence.n > 0;
}

}  // namespace

Impact ImpactOf(std::span<const RecordedAlert> alerts) {
  std::map<std::string, std::map<Labels, double>> by_signal;
  for (const RecordedAlert& one : alerts) {
    if (!Counts(one)) continue;
    double& most = by_signal[one.alert.signal][one.alert.labels];
    most = std::max(most, FailedOf(one));
  }
  Impact out;
  for (const auto& [signal, series] : by_signal) {
    SignalImpact one{signal, 0, series.size()};
    for (const auto& [labels, failed] : series) one.failed += failed;
    one.failed = std::round(one.failed);
    if (one.failed >= kLeast) out.signals.push_back(std::move(one));
  }
  std::sort(out.signals.begin(), out.signals.end(), [](const auto& a, const auto& b) {
    return std::tuple(-a.failed, a.signal) < std::tuple(-b.failed, b.signal);
  });
  if (out.signals.empty()) {
    out.words = "Not known: no alert of this incident counts failed requests.";
    return out;
  }
  out.failed = out.signals.front().failed;
  out.words = "At least about " + incidents::CountWords(*out.failed) +
              " failed requests above what is expected, as " + out.signals.front().signal +
              " counted them while its alerts were judged.";
  return out;
}

}  // namespace quell::postmortem
