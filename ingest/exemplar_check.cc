#include "ingest/exemplar_check.h"

#include "ingest/utf8.h"

namespace quell::ingest {

Status CheckExemplarLabels(std::span<const LabelView> labels, const RemoteWriteLimits& limits) {
  for (const LabelView& label : labels) {
    if (label.name.empty() || !IsValidUtf8(label.name) || !IsValidUtf8(label.value)) {
      return MakeError(ErrorCode::kInvalidArgument, "exemplar label " + Quoted(label.name) + "=" +
                                                        Quoted(label.value) +
                                                        " has no name or is not valid UTF-8");
    }
  }
  if (labels.size() <= limits.labels_per_series_max) return Ok{};
  return MakeError(ErrorCode::kInvalidArgument, "an exemplar has too many labels");
}

}  // namespace quell::ingest
