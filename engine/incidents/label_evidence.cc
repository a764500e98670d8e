#include "engine/incidents/label_evidence.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "engine/incidents/part_labels.h"

namespace quell::incidents {
namespace {

constexpr double kTellingMin = 0.1;   // below: the scope is as good as everything
constexpr size_t kLanesCompared = 8;  // per facet

enum class Contradiction { kNone, kOfParts, kPlain };

Contradiction Contradicts(const Pairs& a, const Pairs& b, const ScopeIndex& index) {
  Contradiction out = Contradiction::kNone;
  for (const PairId pair_a : a) {
    for (const PairId pair_b : b) {
      if (pair_a == pair_b || !index.SameName(pair_a, pair_b)) continue;
      if (!index.NamesPart(pair_a)) return Contradiction::kPlain;
      out = Contradiction::kOfParts;
    }
  }
  return out;
}

// Whether the scope names a place rather than a part of the system.
bool NamesPlace(const Pairs& scope, const ScopeIndex& index) {
  return std::any_of(scope.begin(), scope.end(), [&index](PairId pair) {
    return !index.NamesPart(pair) && !index.Constant(pair);
  });
}

std::vector<FamilyId> Union(const std::vector<FamilyId>& a, const std::vector<FamilyId>& b) {
  std::vector<FamilyId> out;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

bool Disjoint(const std::vector<FamilyId>& a, const std::vector<FamilyId>& b) {
  return std::none_of(a.begin(), a.end(), [&b](FamilyId family) {
    return std::binary_search(b.begin(), b.end(), family);
  });
}

// Two or more lanes that fill their own scope.
bool Full(const Facet& facet, const ScopeIndex& index) {
  const size_t lanes = facet.lanes.size();
  return lanes >= 2 && lanes == index.CountMatching(facet.common, facet.families);
}

// Lanes that have no telling label in common: most of what there is of their family.
bool Wide(const Facet& facet, const ScopeIndex& index) {
  return facet.lanes.size() >= kAllLanesMin &&
         index.Telling(facet.common, facet.families) < kTellingMin;
}

// A single lane all of whose labels the other has too: p95 of a PSP beside failures of its methods.
bool SeesCoarser(const Facet& lane, const Facet& other) {
  return lane.lanes.size() == 1 && !lane.common.empty() &&
         std::includes(other.common.begin(), other.common.end(), lane.common.begin(),
                       lane.common.end());
}

// How many lanes of the two are not among those that began about now.
size_t Quiet(const Facet& a, const Facet& b, const AlertingLanes& alerting) {
  size_t count = 0;
  for (const LaneId lane : a.lanes) count += alerting.Has(lane) ? 0 : 1;
  for (const LaneId lane : b.lanes) {
    const bool of_a = std::binary_search(a.lanes.begin(), a.lanes.end(), lane);
    count += of_a || alerting.Has(lane) ? 0 : 1;
  }
  return count;
}

double Fill(size_t alerting, size_t lanes) {
  return (static_cast<double>(alerting) + 0.5) / (static_cast<double>(lanes) + 1.0);
}

// The fill of the common scope as evidence; see weights.h.
double FillScore(const Facet& a, const Facet& b, const LabelEvidence& evidence, double telling,
                 const JoinContext& context) {
  const JoinWeights& w = context.weights;
  const double fill = Fill(evidence.alerting, evidence.lanes);
  const double even = telling < kTellingMin ? w.fill_even_all : w.fill_even;
  double score = w.fill_slope * (fill - even) + w.idf * std::min(telling, w.idf_max);
  if (evidence.alerting == 2 && evidence.lanes > 2) score += w.two_of_many;
  if (evidence.alerting < evidence.lanes && Full(a, context.index) && Full(b, context.index)) {
    score += w.both_full;
  }
  return score;
}

// How well what its lanes have in common explains them.
double OwnFill(const Facet& facet, const JoinContext& context) {
  if (facet.lanes.size() < 2) return 0;
  return Fill(context.alerting.CountIn(facet.common, facet.families) +
                  Quiet(facet, facet, context.alerting),
              context.index.CountMatching(facet.common, facet.families));
}

Facet OfLane(LaneId lane, const Facet& of, const ScopeIndex& index) {
  return Facet{index.PairsOf(lane), {lane}, {index.FamilyOf(lane)}, of.firing, of.received};
}

// Some of the lanes, evenly.
Lanes Sample(const Lanes& lanes) {
  if (lanes.size() <= kLanesCompared) return lanes;
  Lanes out;
  for (size_t i = 0; i < kLanesCompared; ++i) {
    out.push_back(lanes[i * lanes.size() / kLanesCompared]);
  }
  return out;
}

}  // namespace

bool InsideElder(const Facet& elder, const Facet& younger, const ScopeIndex& index) {
  return elder.firing && elder.lanes.size() >= 2 &&
         index.Telling(elder.common, Union(elder.families, younger.families)) >= kTellingMin &&
         std::includes(younger.common.begin(), younger.common.end(), elder.common.begin(),
                       elder.common.end());
}

LabelEvidence ScoreLabels(const Facet& a, const Facet& b, const JoinContext& context) {
  const JoinWeights& w = context.weights;
  const ScopeIndex& index = context.index;
  LabelEvidence out;
  std::set_intersection(a.common.begin(), a.common.end(), b.common.begin(), b.common.end(),
                        std::back_inserter(out.scope));
  const std::vector<FamilyId> families = Union(a.families, b.families);
  const Contradiction contradiction = Contradicts(a.common, b.common, index);
  out.contradicts = contradiction == Contradiction::kPlain;
  out.lanes = index.CountMatching(out.scope, families);
  // What they have in common matches all of their own lanes.
  out.alerting = context.alerting.CountIn(out.scope, families) + Quiet(a, b, context.alerting);

  out.same_lane = a.lanes == b.lanes && a.lanes.size() == 1 && !a.common.empty();
  if (out.same_lane) {
    out.score = w.same_lane;
    out.supports = true;
    return out;
  }
  const double telling = index.Telling(out.scope, families);
  const bool constant_shared = std::any_of(out.scope.begin(), out.scope.end(),
                                           [&](PairId pair) { return index.Constant(pair); });
  const bool same_kind = !Disjoint(a.families, b.families) || Wide(a, index) || Wide(b, index);
  // Of lanes that are known by their alerts alone nobody knows how many are quiet.
  const bool unknown = a.received && b.received && out.contradicts;
  const bool comparable =
      telling >= kTellingMin ||
      (same_kind && (out.lanes >= kAllLanesMin || (constant_shared && !unknown)));
  const double floor = out.contradicts ? w.labels_min : 0;
  out.score = comparable ? std::max(floor, FillScore(a, b, out, telling, context)) : floor;
  if (telling >= kTellingMin && (SeesCoarser(a, b) || SeesCoarser(b, a))) {
    out.score = std::max(out.score, w.nested);
  }
  const bool of_parts =
      contradiction == Contradiction::kOfParts || Disjoint(a.families, b.families);
  if (!out.contradicts && of_parts && telling >= kTellingMin && NamesPlace(out.scope, index)) {
    out.apart = out.score < w.same_place;
    out.score = std::max(out.score, w.same_place);
  }
  out.supports = out.score >= w.supports_min;
  return out;
}

std::optional<LabelEvidence> ScoreLanes(const Facet& a, const Facet& b,
                                        const JoinContext& context) {
  const double own_fill = std::max(OwnFill(a, context), OwnFill(b, context));
  std::optional<LabelEvidence> best;
  for (const LaneId lane_a : Sample(a.lanes)) {
    for (const LaneId lane_b : Sample(b.lanes)) {
      const Facet of_a = OfLane(lane_a, a, context.index);
      const Facet of_b = OfLane(lane_b, b, context.index);
      const bool one_seen_twice = SeesCoarser(of_a, of_b) || SeesCoarser(of_b, of_a);
      LabelEvidence evidence = ScoreLabels(of_a, of_b, context);
      if (!one_seen_twice) {
        // What explains each group better than its own scope does.
        if (!evidence.apart && Fill(evidence.alerting, evidence.lanes) <= own_fill) continue;
        evidence.score = std::min(evidence.score, context.weights.same_place);
      }
      if (!best.has_value() || evidence.score > best->score) best = std::move(evidence);
    }
  }
  if (best.has_value()) best->apart = true;
  return best;
}

}  // namespace quell::incidents
