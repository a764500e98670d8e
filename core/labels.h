// Labels: a sorted, duplicate-free set of name/value pairs, as in Prometheus.
//
// The metric name is the label "__name__". Thread-compatible; const calls may overlap.
#pragma once

#include <compare>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quell {

inline constexpr std::string_view kMetricName = "__name__";

struct Label {
  std::string name;
  std::string value;
  auto operator<=>(const Label&) const = default;
};

class Labels {
 public:
  Labels() = default;
  // Sorts by name. Empty values mean "label absent" and are left out; of equal names the last wins.
  explicit Labels(std::vector<Label> labels);
  Labels(std::initializer_list<Label> labels) : Labels(std::vector<Label>(labels)) {}

  // The value, or "" where the label is absent.
  [[nodiscard]] std::string_view Get(std::string_view name) const;
  [[nodiscard]] bool Has(std::string_view name) const { return !Get(name).empty(); }
  [[nodiscard]] std::string_view MetricName() const { return Get(kMetricName); }

  void Set(std::string_view name, std::string_view value);  // an empty value erases
  [[nodiscard]] Labels Only(std::span<const std::string> names) const;
  [[nodiscard]] Labels Without(std::span<const std::string> names) const;

  [[nodiscard]] std::span<const Label> pairs() const { return labels_; }
  [[nodiscard]] auto begin() const { return labels_.begin(); }
  [[nodiscard]] auto end() const { return labels_.end(); }
  [[nodiscard]] size_t size() const { return labels_.size(); }
  [[nodiscard]] bool empty() const { return labels_.empty(); }

  // XXH3-64 of the length-prefixed pairs: equal labels, equal hash, on every machine.
  [[nodiscard]] std::uint64_t Hash() const;
  // Alertmanager's fingerprint: FNV-1a 64 over name 0xFF value 0xFF in byte order of names.
  [[nodiscard]] std::uint64_t Fingerprint() const;
  // `metric{a="b",c="d"}`, values escaped as in PromQL.
  [[nodiscard]] std::string ToString() const;

  auto operator<=>(const Labels&) const = default;

 private:
  std::vector<Label> labels_;
};

struct LabelsHash {
  size_t operator()(const Labels& labels) const { return labels.Hash(); }
};

}  // namespace quell
