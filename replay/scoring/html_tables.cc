#include "replay/scoring/html_tables.h"

#include "replay/scoring/html_cells.h"
#include "replay/scoring/html_text.h"
#include "replay/scoring/output_json.h"
#include "replay/scoring/words.h"

namespace quell::replay {
namespace {

std::string Count(int count, const std::string& one, const std::string& many) {
  return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

std::string IntervalBar(double share, const Interval& interval) {
  return "<div class=\"ci\" aria-hidden=\"true\"><i style=\"left:" + Pixel(interval.low * 100) +
         "%;width:" + Pixel((interval.high - interval.low) * 100) +
         "%\"></i><b style=\"left:" + Pixel(share * 100) + "%\"></b></div>";
}

// A number stays on one line with its percent sign.
std::string NoBreak(std::string text) {
  for (size_t at = text.find(" %"); at != std::string::npos; at = text.find(" %", at)) {
    text.replace(at, 1, "\xC2\xA0");
  }
  return text;
}

std::string Card(const std::string& name, const std::string& value, const std::string& words,
                 const std::string& bar = "") {
  return "<div class=\"card\">" + Element("h3", "", name) + Element("p", "big", NoBreak(value)) +
         bar + Element("p", "soft", NoBreak(words)) + "</div>";
}

// Intervals are rough by nature: whole percents, but never rounded to certainty.
std::string RoughPercent(double share) {
  const bool near_the_ends = (share > 0 && share < 0.01) || (share > 0.99 && share < 1);
  return near_the_ends ? Percent(share) : Fixed(share * 100, 0) + " %";
}

std::string Confidence(const Interval& interval) {
  return "95 % sure it lies between " + RoughPercent(interval.low) + " and " +
         RoughPercent(interval.high);
}

std::string DetectorRow(const std::string& name, const Scores& scores, bool whole) {
  const int judged = scores.true_pages + scores.false_pages;
  return std::string("<tr") + (whole ? " class=\"whole\"" : "") + ">" + Element("th", "", name) +
         NumberCell(std::to_string(scores.pages), scores.pages) +
         NumberCell(std::to_string(scores.false_pages), scores.false_pages) +
         ShareCell(scores.precision, judged) + ShareCell(scores.recall, scores.incidents) +
         NumberCell(Fixed(scores.f1, 2), scores.f1) +
         NumberCell(SpanOrDash(scores.detect_median_seconds, scores.caught),
                    scores.detect_median_seconds) +
         NumberCell(scores.caught > 0 ? Fixed(scores.pages_per_incident, 1) : kDash,
                    scores.pages_per_incident) +
         NumberCell(Fixed(scores.cost, 1), scores.cost) + "</tr>";
}

}  // namespace

std::string VerdictSentence(const ReplayResult& result, const Report& report) {
  const Scores& all = report.all;
  const double span = static_cast<double>(result.last - EvaluatedFrom(result)) / kSecondMs;
  std::string out = "<p class=\"verdict\">In " + EscapeHtml(SpanWords(span)) +
                    " Quell would have sent <b>" + Count(all.pages, "page", "pages") + "</b>";
  if (all.pages > 0) {
    out += ": <b class=\"good\">" + std::to_string(all.true_pages) + " true</b>, " +
           Count(all.duplicate_pages, "duplicate", "duplicates") + ", <b class=\"" +
           (all.false_pages > 0 ? "bad" : "good") + "\">" + std::to_string(all.false_pages) +
           " false</b>";
  }
  out += ". ";
  if (all.incidents == 0) return out + "No incident was labelled in that span.</p>\n";
  out += "It caught <b class=\"good\">" + std::to_string(all.caught) + " of " +
         Count(all.incidents, "incident", "incidents") + "</b>";
  if (all.caught > 1) {
    out += ", half of those within <b>" + EscapeHtml(SpanWords(all.detect_median_seconds)) +
           "</b> of their start";
  } else if (all.caught == 1) {
    out += ", <b>" + EscapeHtml(SpanWords(all.detect_median_seconds)) + "</b> after its start";
  }
  if (all.missed > 0) {
    out += ", and missed <b class=\"bad\">" + std::to_string(all.missed) + "</b>";
  }
  return out + ".</p>\n";
}

std::string ScoreCards(const ReplayResult& result, const Report& report) {
  const Scores& all = report.all;
  const int judged = all.true_pages + all.false_pages;
  std::string out = "<section class=\"cards\" aria-label=\"Scores\">";
  out +=
      Card("Precision", ShareOrDash(all.precision, judged),
           judged > 0 ? std::to_string(all.true_pages) + " of " + Count(judged, "page", "pages") +
                            " true; " + Confidence(all.precision_interval)
                      : "no page to judge",
           judged > 0 ? IntervalBar(all.precision, all.precision_interval) : "");
  out += Card("Recall", ShareOrDash(all.recall, all.incidents),
              all.incidents > 0 ? std::to_string(all.caught) + " of " +
                                      Count(all.incidents, "incident", "incidents") + " caught; " +
                                      Confidence(all.recall_interval)
                                : "no incident to catch",
              all.incidents > 0 ? IntervalBar(all.recall, all.recall_interval) : "");
  out += Card("Time to detect", SpanOrDash(all.detect_median_seconds, all.caught),
              all.caught > 0 ? "median; nine in ten within " + SpanWords(all.detect_p90_seconds)
                             : "nothing was caught");
  out += Card("False pages a week", Fixed(all.false_pages_per_week, 2),
              Count(all.false_pages, "false page", "false pages") + " in the scored span");
  out += Card("Noise reduction", all.pages > 0 ? Fixed(all.noise_reduction, 1) + " : 1" : kDash,
              Grouped(result.raw_firings) + " alerts became " + Count(all.pages, "page", "pages") +
                  "; " + Fixed(all.pages_per_incident, 2) + " pages per caught incident");
  const bool grouped = all.grouped_alerts > 1;
  out += Card("Grouping", grouped ? Fixed(all.pairwise_f1, 2) : kDash,
              grouped ? "pairwise F1 over " + std::to_string(all.grouped_alerts) + " alerts (ARI " +
                            Fixed(all.adjusted_rand_index, 2) + "); " +
                            Count(all.mixed_pages, "page mixes", "pages mix") + " incidents"
                      : "too few alerts to judge");
  out += Card("F1", all.incidents + judged > 0 ? Fixed(all.f1, 2) : kDash,
              "precision and recall in one number");
  out += Card("Cost", Fixed(all.cost, 1),
              "missed incidents, false and duplicate pages and late minutes, weighted");
  return out + "</section>\n";
}

std::string KindSection(const Report& report) {
  if (report.by_kind.empty()) return "";
  std::string out = "<section id=\"kinds\"><h2>By kind of incident</h2>" +
                    TableHead({{"kind", "as labelled"},
                               {"incidents", "labelled in the scored span"},
                               {"recall", "share that was paged"},
                               {"95 %", "Wilson interval of recall"},
                               {"median", "time to detect"},
                               {"p90", "time to detect"},
                               {"pages each", "pages per caught incident"},
                               {"cost", "weighted"}});
  for (const auto& [kind, scores] : report.by_kind) {
    out += "<tr>" + Element("th", "", kind) +
           NumberCell(std::to_string(scores.incidents), scores.incidents) +
           ShareCell(scores.recall, scores.incidents) +
           NumberCell(RoughPercent(scores.recall_interval.low) + " to " +
                          RoughPercent(scores.recall_interval.high),
                      scores.recall_interval.low) +
           NumberCell(SpanOrDash(scores.detect_median_seconds, scores.caught),
                      scores.detect_median_seconds) +
           NumberCell(SpanOrDash(scores.detect_p90_seconds, scores.caught),
                      scores.detect_p90_seconds) +
           NumberCell(scores.caught > 0 ? Fixed(scores.pages_per_incident, 1) : kDash,
                      scores.pages_per_incident) +
           NumberCell(Fixed(scores.cost, 1), scores.cost) + "</tr>";
  }
  return out + "</tbody></table></div></section>\n";
}

std::string DetectorSection(const Report& report) {
  if (report.by_detector.empty()) return "";
  std::string out =
      "<section id=\"detectors\"><h2>Each detector alone</h2><p class=\"soft\">What "
      "each would have paged by itself, against all of them together.</p>" +
      TableHead({{"detector", "alone, grouped by time and labels"},
                 {"pages", "sent in the scored span"},
                 {"false", "pages about no incident"},
                 {"precision", "true of true and false pages"},
                 {"recall", "incidents caught"},
                 {"F1", "harmonic mean of both"},
                 {"median", "time to detect"},
                 {"pages each", "pages per caught incident"},
                 {"cost", "weighted"}});
  for (const auto& [name, scores] : report.by_detector) out += DetectorRow(name, scores, false);
  return out + DetectorRow("together", report.all, true) + "</tbody></table></div></section>\n";
}

}  // namespace quell::replay
