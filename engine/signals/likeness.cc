#include "engine/signals/likeness.h"

#include <algorithm>

#include "engine/signals/label_words.h"

namespace quell::signals {

Likeness::Likeness(std::span<const SignalDef> definitions) {
  for (const SignalDef& def : definitions) {
    any_ = any_ && !def.by_all;
    selected_.insert(selected_.end(), def.by.begin(), def.by.end());
    for (const auto* selector : {&def.total, &def.bad, &def.selector}) {
      if (!selector->has_value()) continue;
      for (const Matcher& matcher : (*selector)->matchers()) selected_.push_back(matcher.name());
    }
  }
  std::sort(selected_.begin(), selected_.end());
  selected_.erase(std::unique(selected_.begin(), selected_.end()), selected_.end());
}

// A bucket's edge is its place in a signal, and whether there is one makes a classic histogram;
// discovery looks at no other detail's value or presence.
bool Likeness::Counts(std::string_view name) const {
  if (!IsInstanceLabel(name) && !IsDetailLabel(name)) return true;
  if (name == "server") return true;  // no copy in a service graph
  if (name == "le" || name == "quantile" || IsOutcomeLabel(name)) return true;
  return std::binary_search(selected_.begin(), selected_.end(), name);
}

std::optional<Likeness::Traits> Likeness::Of(std::string_view body) {
  if (!any_) return std::nullopt;
  std::string_view metric;
  std::string_view job;
  std::string_view instance;
  if (!ingest::ReadCanonicalBody(body, labels_)) return std::nullopt;
  kept_ = body.front();
  for (const ingest::LabelText& label : labels_) {
    if (label.name == kMetricName) metric = label.value;
    if (label.name == "job") job = label.value;
    if (label.name == "instance") instance = label.value;
    if (Counts(label.name)) kept_ += label.whole;
  }
  return Traits{WideHash(kept_, 0), TargetHash(metric, job, instance), job, instance};
}

std::uint64_t TargetHash(std::string_view metric, std::string_view job, std::string_view instance) {
  Hasher hasher;
  hasher.Add(metric);
  hasher.Add(job);
  hasher.Add(instance);
  return hasher.Finish();
}

}  // namespace quell::signals
