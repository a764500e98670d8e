// Scoring walks the pages in the order in which they were sent. The first that is about an
// incident catches it; one that is only about incidents caught already is a duplicate; one that
// is about none is false. Everything else is counted from that.
#include "replay/scoring/scoring.h"

#include <algorithm>
#include <set>

#include "replay/scoring/ablation.h"
#include "replay/scoring/statistics.h"

namespace quell::replay {
namespace {

using Incidents = std::vector<LabelledIncident>;

bool InWindow(TimeMs at, const LabelledIncident& incident, const ScoringOptions& options) {
  return at >= incident.start - options.start_slack_ms && at <= incident.end + options.end_slack_ms;
}

bool IsAbout(const ReplayPage& page, const LabelledIncident& incident,
             const ScoringOptions& options) {
  return InWindow(page.start, incident, options) &&
         std::any_of(page.members.begin(), page.members.end(), [&](const ReplayAlert& member) {
           return MatchesIncident(member.labels, incident);
         });
}

double Ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

std::string KindOf(const LabelledIncident& incident) {
  return incident.kind.empty() ? "unlabelled" : incident.kind;
}

// What Score finds out before it adds up.
struct Judged {
  std::vector<IncidentOutcome> incidents;      // by start, then id
  std::vector<PageOutcome> pages;              // by start, then id
  std::vector<std::vector<size_t>> page_hits;  // for each page, indices into incidents
  // Alerts that are about exactly one incident, with the page that they ended in.
  std::vector<std::int64_t> item_truth, item_cluster;
};

void JudgePages(const ReplayResult& result, const ScoringOptions& options, Judged& judged) {
  std::vector<const ReplayPage*> pages;
  for (const ReplayPage& page : result.pages) {
    if (page.start >= result.evaluate_from) pages.push_back(&page);
  }
  std::sort(pages.begin(), pages.end(), [](const ReplayPage* a, const ReplayPage* b) {
    return a->start != b->start ? a->start < b->start : a->id < b->id;
  });
  for (const ReplayPage* page : pages) {
    PageOutcome outcome;
    outcome.page_id = page->id;
    outcome.start = page->start;
    outcome.summary = page->summary;
    outcome.linked = static_cast<int>(page->linked.size());
    std::vector<size_t> hits;
    for (size_t i = 0; i < judged.incidents.size(); ++i) {
      IncidentOutcome& candidate = judged.incidents[i];
      if (!IsAbout(*page, candidate.incident, options)) continue;
      if (!candidate.caught) {
        if (outcome.verdict != PageVerdict::kTrue) outcome.incident_id = candidate.incident.id;
        outcome.verdict = PageVerdict::kTrue;
        candidate.caught = true;
        candidate.first_page = page->start;
      } else if (hits.empty()) {
        outcome.verdict = PageVerdict::kDuplicate;
        outcome.incident_id = candidate.incident.id;
      }
      candidate.page_ids.push_back(page->id);
      hits.push_back(i);
    }
    judged.pages.push_back(std::move(outcome));
    judged.page_hits.push_back(std::move(hits));
  }
}

void JudgeGrouping(const ReplayResult& result, const ScoringOptions& options, Judged& judged) {
  std::map<std::uint64_t, std::int64_t> page_of;  // alert id to the first page that lists it
  for (size_t p = 0; p < result.pages.size(); ++p) {
    for (const ReplayAlert& member : result.pages[p].members) {
      page_of.emplace(member.id, static_cast<std::int64_t>(p));
    }
  }
  std::int64_t singleton = -1;
  for (const ReplayAlert& alert : result.alerts) {
    if (alert.start < result.evaluate_from) continue;
    int matches = 0;
    size_t match = 0;
    for (size_t i = 0; i < judged.incidents.size() && matches < 2; ++i) {
      const LabelledIncident& incident = judged.incidents[i].incident;
      if (InWindow(alert.start, incident, options) && MatchesIncident(alert.labels, incident)) {
        ++matches;
        match = i;
      }
    }
    if (matches != 1) continue;
    const auto page = page_of.find(alert.id);
    judged.item_truth.push_back(static_cast<std::int64_t>(match));
    judged.item_cluster.push_back(page == page_of.end() ? singleton-- : page->second);
  }
}

// Adds up the incidents and pages for which `counts` (by incident index) holds; false pages, which
// are about no incident, are added where `with_false` says so.
template <typename Counts>
Scores AddUp(const Judged& judged, const ScoringOptions& options, const Counts& counts,
             bool with_false) {
  Scores scores;
  std::vector<double> delays;
  double pages_on_caught = 0;
  for (size_t i = 0; i < judged.incidents.size(); ++i) {
    if (!counts(i)) continue;
    const IncidentOutcome& outcome = judged.incidents[i];
    ++scores.incidents;
    if (!outcome.caught) continue;
    ++scores.caught;
    pages_on_caught += static_cast<double>(outcome.page_ids.size());
    delays.push_back(
        static_cast<double>(std::max<TimeMs>(0, outcome.first_page - outcome.incident.start)) /
        kSecondMs);
  }
  scores.missed = scores.incidents - scores.caught;
  for (size_t p = 0; p < judged.pages.size(); ++p) {
    const std::vector<size_t>& hits = judged.page_hits[p];
    const bool ours = hits.empty() ? with_false : std::any_of(hits.begin(), hits.end(), counts);
    if (!ours) continue;
    ++scores.pages;
    scores.linked_pages += judged.pages[p].linked;
    const PageVerdict verdict = judged.pages[p].verdict;
    if (verdict == PageVerdict::kTrue) ++scores.true_pages;
    if (verdict == PageVerdict::kDuplicate) ++scores.duplicate_pages;
    if (verdict == PageVerdict::kFalse) ++scores.false_pages;
    if (hits.size() >= 2) ++scores.mixed_pages;
  }
  const double judged_pages = scores.true_pages + scores.false_pages;
  scores.precision = Ratio(scores.true_pages, judged_pages);
  scores.recall = Ratio(scores.caught, scores.incidents);
  scores.f1 = Ratio(2 * scores.precision * scores.recall, scores.precision + scores.recall);
  scores.precision_interval = Wilson95(scores.true_pages, judged_pages);
  scores.recall_interval = Wilson95(scores.caught, scores.incidents);
  scores.detect_median_seconds = InterpolatedQuantile(delays, 0.5);
  scores.detect_p90_seconds = InterpolatedQuantile(delays, 0.9);
  scores.pages_per_incident = Ratio(pages_on_caught, scores.caught);
  double late_seconds = 0;
  for (const double delay : delays) late_seconds += delay;
  scores.cost = options.cost_missed * scores.missed + options.cost_false_page * scores.false_pages +
                options.cost_duplicate * scores.duplicate_pages +
                options.cost_minute_late * late_seconds / 60;
  std::vector<std::int64_t> truth;
  std::vector<std::int64_t> clusters;
  for (size_t i = 0; i < judged.item_truth.size(); ++i) {
    if (!counts(static_cast<size_t>(judged.item_truth[i]))) continue;
    truth.push_back(judged.item_truth[i]);
    clusters.push_back(judged.item_cluster[i]);
  }
  const GroupingAgreement agreement = CompareGroupings(truth, clusters);
  scores.grouped_alerts = static_cast<int>(truth.size());
  scores.pairwise_f1 = agreement.pairwise_f1;
  scores.adjusted_rand_index = agreement.adjusted_rand_index;
  return scores;
}

Scores AddUpAll(const ReplayResult& result, const Judged& judged, const ScoringOptions& options) {
  Scores scores = AddUp(
      judged, options, [](size_t) { return true; }, true);
  const TimeMs span = result.last - std::max(result.first, result.evaluate_from);
  scores.false_pages_per_week =
      Ratio(scores.false_pages, static_cast<double>(span) / static_cast<double>(kWeekMs));
  scores.noise_reduction = Ratio(static_cast<double>(result.raw_firings), scores.pages);
  return scores;
}

Judged Judge(const ReplayResult& result, const Incidents& incidents,
             const ScoringOptions& options) {
  Judged judged;
  for (const LabelledIncident& incident : incidents) {
    if (incident.end < result.evaluate_from) continue;
    IncidentOutcome outcome;
    outcome.incident = incident;
    judged.incidents.push_back(std::move(outcome));
  }
  std::sort(judged.incidents.begin(), judged.incidents.end(),
            [](const IncidentOutcome& a, const IncidentOutcome& b) {
              return a.incident.start != b.incident.start ? a.incident.start < b.incident.start
                                                          : a.incident.id < b.incident.id;
            });
  JudgePages(result, options, judged);
  JudgeGrouping(result, options, judged);
  return judged;
}

std::vector<BudgetScores> ScoreBudgets(const ReplayResult& result, const Incidents& incidents,
                                       const ScoringOptions& options) {
  std::vector<BudgetScores> out;
  for (const BudgetPages& at : result.budgets) {
    ReplayResult other;
    other.first = result.first;
    other.last = result.last;
    other.evaluate_from = result.evaluate_from;
    other.raw_firings = at.raw_firings;
    other.pages = at.pages;
    other.alerts = at.alerts;
    Judged judged = Judge(other, incidents, options);
    const Scores scores = AddUpAll(other, judged, options);
    out.push_back({at.budget, at.budget == result.budget, scores, std::move(judged.incidents),
                   std::move(judged.pages)});
  }
  return out;
}

}  // namespace

bool MatchesIncident(const Labels& labels, const LabelledIncident& incident) {
  if (incident.affected.empty()) return true;
  return std::any_of(incident.affected.begin(), incident.affected.end(), [&](const Labels& match) {
    if (match.empty()) return true;
    bool shares = false;
    for (const Label& wanted : match) {
      const std::string_view seen = labels.Get(wanted.name);
      if (seen.empty()) continue;
      if (seen != wanted.value) return false;
      shares = true;
    }
    return shares;
  });
}

Report Score(const ReplayResult& result, const std::vector<LabelledIncident>& incidents,
             const ScoringOptions& options) {
  Judged judged = Judge(result, incidents, options);
  Report report;
  report.all = AddUpAll(result, judged, options);
  std::set<std::string> kinds;
  for (const IncidentOutcome& outcome : judged.incidents) kinds.insert(KindOf(outcome.incident));
  for (const std::string& kind : kinds) {
    const auto counts = [&](size_t i) { return KindOf(judged.incidents[i].incident) == kind; };
    report.by_kind[kind] = AddUp(judged, options, counts, false);
  }
  if (!result.detector_firings.empty()) {
    for (size_t i = 0; i < detectors::kDetectors; ++i) {
      const auto detector = static_cast<detectors::DetectorId>(i);
      const ReplayResult alone = DetectorAlone(result, detector);
      report.by_detector[std::string(detectors::DetectorName(detector))] =
          AddUpAll(alone, Judge(alone, incidents, options), options);
    }
  }
  report.budgets = ScoreBudgets(result, incidents, options);
  report.incidents = std::move(judged.incidents);
  report.pages = std::move(judged.pages);
  return report;
}

}  // namespace quell::replay
