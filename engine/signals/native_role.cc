#include "engine/signals/native_role.h"

#include "engine/signals/discovery.h"

namespace quell::signals {
namespace {

bool Selects(const std::optional<Selector>& selector, const Labels& labels, const char* suffix) {
  if (!selector) return false;
  if (selector->Matches(labels)) return true;
  Labels classic = labels;
  classic.Set(kMetricName, std::string(labels.MetricName()) + suffix);
  return selector->Matches(classic);
}

}  // namespace

std::uint8_t NativeRole(const SignalDef& def, const Labels& labels) {
  using detectors::SignalKind;
  std::uint8_t role = 0;
  switch (def.kind) {
    case SignalKind::kRatio:
      if (Selects(def.total, labels, "_count")) role |= kRoleTotal;
      if (Selects(def.bad, labels, "_count")) role |= kRoleBad;
      break;
    case SignalKind::kQuantile:
      if (Selects(def.selector, labels, "_bucket")) role = kRoleBucket;
      break;
    case SignalKind::kRate:
      if (Selects(def.selector, labels, "_count")) role = kRoleVolume;
      break;
    case SignalKind::kGauge:
      break;
  }
  return role;
}

}  // namespace quell::signals
