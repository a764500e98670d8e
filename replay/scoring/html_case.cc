#include "replay/scoring/html_case.h"

#include <algorithm>

#include "replay/scoring/html_plot.h"
#include "replay/scoring/html_text.h"
#include "replay/scoring/html_timeline.h"
#include "replay/scoring/output_json.h"
#include "replay/scoring/words.h"

namespace quell::replay {
namespace {

constexpr size_t kMembersShownMax = 12;
constexpr size_t kPlotsShownMax = 6;
constexpr size_t kPagesShownMax = 8;

double Seconds(DurationMs span) { return static_cast<double>(span) / kSecondMs; }

std::string UnitOf(const std::string& kind) {
  if (kind == "ratio" || kind == "quantile") return "ratio";
  return kind == "rate" ? "per_second" : "";
}

std::string Bullets(const std::string& title, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string out = Element("h4", "", title) + "<ul>";
  for (const std::string& line : lines) out += Element("li", "", line);
  return out + "</ul>";
}

std::string Chips(const Labels& labels) {
  std::string out;
  for (const Label& label : labels) {
    if (label.name == "alertname" || label.name == kMetricName) continue;
    out += Element("code", "chip", label.name + "=" + label.value);
  }
  return out;
}

std::string SeenCell(const ReplayAlert& alert) {
  const std::string unit = UnitOf(alert.kind);
  std::string seen = ValueInUnit(alert.value, unit);
  if (unit == "ratio" && alert.n > 0) {
    seen += " (" + ShortNumber(alert.k) + " of " + ShortNumber(alert.n) + ")";
  }
  return seen;
}

std::string MembersTable(const ReplayPage& page) {
  if (page.members.empty()) return "";
  std::string out =
      "<h4>Alerts folded into this page</h4><div class=\"wide\"><table class=\"members\"><thead>"
      "<tr><th>fired</th><th>signal</th><th class=\"n\">seen</th><th class=\"n\">expected</th>"
      "<th>detectors</th><th>why here</th></tr></thead><tbody>";
  for (size_t i = 0; i < std::min(page.members.size(), kMembersShownMax); ++i) {
    const ReplayAlert& alert = page.members[i];
    std::string agreed;
    for (const std::string& detector : alert.detectors) {
      agreed += (agreed.empty() ? "" : ", ") + detector;
    }
    out += "<tr><td class=\"when\">" + UtcClock(alert.start) + "</td><td>" +
           Element("span", "signal", alert.signal) + Chips(alert.labels) + "</td>" +
           Element("td", "n", SeenCell(alert)) +
           Element("td", "n", ValueInUnit(alert.expected, UnitOf(alert.kind))) +
           Element("td", "", agreed) + Element("td", "", alert.why_joined) + "</tr>";
  }
  out += "</tbody></table></div>";
  if (page.members.size() > kMembersShownMax) {
    out += Element(
        "p", "soft",
        "and " + std::to_string(page.members.size() - kMembersShownMax) + " more in pages.json");
  }
  return out;
}

std::string OpenDetails(const std::string& anchor, const std::string& css, bool open) {
  return "<details class=\"case " + css + "\" id=\"" + anchor + "\"" + (open ? " open" : "") +
         "><summary>";
}

std::string CaughtWords(const IncidentOutcome& outcome) {
  if (!outcome.caught) return "no page";
  return "paged after " +
         SpanWords(Seconds(std::max<TimeMs>(0, outcome.first_page - outcome.incident.start)));
}

std::string AffectedLine(const LabelledIncident& incident) {
  std::string out = "<p class=\"affected\">affected ";
  if (incident.affected.empty()) return out + "<span class=\"soft\">everything</span></p>";
  for (size_t i = 0; i < std::min<size_t>(incident.affected.size(), 8); ++i) {
    out += (i > 0 ? " <span class=\"soft\">or</span> " : "") + Chips(incident.affected[i]);
  }
  if (incident.affected.size() > 8) {
    out +=
        " <span class=\"soft\">or " + std::to_string(incident.affected.size() - 8) + " more</span>";
  }
  return out + "</p>";
}

}  // namespace

CaseBook::CaseBook(const ReplayResult& result, const Report& report)
    : result_(result), report_(report) {
  for (const ReplayPage& page : result_.pages) page_by_id_.emplace(page.id, &page);
  for (const PageOutcome& page : report_.pages) verdict_by_id_.emplace(page.page_id, page.verdict);
  for (const PlotSeries& plot : result_.plots) {
    if (!plot.page_id.empty()) plots_by_page_[plot.page_id].push_back(&plot);
    if (!plot.incident_id.empty()) plots_by_incident_[plot.incident_id].push_back(&plot);
  }
}

std::string CaseBook::PageBody(const std::string& page_id) const {
  const auto found = page_by_id_.find(page_id);
  if (found == page_by_id_.end()) return "";
  const ReplayPage& page = *found->second;
  const auto verdict = verdict_by_id_.find(page_id);
  std::string out = "<section class=\"page-body\"><p class=\"sent\">";
  if (verdict != verdict_by_id_.end()) {
    out += VerdictMark(verdict->second) +
           Element("b", "", std::string(PageVerdictName(verdict->second)) + " page");
  }
  out += " <span class=\"soft\">sent " + UtcMinute(page.start) + " UTC" +
         (page.end > 0 ? ", resolved after " + SpanWords(Seconds(page.end - page.start))
                       : ", still open at the end of the data") +
         (page.onset > 0 && page.onset < page.start
              ? ", began about " + SpanWords(Seconds(page.start - page.onset)) + " earlier"
              : "") +
         "</span> " + Element("span", "severity", page.severity) + "</p>";
  out += Element("blockquote", "", page.summary);
  if (!page.scope.empty()) out += "<p>scope " + Element("code", "chip", page.scope) + "</p>";
  out += Bullets("Evidence", page.evidence);
  out += Bullets("Changes just before", page.changes);
  return out + MembersTable(page) + "</section>";
}

std::string CaseBook::Plots(const std::vector<const PlotSeries*>& plots,
                            const LabelledIncident* incident,
                            const std::vector<std::string>& page_ids) const {
  PlotMarks marks;
  if (incident != nullptr) {
    marks.incident_start = incident->start;
    marks.incident_end = incident->end;
  }
  for (const std::string& id : page_ids) {
    const auto page = page_by_id_.find(id);
    if (page != page_by_id_.end()) marks.pages.push_back(page->second->start);
  }
  std::string out;
  size_t shown = 0;
  for (const PlotSeries* plot : plots) {
    if (shown == kPlotsShownMax) break;
    const std::string figure = PlotFigure(*plot, marks);
    if (figure.empty()) continue;
    out += figure;
    ++shown;
  }
  if (shown == 0) return "";
  return "<div class=\"plots\">" + out +
         "</div>"
         "<p class=\"legend\"><span><i class=\"key value\"></i>seen</span><span><i class=\"key "
         "expected\"></i>expected</span><span><i class=\"key band\"></i>99 % of what is "
         "expected</span>" +
         (incident != nullptr ? "<span><i class=\"key during\"></i>incident</span>" : "") +
         (marks.pages.empty() ? "" : "<span><i class=\"key page\"></i>page sent</span>") + "</p>";
}

std::string CaseBook::IncidentCase(size_t n, bool open) const {
  const IncidentOutcome& outcome = report_.incidents[n];
  const LabelledIncident& incident = outcome.incident;
  const std::string number = std::to_string(n + 1);
  std::string out =
      OpenDetails("incident-" + number, outcome.caught ? "caught" : "missed", open) +
      "<span class=\"no\">" + number + "</span>" +
      Element("span", "badge", outcome.caught ? "\xE2\x9C\x93 caught" : "\xE2\x9C\x95 missed") +
      Element("b", "name", incident.id) +
      (incident.kind.empty() ? "" : Element("span", "kind", incident.kind)) +
      (incident.severity.empty() ? "" : Element("span", "severity", incident.severity)) +
      Element("span", "facts",
              UtcMinute(incident.start) + " UTC, lasted " +
                  SpanWords(Seconds(incident.end - incident.start)) + ", " + CaughtWords(outcome)) +
      "</summary>" + AffectedLine(incident);
  std::vector<const PlotSeries*> plots;
  const auto add = [&plots](const std::vector<const PlotSeries*>& more) {
    for (const PlotSeries* plot : more) {
      if (std::find(plots.begin(), plots.end(), plot) == plots.end()) plots.push_back(plot);
    }
  };
  const auto own = plots_by_incident_.find(incident.id);
  if (own != plots_by_incident_.end()) add(own->second);
  for (const std::string& id : outcome.page_ids) {
    const auto of_page = plots_by_page_.find(id);
    if (of_page != plots_by_page_.end()) add(of_page->second);
  }
  const size_t shown = std::min(outcome.page_ids.size(), kPagesShownMax);
  for (size_t i = 0; i < shown; ++i) {
    out += PageBody(outcome.page_ids[i]);
    if (i == 0) out += Plots(plots, &incident, outcome.page_ids);
  }
  if (shown == 0) {
    out +=
        "<p class=\"soft\">No page was about this incident between a minute before its start "
        "and 15 minutes after its end.</p>" +
        Plots(plots, &incident, {});
  }
  if (outcome.page_ids.size() > shown) {
    out += Element(
        "p", "soft",
        "and " + std::to_string(outcome.page_ids.size() - shown) + " more pages in pages.json");
  }
  return out + "</details>";
}

std::string CaseBook::FalsePageCase(size_t n, bool open) const {
  const PageOutcome& outcome = report_.pages[n];
  const auto page = page_by_id_.find(outcome.page_id);
  if (page == page_by_id_.end()) return "";
  std::string out = OpenDetails("page-" + std::to_string(n + 1), "false", open) +
                    VerdictMark(outcome.verdict) + Element("b", "name", page->second->summary) +
                    Element("span", "facts", UtcMinute(page->second->start) + " UTC") +
                    "</summary>" + PageBody(outcome.page_id);
  const auto plots = plots_by_page_.find(outcome.page_id);
  if (plots != plots_by_page_.end()) out += Plots(plots->second, nullptr, {outcome.page_id});
  return out + "</details>";
}

}  // namespace quell::replay
