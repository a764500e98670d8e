#include "replay/scoring/html_plot.h"

#include <algorithm>
#include <cmath>

#include "replay/scoring/html_axis.h"
#include "replay/scoring/html_text.h"
#include "replay/scoring/words.h"

namespace quell::replay {
namespace {

using Points = std::vector<PlotSeries::Point>;

constexpr double kWidth = 560, kHeight = 222;
constexpr double kLeft = 64, kRight = 550, kTop = 22, kBottom = 186;

Points FinitePoints(const Points& points) {
  Points out;
  for (const PlotSeries::Point& point : points) {
    if (std::isfinite(point.value) && std::isfinite(point.expected) && std::isfinite(point.low) &&
        std::isfinite(point.high)) {
      out.push_back(point);
    }
  }
  return out;
}

// All values and expectations fit; a band far wider than they are is cut off.
Scale ValueScale(const Points& points) {
  double low = points[0].value;
  double high = points[0].value;
  double band_low = points[0].low;
  double band_high = points[0].high;
  for (const PlotSeries::Point& point : points) {
    low = std::min({low, point.value, point.expected});
    high = std::max({high, point.value, point.expected});
    band_low = std::min(band_low, point.low);
    band_high = std::max(band_high, point.high);
  }
  const double spread = high - low;
  const bool positive = low >= 0;
  low = std::min(low, std::max(band_low, low - spread));
  high = std::max(high, std::min(band_high, high + spread));
  if (positive && low < 0.4 * high) low = 0;
  if (!(high > low)) {
    const double pad = high == 0 ? 1 : std::fabs(high) * 0.1;
    low -= pad;
    high += pad;
  }
  return {.from = low, .to = high + (high - low) * 0.06, .pixel_from = kBottom, .pixel_to = kTop};
}

class PlotDrawing {
 public:
  PlotDrawing(const Points& points, const PlotSeries& series, const PlotMarks& marks)
      : points_(points),
        series_(series),
        marks_(marks),
        value_(ValueScale(points)),
        time_{.from = static_cast<double>(points.front().time),
              .to = static_cast<double>(points.back().time),
              .pixel_from = kLeft,
              .pixel_to = kRight} {}

  std::string Draw() {
    out_ = "<svg viewBox=\"0 0 " + Pixel(kWidth) + ' ' + Pixel(kHeight) +
           "\" role=\"img\" aria-label=\"" + EscapeHtml(series_.title) + "\" data-t0=\"" +
           std::to_string(points_.front().time) + "\" data-t1=\"" +
           std::to_string(points_.back().time) + "\" data-v0=\"" + Fixed(value_.from, 9) +
           "\" data-v1=\"" + Fixed(value_.to, 9) + "\" data-unit=\"" + EscapeHtml(series_.unit) +
           "\">";
    Incident();
    Axes();
    Band();
    Line("expected", [](const PlotSeries::Point& point) { return point.expected; });
    Line("value", [](const PlotSeries::Point& point) { return point.value; });
    Pages();
    return out_ + "</svg>";
  }

 private:
  [[nodiscard]] double X(TimeMs time) const { return time_.At(static_cast<double>(time)); }
  [[nodiscard]] double Y(double value) const { return std::clamp(value_.At(value), kTop, kBottom); }
  [[nodiscard]] std::string XY(TimeMs time, double value) const {
    return Pixel(X(time)) + ',' + Pixel(Y(value));
  }

  void Incident() {
    if (marks_.incident_end <= 0 && marks_.incident_start <= 0) return;
    const double from = std::clamp(X(marks_.incident_start), kLeft, kRight);
    const double to = std::clamp(X(marks_.incident_end), kLeft, kRight);
    out_ += "<rect class=\"during\" x=\"" + Pixel(from) + "\" y=\"" + Pixel(kTop) + "\" width=\"" +
            Pixel(std::max(1.0, to - from)) + "\" height=\"" + Pixel(kBottom - kTop) + "\"/>";
    out_ +=
        "<path class=\"edge\" d=\"M" + Pixel(from) + ',' + Pixel(kTop) + 'H' + Pixel(to) + "\"/>";
  }

  void Axes() {
    for (const double tick : NiceTicks(value_.from, value_.to, 4)) {
      const double y = Y(tick);
      out_ += "<path class=\"grid\" d=\"M" + Pixel(kLeft) + ',' + Pixel(y) + 'H' + Pixel(kRight) +
              "\"/><text class=\"tick end\" x=\"" + Pixel(kLeft - 8) + "\" y=\"" + Pixel(y + 4) +
              "\">" + EscapeHtml(ValueInUnit(tick, series_.unit)) + "</text>";
    }
    for (const TimeTick& tick : TimeTicks(points_.front().time, points_.back().time, 6)) {
      const double x = X(tick.time);
      if (x > kRight - 12) continue;  // the axis' own words stand there
      out_ += "<path class=\"axis\" d=\"M" + Pixel(x) + ',' + Pixel(kBottom) + "v5\"/>" +
              "<text class=\"tick mid\" x=\"" + Pixel(x) + "\" y=\"" + Pixel(kBottom + 18) + "\">" +
              tick.label + "</text>";
    }
    out_ += "<path class=\"axis\" d=\"M" + Pixel(kLeft) + ',' + Pixel(kBottom) + 'H' +
            Pixel(kRight) + "\"/><text class=\"tick\" x=\"" + Pixel(kLeft) + "\" y=\"" +
            Pixel(kBottom + 32) + "\">" + UtcDay(points_.front().time) + ", UTC</text>";
  }

  void Band() {
    std::string path;
    for (const PlotSeries::Point& point : points_) {
      path += (path.empty() ? 'M' : 'L') + XY(point.time, point.high);
    }
    for (auto point = points_.rbegin(); point != points_.rend(); ++point) {
      path += 'L' + XY(point->time, point->low);
    }
    out_ += "<path class=\"band\" d=\"" + path + "Z\"/>";
  }

  template <typename Reading>
  void Line(const std::string& css, const Reading& reading) {
    std::string path;
    for (const PlotSeries::Point& point : points_) {
      path += (path.empty() ? 'M' : 'L') + XY(point.time, reading(point));
    }
    out_ += "<path class=\"" + css + "\" d=\"" + path + "\"/>";
  }

  void Pages() {
    constexpr double kLabelWidth = 86;
    double labelled_until = 0;  // the words of pages close together would cover each other
    for (const TimeMs page : marks_.pages) {
      if (page < points_.front().time || page > points_.back().time) continue;
      const double x = X(page);
      const bool left = x > kRight - kLabelWidth;
      out_ += "<path class=\"page\" d=\"M" + Pixel(x) + ',' + Pixel(kTop - 6) + 'V' +
              Pixel(kBottom) + "\"/><path class=\"flag\" d=\"M" + Pixel(x) + ',' +
              Pixel(kTop - 18) + "l" + (left ? "-9" : "9") + ",5l" + (left ? "9" : "-9") +
              ",5Z\"/>";
      if (x - (left ? kLabelWidth : 0) < labelled_until) continue;
      labelled_until = x + (left ? 0 : kLabelWidth);
      out_ += std::string("<text class=\"paged") + (left ? " end" : "") + "\" x=\"" +
              Pixel(left ? x - 12 : x + 12) + "\" y=\"" + Pixel(kTop - 8) + "\">page " +
              UtcClock(page) + "</text>";
    }
  }

  const Points& points_;
  const PlotSeries& series_;
  const PlotMarks& marks_;
  Scale value_;
  Scale time_;
  std::string out_;
};

}  // namespace

std::vector<PlotSeries::Point> Downsample(const std::vector<PlotSeries::Point>& points) {
  if (points.size() <= kPlotPointsMax) return points;
  constexpr size_t kStretches = kPlotPointsMax / 2;
  Points out;
  for (size_t s = 0; s < kStretches; ++s) {
    const size_t from = s * points.size() / kStretches;
    const size_t to = (s + 1) * points.size() / kStretches;
    size_t lowest = from;
    size_t highest = from;
    for (size_t i = from; i < to; ++i) {
      if (points[i].value < points[lowest].value) lowest = i;
      if (points[i].value >= points[highest].value) highest = i;
    }
    out.push_back(points[std::min(lowest, highest)]);
    if (lowest != highest) out.push_back(points[std::max(lowest, highest)]);
  }
  return out;
}

std::string PlotFigure(const PlotSeries& series, const PlotMarks& marks) {
  const Points points = Downsample(FinitePoints(series.points));
  if (points.size() < 2 || points.back().time <= points.front().time) return "";
  return "<figure class=\"plot\"><figcaption>" + Element("b", "", series.title) +
         "<span class=\"readout\" aria-hidden=\"true\"></span></figcaption><div class=\"wide\">" +
         PlotDrawing(points, series, marks).Draw() + "</div></figure>";
}

}  // namespace quell::replay
