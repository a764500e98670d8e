// The Prometheus and OpenMetrics text forms: families, label text, numbers.
#pragma once

#include <string>
#include <string_view>

#include "core/labels.h"

namespace quell::simulator {

struct Family {
  std::string name;       // without the suffix
  std::string_view type;  // "counter", "histogram" or "gauge"
  auto operator<=>(const Family&) const = default;
};

// By the suffix of the metric name, as the simulator names its metrics.
Family FamilyOf(std::string_view metric);

// `metric{a="b",c="d"}`, values escaped.
std::string SeriesText(const Labels& labels);

// The shortest decimal form that reads back the same; "NaN", "+Inf", "-Inf".
void AppendNumber(double value, std::string& out);

// Milliseconds as seconds: 1780272000123 -> "1780272000.123". REQUIRES: time >= 0.
void AppendSeconds(std::int64_t time_ms, std::string& out);

}  // namespace quell::simulator
