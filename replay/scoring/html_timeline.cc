#include "replay/scoring/html_timeline.h"

#include <algorithm>
#include <map>

#include "replay/scoring/html_axis.h"
#include "replay/scoring/html_text.h"
#include "replay/scoring/output_json.h"
#include "replay/scoring/words.h"

namespace quell::replay {
namespace {

constexpr double kWidth = 1040, kLeft = 76, kRight = 1028;
constexpr double kBarHeight = 14, kLaneHeight = 20, kMarkLane = 18;
constexpr size_t kLanesMax = 8;

// The first lane that is free at `from`; the one that frees up soonest where all are taken.
size_t TakeLane(std::vector<double>& lanes, double from, double to) {
  for (size_t i = 0; i < lanes.size(); ++i) {
    if (lanes[i] <= from) {
      lanes[i] = to;
      return i;
    }
  }
  if (lanes.size() < kLanesMax) {
    lanes.push_back(to);
    return lanes.size() - 1;
  }
  const auto soonest = std::min_element(lanes.begin(), lanes.end());
  *soonest = to;
  return static_cast<size_t>(soonest - lanes.begin());
}

std::string Shape(PageVerdict verdict, double x, double y) {
  const std::string at = Pixel(x) + ',' + Pixel(y);
  if (verdict == PageVerdict::kTrue) {
    return "<circle class=\"m-true\" cx=\"" + Pixel(x) + "\" cy=\"" + Pixel(y) + "\" r=\"5.5\"/>";
  }
  if (verdict == PageVerdict::kDuplicate) {
    return "<path class=\"m-dup\" d=\"M" + at + "m0,-6.5l6.5,6.5l-6.5,6.5l-6.5,-6.5Z\"/>";
  }
  return "<path class=\"m-false\" d=\"M" + at + "m0,-6.5l7,12h-14Z\"/>";
}

class TimelineDrawing {
 public:
  TimelineDrawing(const ReplayResult& result, const Report& report)
      : result_(result), report_(report) {
    const TimeMs from = EvaluatedFrom(result);
    const TimeMs to = std::max(result.last, from + kMinuteMs);
    from_ = from;
    to_ = to;
    time_ = {.from = static_cast<double>(from),
             .to = static_cast<double>(to),
             .pixel_from = kLeft,
             .pixel_to = kRight};
  }

  std::string Draw() {
    const std::string bars = Incidents();
    const double middle = 14 + kLaneHeight * static_cast<double>(std::max<size_t>(1, bar_lanes_));
    const std::string marks = Pages(middle + 24);
    const double bottom =
        middle + 24 + kMarkLane * static_cast<double>(std::max<size_t>(1, mark_lanes_));
    std::string out = "<svg viewBox=\"0 0 " + Pixel(kWidth) + ' ' + Pixel(bottom + 24) +
                      "\" role=\"img\" aria-label=\"Incidents and pages over time\">" +
                      "<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" "
                      "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
                      "<path class=\"hatch\" d=\"M0,0V6\"/></pattern></defs>";
    for (const TimeTick& tick : TimeTicks(from_, to_, 14)) {
      const double x = time_.At(static_cast<double>(tick.time));
      out += "<path class=\"grid\" d=\"M" + Pixel(x) + ",6V" + Pixel(bottom) + "\"/>";
      if (x < kRight - 14) {
        out += "<text class=\"tick mid\" x=\"" + Pixel(x) + "\" y=\"" + Pixel(bottom + 16) + "\">" +
               tick.label + "</text>";
      }
    }
    out += "<path class=\"axis\" d=\"M" + Pixel(kLeft) + ',' + Pixel(middle + 6) + 'H' +
           Pixel(kRight) + "\"/>";
    out +=
        "<text class=\"lane\" x=\"0\" y=\"24\">incidents</text><text class=\"lane\" x=\"0\" "
        "y=\"" +
        Pixel(middle + 26) + "\">pages</text>";
    return out + bars + marks + "</svg>";
  }

 private:
  [[nodiscard]] double X(TimeMs time) const {
    return std::clamp(time_.At(static_cast<double>(time)), kLeft, kRight);
  }

  std::string Incidents() {
    std::string out;
    std::vector<double> lanes;
    for (size_t i = 0; i < report_.incidents.size(); ++i) {
      const IncidentOutcome& outcome = report_.incidents[i];
      const std::string number = std::to_string(i + 1);
      const double x = X(outcome.incident.start);
      const double width = std::max(5.0, X(outcome.incident.end) - x);
      const double text_width = 7.0 * static_cast<double>(number.size()) + 4;
      const size_t lane = TakeLane(lanes, x, x + width + text_width + 4);
      const double y = 10 + kLaneHeight * static_cast<double>(lane);
      out += "<a href=\"#incident-" + number + "\"><title>" +
             EscapeHtml(outcome.incident.id + ", " + UtcMinute(outcome.incident.start) + " UTC" +
                        (outcome.caught ? ", caught" : ", missed")) +
             "</title><rect class=\"" + (outcome.caught ? "b-caught" : "b-missed") + "\" x=\"" +
             Pixel(x) + "\" y=\"" + Pixel(y) + "\" width=\"" + Pixel(width) + "\" height=\"" +
             Pixel(kBarHeight) + "\" rx=\"2\"/><text class=\"num\" x=\"" + Pixel(x + width + 3) +
             "\" y=\"" + Pixel(y + 11) + "\">" + number + "</text></a>";
    }
    bar_lanes_ = lanes.size();
    return out;
  }

  std::string Pages(double top) {
    std::map<std::string, TimeMs> start_of;
    for (const ReplayPage& page : result_.pages) start_of.emplace(page.id, page.start);
    std::map<std::string, std::string> incident_number;
    for (size_t i = 0; i < report_.incidents.size(); ++i) {
      incident_number.emplace(report_.incidents[i].incident.id, std::to_string(i + 1));
    }
    std::string out;
    std::vector<double> lanes;
    for (size_t p = 0; p < report_.pages.size(); ++p) {
      const PageOutcome& page = report_.pages[p];
      const TimeMs start = start_of[page.page_id];
      const double x = X(start);
      const size_t lane = TakeLane(lanes, x - 7, x + 8);
      const double y = top - 2 + kMarkLane * static_cast<double>(lane);
      const auto number = incident_number.find(page.incident_id);
      const std::string target = number == incident_number.end() ? "page-" + std::to_string(p + 1)
                                                                 : "incident-" + number->second;
      out += "<a href=\"#" + target + "\"><title>" +
             EscapeHtml(std::string(PageVerdictName(page.verdict)) + " page, " + UtcMinute(start) +
                        " UTC") +
             "</title>" + Shape(page.verdict, x, y) + "</a>";
    }
    mark_lanes_ = lanes.size();
    return out;
  }

  const ReplayResult& result_;
  const Report& report_;
  TimeMs from_ = 0, to_ = 1;
  Scale time_;
  size_t bar_lanes_ = 0, mark_lanes_ = 0;
};

}  // namespace

std::string VerdictMark(PageVerdict verdict) {
  return "<svg class=\"mark\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">" + Shape(verdict, 8, 8) +
         "</svg>";
}

std::string TimelineFigure(const ReplayResult& result, const Report& report) {
  return "<figure class=\"timeline\"><div class=\"wide wider\">" +
         TimelineDrawing(result, report).Draw() +
         "</div><figcaption class=\"legend\"><span><i class=\"bar caught\"></i>incident, "
         "caught</span><span><i class=\"bar missed\"></i>incident, missed</span><span>" +
         VerdictMark(PageVerdict::kTrue) + "true page</span><span>" +
         VerdictMark(PageVerdict::kDuplicate) + "duplicate</span><span>" +
         VerdictMark(PageVerdict::kFalse) +
         "false page</span><span class=\"soft\">times in UTC</span></figcaption></figure>";
}

}  // namespace quell::replay
