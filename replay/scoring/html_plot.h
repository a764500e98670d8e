// One signal around a page or an incident, as inline SVG: value, expected line, band of what is
// expected, the incident's interval shaded and the moment of the page marked.
#pragma once

#include <string>
#include <vector>

#include "replay/scoring/result.h"

namespace quell::replay {

struct PlotMarks {
  TimeMs incident_start = 0, incident_end = 0;  // 0, 0 = none
  std::vector<TimeMs> pages;
};

inline constexpr size_t kPlotPointsMax = 300;

// At most kPlotPointsMax points; of each stretch the lowest and the highest value stay.
std::vector<PlotSeries::Point> Downsample(const std::vector<PlotSeries::Point>& points);

// A <figure>; "" where there are fewer than two points.
std::string PlotFigure(const PlotSeries& series, const PlotMarks& marks);

}  // namespace quell::replay
