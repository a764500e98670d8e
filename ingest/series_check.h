// The rules for a series' labels on the wire: what both protocols refuse, and why.
#pragma once

#include <span>
#include <string_view>

#include "core/labels.h"
#include "core/result.h"
#include "ingest/remote_write.h"

namespace quell::ingest {

struct LabelView {
  std::string_view name, value;
};

// Any order; empty values mean "absent". kInvalidArgument naming the label for: an empty or
// repeated name, invalid UTF-8, no (or an empty) __name__, a name, value or count over its limit.
Result<Labels> CheckLabels(std::span<const LabelView> views, const RemoteWriteLimits& limits);

// For error texts: `{__name__="x",a="b"}` as far as it goes, printable ASCII only.
std::string DescribeSeries(std::span<const LabelView> views);

}  // namespace quell::ingest
