#include "replay/scoring/html_budgets.h"

#include <algorithm>
#include <vector>

#include "replay/scoring/html_axis.h"
#include "replay/scoring/html_cells.h"
#include "replay/scoring/html_text.h"
#include "replay/scoring/words.h"

namespace quell::replay {
namespace {

constexpr double kWidth = 300, kHeight = 272;
constexpr double kLeft = 52, kRight = 272, kTop = 22, kBottom = 224;

int Judged(const Scores& scores) { return scores.true_pages + scores.false_pages; }

// Budgets that ended at the same point share it.
struct Spot {
  double recall = 0, precision = 0;
  bool configured = false;
  std::string words;
};

std::vector<Spot> Spots(const Report& report) {
  std::vector<Spot> spots;
  for (const BudgetScores& at : report.budgets) {
    const Scores& scores = at.scores;
    if (scores.incidents == 0 || Judged(scores) == 0) continue;
    const auto same = std::find_if(spots.begin(), spots.end(), [&](const Spot& spot) {
      return spot.recall == scores.recall && spot.precision == scores.precision;
    });
    if (same == spots.end()) {
      spots.push_back({scores.recall, scores.precision, at.configured, ShortNumber(at.budget)});
    } else {
      same->configured = same->configured || at.configured;
      same->words += ", " + ShortNumber(at.budget);
    }
  }
  return spots;
}

// The curve's corner where everything is: from a round tenth below the lowest value up to 1.
Scale ShareScale(double lowest, double pixel_from, double pixel_to) {
  const double from = std::max(0.0, static_cast<double>(static_cast<int>(lowest * 10 - 0.5)) / 10);
  return {.from = std::min(from, 0.8), .to = 1, .pixel_from = pixel_from, .pixel_to = pixel_to};
}

std::string Axes(const Scale& recall, const Scale& precision) {
  std::string out;
  for (const double tick : NiceTicks(precision.from, 1, 5)) {
    const double y = precision.At(tick);
    out += "<path class=\"grid\" d=\"M" + Pixel(kLeft) + ',' + Pixel(y) + 'H' + Pixel(kRight) +
           "\"/><text class=\"tick end\" x=\"" + Pixel(kLeft - 6) + "\" y=\"" + Pixel(y + 4) +
           "\">" + Percent(tick) + "</text>";
  }
  for (const double tick : NiceTicks(recall.from, 1, 5)) {
    const double x = recall.At(tick);
    out += "<path class=\"grid\" d=\"M" + Pixel(x) + ',' + Pixel(kTop) + 'V' + Pixel(kBottom) +
           "\"/><text class=\"tick mid\" x=\"" + Pixel(x) + "\" y=\"" + Pixel(kBottom + 18) +
           "\">" + Percent(tick) + "</text>";
  }
  return out +
         "<text class=\"tick\" x=\"2\" y=\"12\">precision</text><text class=\"tick end\" x=\"" +
         Pixel(kRight) + "\" y=\"" + Pixel(kBottom + 36) + "\">recall</text>";
}

}  // namespace

std::string BudgetCurve(const Report& report) {
  const std::vector<Spot> spots = Spots(report);
  if (report.budgets.size() < 2 || spots.empty()) return "";
  double least_recall = 1;
  double least_precision = 1;
  for (const Spot& spot : spots) {
    least_recall = std::min(least_recall, spot.recall);
    least_precision = std::min(least_precision, spot.precision);
  }
  const Scale recall = ShareScale(least_recall, kLeft, kRight);
  const Scale precision = ShareScale(least_precision, kBottom, kTop);
  std::string out = "<svg viewBox=\"0 0 " + Pixel(kWidth) + ' ' + Pixel(kHeight) +
                    "\" role=\"img\" aria-label=\"Precision against recall, by page budget\">" +
                    Axes(recall, precision);
  std::string path;
  std::string dots;
  for (const Spot& spot : spots) {
    const double x = recall.At(spot.recall);
    const double y = precision.At(spot.precision);
    path += (path.empty() ? 'M' : 'L') + Pixel(x) + ',' + Pixel(y);
    const bool left = x > (kLeft + kRight) / 2;
    dots += std::string("<circle class=\"at") + (spot.configured ? " set" : "") + "\" cx=\"" +
            Pixel(x) + "\" cy=\"" + Pixel(y) + "\" r=\"" + (spot.configured ? "5" : "4") +
            "\"/><text class=\"" + (spot.configured ? "set-word" : "num") + (left ? " end" : "") +
            "\" x=\"" + Pixel(left ? x - 8 : x + 8) + "\" y=\"" + Pixel(y + 4) + "\">" +
            EscapeHtml(spot.words) + "</text>";
  }
  return out + "<path class=\"curve\" d=\"" + path + "\"/>" + dots + "</svg>";
}

std::string BudgetSection(const Report& report) {
  if (report.budgets.empty()) return "";
  std::string out =
      "<section id=\"budgets\"><h2>By page budget</h2><p class=\"soft\">The same history replayed "
      "at other settings of <code>false_pages_per_week</code>; the rest of this report is about "
      "the shaded row.</p><div class=\"budgets\">" +
      TableHead({{"budget", "false pages a week that were asked for"},
                 {"recall", "share of incidents that was paged"},
                 {"precision", "true of true and false pages"},
                 {"F1", "harmonic mean of both"},
                 {"false a week", "false pages a week that came"},
                 {"pages each", "pages per caught incident"},
                 {"median", "time to detect"}});
  for (const BudgetScores& at : report.budgets) {
    const Scores& scores = at.scores;
    out +=
        std::string("<tr") + (at.configured ? " class=\"whole\"" : "") + "><th data-v=\"" +
        Fixed(at.budget, 6) + "\">" + EscapeHtml(ShortNumber(at.budget)) + " a week</th>" +
        ShareCell(scores.recall, scores.incidents) + ShareCell(scores.precision, Judged(scores)) +
        NumberCell(scores.incidents + Judged(scores) > 0 ? Fixed(scores.f1, 2) : kDash, scores.f1) +
        NumberCell(Fixed(scores.false_pages_per_week, 2), scores.false_pages_per_week) +
        NumberCell(scores.caught > 0 ? Fixed(scores.pages_per_incident, 2) : kDash,
                   scores.pages_per_incident) +
        NumberCell(SpanOrDash(scores.detect_median_seconds, scores.caught),
                   scores.detect_median_seconds) +
        "</tr>";
  }
  out += "</tbody></table></div>";
  const std::string curve = BudgetCurve(report);
  if (!curve.empty()) {
    out += "<figure>" + curve +
           "<figcaption class=\"soft\">Precision against recall; the numbers are budgets."
           "</figcaption></figure>";
  }
  return out + "</div></section>\n";
}

}  // namespace quell::replay
