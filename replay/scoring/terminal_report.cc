#include <algorithm>

#include "replay/scoring/comparison.h"
#include "replay/scoring/output_json.h"
#include "replay/scoring/scoring.h"
#include "replay/scoring/static_rules_report.h"
#include "replay/scoring/words.h"

namespace quell::replay {
namespace {

constexpr size_t kNameWidthMax = 28;
constexpr size_t kMissedShownMax = 10;

size_t Characters(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

// Names come from files: control characters must not reach a terminal.
std::string Printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  if (Characters(text) > kNameWidthMax) {
    size_t cut = kNameWidthMax - 3;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
    text = text.substr(0, cut) + "...";
  }
  return text;
}

std::string Left(const std::string& text, size_t width) {
  return text + std::string(width - std::min(width, Characters(text)), ' ');
}

std::string Right(const std::string& text, size_t width) {
  return std::string(width - std::min(width, Characters(text)), ' ') + text;
}

std::string Between(const Interval& interval) {
  return "(95 %: " + Percent(interval.low) + " to " + Percent(interval.high) + ")";
}

std::string Line(const std::string& name, const std::string& value, const std::string& note) {
  return "  " + Left(name, 22) + Right(value, 12) + (note.empty() ? "" : "   " + note) + '\n';
}

std::string Count(int count) { return std::to_string(count); }

std::string ShareOrDash(double share, double of) { return of > 0 ? Percent(share) : "-"; }

std::string Headline(const ReplayResult& result, const Scores& all) {
  const int judged = all.true_pages + all.false_pages;
  std::string out;
  out += Line("precision", ShareOrDash(all.precision, judged),
              Count(all.true_pages) + " true, " + Count(all.false_pages) + " false, " +
                  Count(all.duplicate_pages) + " duplicate  " + Between(all.precision_interval));
  out += Line("recall", ShareOrDash(all.recall, all.incidents),
              Count(all.caught) + " of " + Count(all.incidents) + " incidents caught  " +
                  Between(all.recall_interval));
  out += Line("F1", all.incidents + judged > 0 ? Fixed(all.f1, 3) : "-", "");
  out += Line("time to detect", all.caught > 0 ? SpanWords(all.detect_median_seconds) : "-",
              all.caught > 0 ? "median; p90 " + SpanWords(all.detect_p90_seconds) : "");
  out += Line("pages per incident", Fixed(all.pages_per_incident, 2),
              "over those caught; " + Count(all.linked_pages) +
                  " linked pages for what grew worse");
  out += Line("false pages per week", Fixed(all.false_pages_per_week, 2), "");
  out += Line("noise reduction", Fixed(all.noise_reduction, 1),
              Grouped(result.raw_firings) + " alerts, " + Count(all.pages) + " pages");
  out += Line(
      "grouping", all.grouped_alerts > 1 ? Fixed(all.pairwise_f1, 3) : "-",
      "pairwise F1; ARI " + (all.grouped_alerts > 1 ? Fixed(all.adjusted_rand_index, 3) : "-") +
          "; " + Count(all.grouped_alerts) + " alerts, " + Count(all.mixed_pages) + " mixed pages");
  out += Line("cost", Fixed(all.cost, 1), "with the given weights");
  return out;
}

std::string KindTable(const Report& report) {
  std::string out = "\n  " + Left("kind", kNameWidthMax) + Right("incidents", 10) +
                    Right("caught", 8) + Right("recall", 9) + Right("detect", 12) +
                    Right("p90", 12) + Right("pages", 7) + '\n';
  for (const auto& [kind, scores] : report.by_kind) {
    out += "  " + Left(Printable(kind), kNameWidthMax) + Right(Count(scores.incidents), 10) +
           Right(Count(scores.caught), 8) + Right(Percent(scores.recall), 9) +
           Right(scores.caught > 0 ? SpanWords(scores.detect_median_seconds) : "-", 12) +
           Right(scores.caught > 0 ? SpanWords(scores.detect_p90_seconds) : "-", 12) +
           Right(Count(scores.pages), 7) + '\n';
  }
  return out;
}

std::string DetectorRow(const std::string& name, const Scores& scores) {
  return "  " + Left(Printable(name), kNameWidthMax) + Right(Count(scores.pages), 7) +
         Right(Count(scores.false_pages), 7) +
         Right(ShareOrDash(scores.precision, scores.true_pages + scores.false_pages), 11) +
         Right(ShareOrDash(scores.recall, scores.incidents), 9) + Right(Fixed(scores.f1, 3), 8) +
         Right(scores.caught > 0 ? SpanWords(scores.detect_median_seconds) : "-", 12) + '\n';
}

std::string DetectorTable(const Report& report) {
  std::string out = "\n  " + Left("detector alone", kNameWidthMax) + Right("pages", 7) +
                    Right("false", 7) + Right("precision", 11) + Right("recall", 9) +
                    Right("F1", 8) + Right("detect", 12) + '\n';
  for (const auto& [name, scores] : report.by_detector) out += DetectorRow(name, scores);
  return out + DetectorRow("together", report.all);
}

std::string BudgetTable(const Report& report) {
  std::string out = "\n  " + Left("page budget, a week", kNameWidthMax) + Right("recall", 9) +
                    Right("precision", 11) + Right("F1", 8) + Right("false/week", 12) +
                    Right("pages/incident", 16) + Right("detect", 12) + '\n';
  for (const BudgetScores& at : report.budgets) {
    const Scores& scores = at.scores;
    out += "  " +
           Left(ShortNumber(at.budget) + (at.configured ? " (configured)" : ""), kNameWidthMax) +
           Right(ShareOrDash(scores.recall, scores.incidents), 9) +
           Right(ShareOrDash(scores.precision, scores.true_pages + scores.false_pages), 11) +
           Right(Fixed(scores.f1, 3), 8) + Right(Fixed(scores.false_pages_per_week, 2), 12) +
           Right(scores.caught > 0 ? Fixed(scores.pages_per_incident, 2) : "-", 16) +
           Right(scores.caught > 0 ? SpanWords(scores.detect_median_seconds) : "-", 12) + '\n';
  }
  return out;
}

std::string MissedList(const Report& report) {
  std::string out;
  size_t shown = 0;
  for (const IncidentOutcome& outcome : report.incidents) {
    if (outcome.caught || ++shown > kMissedShownMax) continue;
    out +=
        "  missed  " + Left(Printable(outcome.incident.id), kNameWidthMax) + "  " +
        UtcMinute(outcome.incident.start) + " UTC, " +
        SpanWords(static_cast<double>(outcome.incident.end - outcome.incident.start) / kSecondMs) +
        '\n';
  }
  if (shown > kMissedShownMax) {
    out += "  missed  and " + std::to_string(shown - kMissedShownMax) + " more\n";
  }
  return out.empty() ? out : '\n' + out;
}

std::string LabelsList(const LabelCheck& check) {
  std::string out;
  size_t shown = 0;
  for (const LabelCheck::Stranger& stranger : check.strangers) {
    if (++shown > kMissedShownMax) continue;
    out += "  label on no signal  " + Printable(stranger.name) + "=" + Printable(stranger.value) +
           "  (incidents that name it: " + Count(stranger.incidents) + ")\n";
  }
  if (shown > kMissedShownMax) {
    out += "  label on no signal  and " + std::to_string(shown - kMissedShownMax) + " more\n";
  }
  shown = 0;
  for (const std::string& id : check.unmatchable) {
    if (++shown > kMissedShownMax) continue;
    out += "  no signal matches   " + Printable(id) + '\n';
  }
  if (shown > kMissedShownMax) {
    out += "  no signal matches   and " + std::to_string(shown - kMissedShownMax) + " more\n";
  }
  return out.empty() ? out : '\n' + out;
}

}  // namespace

std::string FormatReport(const ReplayResult& result, const Report& report) {
  const TimeMs from = EvaluatedFrom(result);
  std::string out = "Scored " + UtcMinute(from) + " to " + UtcMinute(result.last) + " UTC (" +
                    SpanWords(static_cast<double>(result.last - from) / kSecondMs) + "), " +
                    Grouped(result.series) + " series, " + Grouped(result.samples) + " samples\n\n";
  out += Headline(result, report.all);
  if (!report.by_kind.empty()) out += KindTable(report);
  if (!report.by_detector.empty()) out += DetectorTable(report);
  if (!report.budgets.empty()) out += BudgetTable(report);
  return out + ComparisonText(report) + StaticRulesText(report) + MissedList(report) +
         LabelsList(result.labels);
}

}  // namespace quell::replay
