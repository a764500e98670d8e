// Series as text: `metric{a="b"}`, `{__name__="metric",a="b"}`, `{"metric.with.dots",a="b"}`.
// Values carry Prometheus' escapes (\\ \" \n) and those of Go's quoting, which its dumps use.
#pragma once

#include <string_view>

#include "core/labels.h"
#include "core/result.h"

namespace quell::ingest {

// Parses one series at text[at..]. On success `at` is behind it, on error (kInvalidArgument) at
// the first byte that makes no sense. Refused: repeated or empty label names, a second metric
// name, invalid UTF-8. The metric name may be missing only where braces are there.
Result<Labels> ParseSeriesText(std::string_view text, size_t& at);

// `a="b",c="d"` without braces, to the end of the text.
Result<Labels> ParseLabelList(std::string_view text, size_t& at);

// Where the series that begins at text[at] ends: at the first blank, or behind the brace that
// closes it; npos if it is not closed. Looks at quotes and braces alone.
size_t SeriesTextEnd(std::string_view text, size_t at);

}  // namespace quell::ingest
