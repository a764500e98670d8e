#include "engine/pipeline/zones.h"

namespace quell::pipeline {

Zones::Zones(const ZoneOptions& options) : label_(options.label), zones_{options.fallback} {
  for (const auto& [value, zone] : options.by_value) {
    numbers_.emplace(value, static_cast<std::uint16_t>(zones_.size()));
    zones_.push_back(zone);
  }
}

std::uint16_t Zones::Of(const Labels& labels) const {
  if (numbers_.empty()) return 0;
  const auto at = numbers_.find(labels.Get(label_));
  return at == numbers_.end() ? std::uint16_t{0} : at->second;
}

std::string Zones::Digest() const {
  if (zones_.size() == 1 && zones_.front().name() == "UTC") return "";
  std::string out = '/' + label_ + '/' + zones_.front().name();
  for (const auto& [value, number] : numbers_) {
    out += '/' + value + '=' + zones_[number].name();
  }
  return out;
}

}  // namespace quell::pipeline
