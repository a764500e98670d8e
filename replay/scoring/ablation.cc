#include "replay/scoring/ablation.h"

#include <algorithm>
#include <set>

namespace quell::replay {
namespace {

constexpr DurationMs kGapMs = 10 * kMinuteMs;

bool NamesTheMetric(const Label& label) {
  return label.name == "alertname" || label.name == kMetricName;
}

// The pairs by which firings recognise each other; the metric's name where there is nothing else.
std::vector<Label> Telling(const Labels& labels) {
  std::vector<Label> telling;
  for (const Label& label : labels) {
    if (!NamesTheMetric(label)) telling.push_back(label);
  }
  if (telling.empty()) telling.assign(labels.begin(), labels.end());
  return telling;
}

struct Forming {
  size_t page = 0;        // index into pages
  TimeMs latest = 0;      // start of its latest firing
  std::set<Label> pairs;  // of all its firings
};

std::vector<ReplayAlert> FiringsOf(const ReplayResult& result, detectors::DetectorId detector) {
  std::vector<ReplayAlert> alerts;
  for (const DetectorFiring& firing : result.detector_firings) {
    if (firing.detector != detector) continue;
    ReplayAlert alert;
    alert.labels = firing.labels;
    alert.start = firing.start;
    alert.end = firing.end;
    alerts.push_back(std::move(alert));
  }
  std::sort(alerts.begin(), alerts.end(), [](const ReplayAlert& a, const ReplayAlert& b) {
    return a.start != b.start ? a.start < b.start : a.labels < b.labels;
  });
  for (size_t i = 0; i < alerts.size(); ++i) alerts[i].id = i + 1;
  return alerts;
}

}  // namespace

ReplayResult DetectorAlone(const ReplayResult& result, detectors::DetectorId detector) {
  ReplayResult alone;
  alone.first = result.first;
  alone.last = result.last;
  alone.evaluate_from = result.evaluate_from;
  alone.alerts = FiringsOf(result, detector);
  std::vector<Forming> forming;
  for (const ReplayAlert& alert : alone.alerts) {
    if (alert.start >= result.evaluate_from) ++alone.raw_firings;
    std::erase_if(forming, [&](const Forming& page) { return alert.start - page.latest > kGapMs; });
    const std::vector<Label> telling = Telling(alert.labels);
    auto home = std::find_if(forming.begin(), forming.end(), [&](const Forming& page) {
      return std::any_of(telling.begin(), telling.end(),
                         [&](const Label& label) { return page.pairs.contains(label); });
    });
    if (home == forming.end()) {
      ReplayPage page;
      page.id = std::to_string(alone.pages.size() + 1);
      page.start = alert.start;
      alone.pages.push_back(std::move(page));
      forming.push_back({.page = alone.pages.size() - 1, .latest = 0, .pairs = {}});
      home = forming.end() - 1;
    }
    home->latest = alert.start;
    home->pairs.insert(telling.begin(), telling.end());
    alone.pages[home->page].members.push_back(alert);
  }
  return alone;
}

}  // namespace quell::replay
