#include "engine/signals/definition.h"

namespace quell::signals {

using detectors::Direction;
using detectors::SignalKind;

void ApplyKindDefaults(SignalDef& def) {
  switch (def.kind) {
    case SignalKind::kRatio:
      // A failure ratio is worth a page when it rises by a point and by half.
      def.policy = {Direction::kUp, 0.01, 0.5};
      def.static_limit = 0.25;
      def.unit = "ratio";
      def.what = "failure ratio";
      break;
    case SignalKind::kQuantile:
      // The share of slow requests must double: about +25 % on a log-normal latency.
      def.policy = {Direction::kUp, 0.03, 1.0};
      def.unit = "seconds";
      def.what = "latency";
      break;
    case SignalKind::kRate:
      def.policy = {Direction::kDown, 0, 0.3};
      def.unit = "per_second";
      def.what = "volume";
      break;
    case SignalKind::kGauge:
      def.policy = {Direction::kBoth, 0, 0.25};
      def.what = "level";
      break;
  }
}

}  // namespace quell::signals
