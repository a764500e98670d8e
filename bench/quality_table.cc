#include "bench/quality_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>
#include <string_view>

#include "replay/scoring/statistics.h"

namespace quell::bench {
namespace {

using replay::StrictOutcome;
using replay::StrictScores;

bool IsOutage(const std::string& kind) {
  static const std::set<std::string_view> kOutages = {
      "psp_outage", "region_outage", "method_outage", "low_volume_lane_outage", "traffic_to_zero"};
  return kOutages.contains(kind);
}

template <typename... Args>
std::string Text(const char* format, Args... args) {
  std::array<char, 400> line{};
  std::snprintf(line.data(), line.size(), format, args...);
  return line.data();
}

// Seconds until incidents were seen, of those that were; and how many there were.
struct Delays {
  std::vector<double> seconds;
  int of = 0;
  [[nodiscard]] double Median() const { return replay::InterpolatedQuantile(seconds, 0.5); }
  [[nodiscard]] double P90() const { return replay::InterpolatedQuantile(seconds, 0.9); }
};

template <typename Wanted>
Delays DelaysOf(const StrictScores& scores, const Wanted& wanted) {
  Delays delays;
  for (const StrictOutcome& one : scores.incidents) {
    if (!wanted(one.incident.kind)) continue;
    ++delays.of;
    if (one.caught) delays.seconds.push_back(one.seconds);
  }
  return delays;
}

template <typename Wanted>
Delays BoundOf(const QualitySet& set, const Wanted& wanted) {
  Delays delays;
  for (size_t i = 0; i < set.bound.size(); ++i) {
    const auto& incident = set.quell.incidents[i].incident;
    if (!wanted(incident.kind)) continue;
    ++delays.of;
    if (!set.bound[i].seen) continue;
    delays.seconds.push_back(static_cast<double>(set.bound[i].at - incident.start) / kSecondMs);
  }
  return delays;
}

bool Any(const std::string&) { return true; }

std::string Seconds(double median, const Delays& delays) {
  return delays.seconds.empty() ? "-" : Text("%.0f s", median);
}

std::string Row(const std::string& set, const char* who, const StrictScores& scores) {
  const Delays all = DelaysOf(scores, Any);
  const Delays outages = DelaysOf(scores, IsOutage);
  return Text("| %s | %s | %.2f | %d of %zu | %.0f %% | %.2f | %.0f %% | %.1f | %s, %s |",
              set.c_str(), who, scores.F1(), scores.Caught(), scores.incidents.size(),
              100 * scores.Precision(), scores.PagesPerIncident(), 100 * scores.OnePageShare(),
              scores.FalsePerWeek(), Seconds(all.Median(), all).c_str(),
              Seconds(all.P90(), all).c_str()) +
         Text(" %zu of %d | %s |\n", outages.seconds.size(), outages.of,
              Seconds(outages.Median(), outages).c_str());
}

std::string BoundRow(const QualitySet& set) {
  const Delays all = BoundOf(set, Any);
  const Delays outages = BoundOf(set, IsOutage);
  return Text("| %s | clairvoyant | | %zu of %d | | | | | %s, %s | %zu of %d | %s |\n",
              set.name.c_str(), all.seconds.size(), all.of, Seconds(all.Median(), all).c_str(),
              Seconds(all.P90(), all).c_str(), outages.seconds.size(), outages.of,
              Seconds(outages.Median(), outages).c_str());
}

// The limit of the z-score with the best F1 in hindsight.
size_t BestLimit(const QualitySet& set) {
  size_t best = 0;
  for (size_t i = 1; i < kZLimits.size(); ++i) {
    if (set.robust_z[i].F1() > set.robust_z[best].F1()) best = i;
  }
  return best;
}

std::string Rows(const QualitySet& set) {
  const size_t best = BestLimit(set);
  return Row(set.name, "Quell", set.quell) + Row(set.name, "static rules", set.rules) +
         Row(set.name, "robust z above 4", set.robust_z[0]) +
         Row(set.name, Text("robust z, best: %.0f", kZLimits[best]).c_str(), set.robust_z[best]) +
         BoundRow(set);
}

// Of the incidents that both saw, Quell's median over the clairvoyant's.
double RatioToBound(const QualitySet& set) {
  std::vector<double> quell;
  std::vector<double> bound;
  for (size_t i = 0; i < set.bound.size(); ++i) {
    const StrictOutcome& one = set.quell.incidents[i];
    if (!one.caught || !set.bound[i].seen) continue;
    quell.push_back(one.seconds);
    bound.push_back(static_cast<double>(set.bound[i].at - one.incident.start) / kSecondMs);
  }
  const double least = replay::InterpolatedQuantile(bound, 0.5);
  return least > 0 ? replay::InterpolatedQuantile(quell, 0.5) / least : 0;
}

std::string Target(const std::string& set, const char* what, const std::string& value, bool met) {
  return "- " + set + ": " + what + " " + value + (met ? ", met\n" : ", NOT met\n");
}

}  // namespace

std::string FormatSets(std::span<const QualitySet> sets, const QualitySet& all) {
  std::string out =
      "| set | judge | F1 | caught | precision | pages per incident | one unmixed page | false "
      "pages "
      "a week | median, p90 to detect | outages caught | their median |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|\n";
  for (const QualitySet& set : sets) out += Rows(set);
  return sets.size() > 1 ? out + Rows(all) : out;
}

std::string FormatKinds(const QualitySet& all) {
  const size_t best = BestLimit(all);
  std::set<std::string> kinds;
  for (const StrictOutcome& one : all.quell.incidents) kinds.insert(one.incident.kind);
  std::string out =
      "| kind | Quell caught | one unmixed page | Quell's median | static rules | robust z, best | "
      "clairvoyant |\n|---|---|---|---|---|---|---|\n";
  for (const std::string& kind : kinds) {
    const auto of_kind = [&](const std::string& other) { return other == kind; };
    const Delays quell = DelaysOf(all.quell, of_kind);
    const auto one = std::count_if(
        all.quell.incidents.begin(), all.quell.incidents.end(),
        [&](const StrictOutcome& each) { return each.one_page && each.incident.kind == kind; });
    const auto cell = [](const Delays& delays) {
      return Text("%zu, %s", delays.seconds.size(), Seconds(delays.Median(), delays).c_str());
    };
    out += Text("| %s | %zu of %d | %d | %s | %s | %s | %s |\n", kind.c_str(), quell.seconds.size(),
                quell.of, static_cast<int>(one), Seconds(quell.Median(), quell).c_str(),
                cell(DelaysOf(all.rules, of_kind)).c_str(),
                cell(DelaysOf(all.robust_z[best], of_kind)).c_str(),
                cell(BoundOf(all, of_kind)).c_str());
  }
  return out;
}

std::string FormatTargets(std::span<const QualitySet> sets, const QualitySet& all) {
  std::string out;
  const auto judge = [&](const QualitySet& set) {
    const Delays outages = DelaysOf(set.quell, IsOutage);
    const double ratio = RatioToBound(set);
    out +=
        Target(set.name, "F1 at least 0.95:", Text("%.3f", set.quell.F1()), set.quell.F1() >= 0.95);
    out += Target(set.name, "at most 1 false page a week:", Text("%.2f", set.quell.FalsePerWeek()),
                  set.quell.FalsePerWeek() <= 1);
    out += Target(set.name,
                  "one unmixed page for 95 %:", Text("%.1f %%", 100 * set.quell.OnePageShare()),
                  set.quell.OnePageShare() >= 0.95);
    const int missed = outages.of - static_cast<int>(outages.seconds.size());
    out += Target(set.name, "no outage missed:", Text("%d", missed), missed == 0);
    out += Target(set.name, "outages within 120 s at the median:", Text("%.0f s", outages.Median()),
                  outages.Median() <= 120);
    out +=
        Target(set.name, "within twice the bound:", Text("%.2f", ratio), ratio > 0 && ratio <= 2);
  };
  for (const QualitySet& set : sets) judge(set);
  if (sets.size() > 1) judge(all);
  return out;
}

}  // namespace quell::bench
