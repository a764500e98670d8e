#include "engine/incidents/origins.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "engine/incidents/describe.h"
#include "engine/incidents/label_combinations.h"
#include "engine/incidents/part_labels.h"
#include "engine/incidents/wording.h"

namespace quell::incidents {
namespace {

constexpr size_t kHypothesesMax = 96;
constexpr double kLanesIndependent = 6;
constexpr double kShown = 0.05;
constexpr DurationMs kChangeBeforeMs = 30 * kMinuteMs;
constexpr DurationMs kClockSlackMs = 2 * kMinuteMs;  // a change may be told a little late

// Log-likelihoods of a lane.
const double kInsideAlerts = std::log(0.8);
const double kInsideQuiet = std::log(0.25);  // few requests, or not noticed yet
const double kLacksAlerts = std::log(0.3);
const double kDependsAlerts = std::log(0.5);
const double kOutsideAlerts = std::log(0.03);
const double kByItself = std::log(0.15);  // each for a reason of its own
constexpr double kWeakInside = 1.0;       // covered, and deviates hardly
constexpr double kOutsideMin = 0.4;       // of kOutsideAlerts, where it deviates hardly

constexpr double kFirst = 1.0;
constexpr double kPair = 0.3;
constexpr double kCopy = 0.1;  // where a copy and what it is a copy of say the same, the latter
constexpr double kChange = 2.0;
constexpr double kChangeOdds = -0.7;  // changes are frequent
constexpr DurationMs kChangeScaleMs = 15 * kMinuteMs;

struct AlertingLane {
  LaneId lane = 0;
  FamilyId family = 0;
  double effect = 0;  // against the largest of its kind
  TimeMs onset = 0;
  std::string node;
};

struct Hypothesis {
  Pairs pairs;
  const Change* change = nullptr;
  double log_odds = 0;
  double mass = 0;
  size_t inside = 0;     // lanes that alert
  size_t of = 0;         // lanes there are
  size_t explained = 0;  // inside, lacking a label, or depending
  size_t depending = 0;
  bool first = false;
  bool strongest = false;
};

enum class Relation { kInside, kLacks, kDepends, kOutside };

class Ranking {
 public:
  Ranking(const Incident& incident, const ScopeIndex& index, const Topology& topology)
      : incident_(incident), index_(index), topology_(topology) {
    TakeLanes();
  }

  std::vector<Origin> Rank() {
    std::vector<Hypothesis> all = Hypotheses();
    for (Hypothesis& one : all) Judge(one);
    DropEqual(all);
    SetMasses(all);
    std::stable_sort(all.begin(), all.end(),
                     [](const Hypothesis& a, const Hypothesis& b) { return a.mass > b.mass; });
    std::vector<Origin> out;
    std::vector<bool> told(all.size(), false);
    for (size_t i = 0; i < all.size() && out.size() < kOriginsMax; ++i) {
      if (told[i]) continue;
      double confidence = 0;
      for (size_t j = i; j < all.size(); ++j) {
        if (told[j] || (j != i && !Narrower(all[j], all[i]))) continue;
        confidence += all[j].mass;
        told[j] = true;
      }
      if (confidence >= kShown) out.push_back(ToOrigin(all[i], confidence));
    }
    return out;
  }

 private:
  void TakeLanes() {
    std::map<std::pair<detectors::SignalKind, bool>, double> largest;
    for (const Member& member : incident_.members) {
      double& most = largest[{member.alert.kind, member.alert.sign > 0}];
      most = std::max(most, EffectOf(member.alert));
    }
    std::map<LaneId, AlertingLane> lanes;
    for (const Member& member : incident_.members) {
      const Alert& alert = member.alert;
      const LaneId id = index_.LaneOf(alert.labels);
      const auto [at, added] = lanes.try_emplace(id);
      AlertingLane& lane = at->second;
      if (added) {
        lane = {id, index_.FamilyOf(id), 0, alert.onset, topology_.NodeOf(alert.labels)};
      }
      const double most = largest[{alert.kind, alert.sign > 0}];
      lane.effect = std::max(lane.effect, most > 0 ? EffectOf(alert) / most : 1);
      lane.onset = std::min(lane.onset, alert.onset);
      first_until_ = std::max(first_until_, incident_.onset + alert.interval_ms);
    }
    for (auto& [id, lane] : lanes) {
      families_.push_back(lane.family);
      lanes_.push_back(std::move(lane));
    }
    std::sort(families_.begin(), families_.end());
    families_.erase(std::unique(families_.begin(), families_.end()), families_.end());
    firsts_ = static_cast<size_t>(std::count_if(lanes_.begin(), lanes_.end(),
                                                [&](const AlertingLane& l) { return IsFirst(l); }));
  }

  [[nodiscard]] bool IsFirst(const AlertingLane& lane) const { return lane.onset <= first_until_; }

  // What most lanes carry, and all that the first and the strongest do.
  std::vector<Hypothesis> Hypotheses() const {
    std::vector<LaneId> ids;
    for (const AlertingLane& lane : lanes_) ids.push_back(lane.lane);
    const auto first = std::min_element(
        lanes_.begin(), lanes_.end(), [](const AlertingLane& a, const AlertingLane& b) {
          return std::tuple(a.onset, -a.effect, a.lane) < std::tuple(b.onset, -b.effect, b.lane);
        });
    const auto strongest = std::min_element(
        lanes_.begin(), lanes_.end(), [](const AlertingLane& a, const AlertingLane& b) {
          return std::tuple(-a.effect, a.onset, a.lane) < std::tuple(-b.effect, b.onset, b.lane);
        });
    std::vector<Hypothesis> out;
    const std::vector<Tally> tallies = TallyCombinations(ids, index_);
    for (const bool most : {true, false}) {
      for (size_t i = 0; i < tallies.size() && out.size() < kHypothesesMax; ++i) {
        const Pairs& pairs = tallies[i].pairs;
        const bool common = i < kHypothesesMax / 2;
        const bool telling =
            Carries(first->lane, pairs, index_) || Carries(strongest->lane, pairs, index_);
        if (most ? common : (!common && telling)) out.emplace_back().pairs = pairs;
      }
    }
    for (const Change& change : incident_.changes) {
      const bool before = change.start >= incident_.onset - kChangeBeforeMs &&
                          change.start <= incident_.onset + kClockSlackMs;
      if (!before || !MakesTrouble(change.kind)) continue;
      Hypothesis& one = out.emplace_back();
      one.pairs = PairsOf(change.scope, ids);
      one.change = &change;
    }
    return out;
  }

  static bool MakesTrouble(ChangeKind kind) {
    return kind != ChangeKind::kHoliday && kind != ChangeKind::kPromotion;
  }

  // Of the labels that some lane has; others name what has no signal of its own.
  Pairs PairsOf(const Labels& scope, const std::vector<LaneId>& lanes) const {
    std::set<PairId> out;
    for (const LaneId lane : lanes) {
      for (const PairId pair : index_.PairsOf(lane)) {
        const Label& label = index_.PairLabel(pair);
        if (scope.Get(label.name) == label.value) out.insert(pair);
      }
    }
    return {out.begin(), out.end()};
  }

  // How a lane stands to a place that is at `node`.
  Relation RelationOf(const AlertingLane& lane, const Pairs& pairs, const std::string& node) const {
    if (Carries(lane.lane, pairs, index_)) return Relation::kInside;
    const Pairs& own = index_.PairsOf(lane.lane);
    bool contradicts = false;
    bool elsewhere = false;
    for (const PairId pair : pairs) {
      for (const PairId other : own) {
        if (pair == other || !index_.SameName(pair, other)) continue;
        contradicts = true;
        elsewhere = elsewhere || !topology_.NamesNode(index_.PairLabel(pair).name);
      }
    }
    if (!node.empty() && !lane.node.empty() && !elsewhere) {
      if (topology_.Hops(lane.node, node) > 0) return Relation::kDepends;
      if (topology_.Hops(node, lane.node) > 0) return Relation::kOutside;
    }
    return contradicts ? Relation::kOutside : Relation::kLacks;
  }

  void Judge(Hypothesis& one) const {
    const std::string node = topology_.NodeOf(index_.ToLabels(one.pairs));
    double score = 0;
    size_t firsts = 0;
    for (const AlertingLane& lane : lanes_) {
      const Relation relation = RelationOf(lane, one.pairs, node);
      switch (relation) {
        case Relation::kInside:
          ++one.inside;
          score += kInsideAlerts - kWeakInside * (1 - lane.effect);
          one.strongest = one.strongest || lane.effect >= 1;
          if (IsFirst(lane)) ++firsts;
          break;
        case Relation::kLacks:
          score += kLacksAlerts;
          break;
        case Relation::kDepends:
          ++one.depending;
          score += kDependsAlerts;
          break;
        case Relation::kOutside:
          score += kOutsideAlerts * std::max(kOutsideMin, lane.effect);
          break;
      }
      if (relation != Relation::kOutside) ++one.explained;
    }
    one.of = std::max(one.inside, index_.CountMatching(one.pairs, families_));
    score += kInsideQuiet * static_cast<double>(one.of - one.inside);
    one.first = firsts > 0;
    one.log_odds = score * Tempered() +
                   kFirst * static_cast<double>(firsts) / static_cast<double>(firsts_) -
                   kPair * static_cast<double>(one.pairs.size()) - kCopy * Copies(one.pairs);
    if (one.change != nullptr) {
      const auto lag =
          static_cast<double>(std::max<DurationMs>(0, incident_.onset - one.change->start));
      one.log_odds += kChangeOdds + kPair * static_cast<double>(one.pairs.size()) +
                      kChange * std::exp(-lag / static_cast<double>(kChangeScaleMs));
    }
  }

  [[nodiscard]] double Copies(const Pairs& pairs) const {
    return static_cast<double>(std::count_if(pairs.begin(), pairs.end(), [&](PairId pair) {
      const std::string& name = index_.PairLabel(pair).name;
      return NamesCopy(name) || name == "job";
    }));
  }

  // Many lanes fail by one cause: they are no independent witnesses.
  [[nodiscard]] double Tempered() const {
    return std::min(1.0, kLanesIndependent / static_cast<double>(lanes_.size()));
  }

  // Places that cover the same are one hypothesis: the one of fewest labels.
  void DropEqual(std::vector<Hypothesis>& all) const {
    std::set<std::tuple<std::vector<LaneId>, size_t, size_t>> seen;
    std::vector<LaneId> ids;
    for (const AlertingLane& lane : lanes_) ids.push_back(lane.lane);
    std::stable_sort(all.begin(), all.end(), [](const Hypothesis& a, const Hypothesis& b) {
      return std::tuple(-a.log_odds, a.pairs.size()) < std::tuple(-b.log_odds, b.pairs.size());
    });
    std::erase_if(all, [&](const Hypothesis& one) {
      if (one.change != nullptr) return false;
      if (one.inside == 0) return true;
      return !seen.emplace(Covered(ids, one.pairs, index_), one.of, one.depending).second;
    });
  }

  void SetMasses(std::vector<Hypothesis>& all) const {
    const double none = kByItself * static_cast<double>(lanes_.size()) * Tempered();
    double highest = none;
    for (const Hypothesis& one : all) highest = std::max(highest, one.log_odds);
    double sum = std::exp(none - highest);
    for (Hypothesis& one : all) {
      one.mass = std::exp(one.log_odds - highest);
      sum += one.mass;
    }
    for (Hypothesis& one : all) one.mass /= sum;
  }

  static bool Narrower(const Hypothesis& one, const Hypothesis& than) {
    return than.change == nullptr && !than.pairs.empty() &&
           std::includes(one.pairs.begin(), one.pairs.end(), than.pairs.begin(), than.pairs.end());
  }

  Origin ToOrigin(const Hypothesis& one, double confidence) const {
    Origin out;
    out.where = one.change != nullptr ? one.change->scope : index_.ToLabels(one.pairs);
    if (one.change != nullptr) {
      out.change = one.change->id;
      out.named = ChangeWords(*one.change, incident_.onset);
    }
    out.confidence = std::min(1.0, std::round(confidence * 100) / 100);
    const auto add = [&out](bool holds, OriginReason reason) {
      if (holds) out.reasons.push_back(reason);
    };
    add(one.first, OriginReason::kFirst);
    add(one.inside > 1 && one.inside == one.of, OriginReason::kWhole);
    add(lanes_.size() > 1 && 10 * one.explained >= 9 * lanes_.size(), OriginReason::kExplains);
    add(lanes_.size() > 1 && one.strongest, OriginReason::kStrongest);
    add(one.depending > 0, OriginReason::kUpstream);
    add(one.change != nullptr, OriginReason::kChangeBefore);
    return out;
  }

  const Incident& incident_;
  const ScopeIndex& index_;
  const Topology& topology_;
  std::vector<AlertingLane> lanes_;  // ascending
  std::vector<FamilyId> families_;   // ascending
  TimeMs first_until_ = 0;
  size_t firsts_ = 0;
};

}  // namespace

double EffectOf(const Alert& alert) {
  const Evidence& e = alert.evidence;
  if (!alert.received.from.empty() || IsFlatline(alert)) return 1;
  const auto share = [](double part) { return std::clamp(std::abs(part), 0.0, 1.0); };
  switch (alert.kind) {
    case detectors::SignalKind::kRatio:
      return share(e.value - e.expected);
    case detectors::SignalKind::kQuantile: {
      const double usual = alert.explanation.windows[0].expected_k;
      return e.n > 0 ? share((e.k - usual) / e.n) : 1;
    }
    case detectors::SignalKind::kRate:
    case detectors::SignalKind::kGauge:
      break;
  }
  const double larger = std::max(std::abs(e.value), std::abs(e.expected));
  return larger > 0 ? share((e.value - e.expected) / larger) : 1;
}

std::vector<Origin> RankOrigins(const Incident& incident, const ScopeIndex& index,
                                const Topology& topology) {
  return Ranking(incident, index, topology).Rank();
}

}  // namespace quell::incidents
