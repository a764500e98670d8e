// The rules for an exemplar's labels on the wire.
#pragma once

#include <span>

#include "ingest/series_check.h"

namespace quell::ingest {

// kInvalidArgument: a label without a name, invalid UTF-8, more than labels_per_series_max.
Status CheckExemplarLabels(std::span<const LabelView> labels, const RemoteWriteLimits& limits);

}  // namespace quell::ingest
