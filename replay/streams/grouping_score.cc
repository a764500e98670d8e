#include "replay/streams/grouping_score.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace quell::streams {
namespace {

double PairsOf(double n) { return n * (n - 1) / 2; }

struct Counts {
  std::map<std::pair<std::string, std::int64_t>, double> both;
  std::map<std::string, double> by_incident;
  std::map<std::int64_t, double> by_group;
  double alone = 0;  // units that belong to nothing
};

Counts CountUnits(const AlertStream& stream, const Grouping& grouping) {
  std::set<std::tuple<std::string, std::int64_t, Labels>> units;
  for (size_t i = 0; i < stream.alerts.size(); ++i) {
    if (stream.alerts[i].starts_at < stream.scored_from) continue;
    units.emplace(stream.alerts[i].incident, grouping.group[i], stream.alerts[i].labels);
  }
  Counts out;
  for (const auto& [incident, group, labels] : units) {
    out.by_group[group] += 1;
    if (incident.empty()) {
      out.alone += 1;
      continue;
    }
    out.both[{incident, group}] += 1;
    out.by_incident[incident] += 1;
  }
  return out;
}

void ScorePairs(const Counts& counts, GroupingScore& out) {
  out.units = counts.alone;
  for (const auto& [key, n] : counts.both) {
    const auto& [incident, group] = key;
    out.right += PairsOf(n);
    out.bcubed_precision += n * n / counts.by_group.at(group);
    out.bcubed_recall += n * n / counts.by_incident.at(incident);
    out.bcubed_units += n;
    out.units += n;
  }
  for (const auto& [group, n] : counts.by_group) out.grouped += PairsOf(n);
  for (const auto& [incident, n] : counts.by_incident) out.belong += PairsOf(n);
  if (out.units >= 2) out.chance = out.grouped * out.belong / PairsOf(out.units);
}

struct Told {
  TimeMs first = 0;  // its first alert
  TimeMs heard = 0;  // the first page that spoke of it; 0 = none
  std::set<std::int64_t> pages;
  bool opened = false;  // one of them began with it
};

void ScorePages(const AlertStream& stream, const Grouping& grouping, GroupingScore& out) {
  std::map<std::string, Told> told;
  std::map<std::int64_t, std::set<std::string>> about;  // by paged group
  std::map<std::int64_t, TimeMs> opened_at;             // when a page's first alert was heard of
  for (size_t i = 0; i < stream.alerts.size(); ++i) {
    if (grouping.heard[i] == 0) continue;
    const auto [at, added] = opened_at.emplace(grouping.page[i], grouping.heard[i]);
    if (!added) at->second = std::min(at->second, grouping.heard[i]);
  }
  for (size_t i = 0; i < stream.alerts.size(); ++i) {
    const StreamAlert& alert = stream.alerts[i];
    const TimeMs heard = grouping.heard[i];
    const std::int64_t group = grouping.page[i];
    if (alert.starts_at < stream.scored_from) continue;
    if (heard != 0) {
      auto& incidents = about[group];
      if (!alert.incident.empty()) incidents.insert(alert.incident);
    }
    if (alert.incident.empty()) continue;
    Told& of = told[alert.incident];
    if (of.first == 0) of.first = alert.starts_at;
    if (heard == 0) continue;
    if (of.heard == 0 || heard < of.heard) of.heard = heard;
    of.pages.insert(group);
    of.opened = of.opened || heard == opened_at[group];
  }
  for (const auto& [incident, of] : told) {
    ++out.incidents;
    if (of.heard == 0) {
      ++out.missed;
      continue;
    }
    if (!of.opened) ++out.hidden;
    out.incident_pages += static_cast<int>(of.pages.size());
    out.delays.push_back(static_cast<double>(std::max<DurationMs>(0, of.heard - of.first)) /
                         kSecondMs);
  }
  for (const auto& [group, incidents] : about) {
    ++(incidents.empty() ? out.others : out.pages);
    if (incidents.size() >= 2) ++out.mixed;
  }
}

}  // namespace

double GroupingScore::AdjustedRand() const {
  const double best = (grouped + belong) / 2;
  return best - chance == 0 ? 1 : (right - chance) / (best - chance);
}

double GroupingScore::BcubedF1() const {
  if (bcubed_units == 0) return 1;
  return 2 * bcubed_precision * bcubed_recall / (bcubed_precision + bcubed_recall) / bcubed_units;
}

GroupingScore ScoreGrouping(const AlertStream& stream, const Grouping& grouping) {
  GroupingScore out;
  ScorePairs(CountUnits(stream, grouping), out);
  ScorePages(stream, grouping, out);
  return out;
}

void Join(const GroupingScore& one, GroupingScore& all) {
  all.right += one.right;
  all.grouped += one.grouped;
  all.belong += one.belong;
  all.units += one.units;
  all.chance += one.chance;
  all.bcubed_precision += one.bcubed_precision;
  all.bcubed_recall += one.bcubed_recall;
  all.bcubed_units += one.bcubed_units;
  all.incidents += one.incidents;
  all.missed += one.missed;
  all.hidden += one.hidden;
  all.mixed += one.mixed;
  all.pages += one.pages;
  all.others += one.others;
  all.incident_pages += one.incident_pages;
  all.delays.insert(all.delays.end(), one.delays.begin(), one.delays.end());
}

}  // namespace quell::streams
