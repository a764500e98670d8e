#include "replay/simulator/native_fold.h"

#include <cstdlib>
#include <limits>
#include <string>

namespace quell::simulator {
namespace {

// The name without `suffix`; "" where it does not end so.
std::string Stem(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return {};
  return std::string(name.substr(0, name.size() - suffix.size()));
}

}  // namespace

NativeFold::Place NativeFold::PlaceOf(const Labels& labels) {
  const std::string_view name = labels.MetricName();
  Labels family = labels;
  if (const std::string stem = Stem(name, "_bucket"); !stem.empty() && labels.Has("le")) {
    const std::string le(labels.Get("le"));
    family.Set("le", "");
    family.Set(kMetricName, stem);
    const auto [at, added] =
        family_by_labels_.try_emplace(family, static_cast<std::uint32_t>(families_.size()));
    if (added) families_.push_back(std::move(family));
    const double upper =
        le == "+Inf" ? std::numeric_limits<double>::infinity() : std::strtod(le.c_str(), nullptr);
    return {Part::kBucket, at->second, upper};
  }
  for (const auto& [suffix, part] : {std::pair{"_sum", Part::kSum}, {"_count", Part::kCount}}) {
    const std::string stem = Stem(name, suffix);
    if (stem.empty()) continue;
    family.Set(kMetricName, stem);
    const auto known = family_by_labels_.find(family);
    if (known != family_by_labels_.end()) return {part, known->second, 0};
  }
  return {};
}

bool NativeFold::Take(std::uint32_t series, double value, const SeriesTable& table) {
  while (places_.size() <= series) {
    places_.push_back(PlaceOf(table.at(static_cast<std::uint32_t>(places_.size()))));
  }
  const Place& place = places_[series];
  if (place.part == Part::kNone) return false;
  const auto [at, added] = taken_by_family_.try_emplace(place.family, taken_.size());
  if (added) taken_.push_back({place.family, {}});
  ingest::HistogramSample& sample = taken_[at->second].sample;
  sample.stale = sample.stale || ingest::IsStale(value);
  if (place.part == Part::kSum) sample.sum = value;
  if (place.part == Part::kCount) sample.count = value;
  if (place.part == Part::kBucket) sample.buckets.push_back({place.upper, value});
  return true;
}

std::vector<NativeFold::Histogram> NativeFold::Finish(TimeMs time) {
  for (Histogram& histogram : taken_) {
    ingest::HistogramSample& sample = histogram.sample;
    if (sample.stale) {
      sample = {};
      sample.stale = true;
    }
    sample.time = time;
    double below = 0;  // classic buckets are cumulative, native ones are not
    for (ingest::HistogramBucket& bucket : sample.buckets) {
      const double cumulative = bucket.count;
      bucket.count = cumulative - below;
      below = cumulative;
    }
  }
  taken_by_family_.clear();
  std::vector<Histogram> out;
  out.swap(taken_);
  return out;
}

}  // namespace quell::simulator
