#include "core/labels.h"

#include <algorithm>

#include "core/hash.h"

namespace quell {
namespace {

bool NameLess(const Label& label, std::string_view name) { return label.name < name; }

void AppendQuoted(std::string& out, std::string_view value) {
  out += '"';
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

Labels::Labels(std::vector<Label> labels) : labels_(std::move(labels)) {
  // Most come sorted and whole: nothing to move then.
  const auto unsorted = [](const Label& a, const Label& b) { return a.name >= b.name; };
  const auto empty = [](const Label& label) { return label.value.empty(); };
  if (std::adjacent_find(labels_.begin(), labels_.end(), unsorted) == labels_.end() &&
      std::none_of(labels_.begin(), labels_.end(), empty)) {
    return;
  }
  std::stable_sort(labels_.begin(), labels_.end(),
                   [](const Label& a, const Label& b) { return a.name < b.name; });
  // Of equal names keep the last: walk backwards and drop those already seen.
  std::vector<Label> kept;
  kept.reserve(labels_.size());
  for (size_t i = 0; i < labels_.size(); ++i) {
    const bool last_of_name = i + 1 == labels_.size() || labels_[i + 1].name != labels_[i].name;
    if (last_of_name && !labels_[i].value.empty()) kept.push_back(std::move(labels_[i]));
  }
  labels_ = std::move(kept);
}

std::string_view Labels::Get(std::string_view name) const {
  const auto at = std::lower_bound(labels_.begin(), labels_.end(), name, NameLess);
  if (at == labels_.end() || at->name != name) return {};
  return at->value;
}

void Labels::Set(std::string_view name, std::string_view value) {
  const auto at = std::lower_bound(labels_.begin(), labels_.end(), name, NameLess);
  const bool found = at != labels_.end() && at->name == name;
  if (value.empty()) {
    if (found) labels_.erase(at);
  } else if (found) {
    at->value = value;
  } else {
    labels_.insert(at, Label{std::string(name), std::string(value)});
  }
}

Labels Labels::Only(std::span<const std::string> names) const {
  Labels out;
  for (const Label& label : labels_) {
    if (std::find(names.begin(), names.end(), label.name) != names.end()) {
      out.labels_.push_back(label);
    }
  }
  return out;
}

Labels Labels::Without(std::span<const std::string> names) const {
  Labels out;
  for (const Label& label : labels_) {
    if (std::find(names.begin(), names.end(), label.name) == names.end()) {
      out.labels_.push_back(label);
    }
  }
  return out;
}

std::uint64_t Labels::Hash() const {
  Hasher hasher;
  for (const Label& label : labels_) {
    hasher.Add(label.name);
    hasher.Add(label.value);
  }
  return hasher.Finish();
}

std::uint64_t Labels::Fingerprint() const {
  constexpr std::uint64_t kPrime = 1099511628211ULL;
  std::uint64_t hash = 14695981039346656037ULL;
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
    hash = (hash ^ 0xFFU) * kPrime;
  };
  for (const Label& label : labels_) {
    add(label.name);
    add(label.value);
  }
  return hash;
}

std::string Labels::ToString() const {
  std::string out(MetricName());
  std::string inner;
  for (const Label& label : labels_) {
    if (label.name == kMetricName) continue;
    if (!inner.empty()) inner += ',';
    inner += label.name + '=';
    AppendQuoted(inner, label.value);
  }
  if (!inner.empty() || out.empty()) out += '{' + inner + '}';
  return out;
}

}  // namespace quell
