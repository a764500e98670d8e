#include "ingest/series_check.h"

#include <algorithm>
#include <vector>

#include "ingest/utf8.h"

namespace quell::ingest {
namespace {

Error Invalid(std::string text) { return MakeError(ErrorCode::kInvalidArgument, std::move(text)); }

Status CheckLabel(const LabelView& label, const RemoteWriteLimits& limits) {
  if (label.name.empty()) return Invalid("a label name is empty");
  if (label.name.size() > limits.label_name_bytes_max) {
    return Invalid("label name " + Quoted(label.name, 40) + " is longer than " +
                   std::to_string(limits.label_name_bytes_max) + " bytes");
  }
  if (label.value.size() > limits.label_value_bytes_max) {
    return Invalid("the value of label " + Quoted(label.name) + " is longer than " +
                   std::to_string(limits.label_value_bytes_max) + " bytes");
  }
  if (!IsValidUtf8(label.name)) {
    return Invalid("label name " + Quoted(label.name) + " is not valid UTF-8");
  }
  if (!IsValidUtf8(label.value)) {
    return Invalid("value " + Quoted(label.value) + " of label " + Quoted(label.name) +
                   " is not valid UTF-8");
  }
  return Ok{};
}

}  // namespace

Result<Labels> CheckLabels(std::span<const LabelView> views, const RemoteWriteLimits& limits) {
  if (views.size() > limits.labels_per_series_max) {
    return Invalid("the series has more than " + std::to_string(limits.labels_per_series_max) +
                   " labels");
  }
  std::vector<Label> labels;
  labels.reserve(views.size());
  for (const LabelView& view : views) {
    QUELL_TRY(CheckLabel(view, limits));
    labels.push_back({std::string(view.name), std::string(view.value)});
  }
  const auto by_name = [](const Label& a, const Label& b) { return a.name < b.name; };
  if (!std::is_sorted(labels.begin(), labels.end(), by_name)) {
    std::stable_sort(labels.begin(), labels.end(), by_name);
  }
  for (size_t i = 1; i < labels.size(); ++i) {
    if (labels[i].name == labels[i - 1].name) {
      return Invalid("label name " + Quoted(labels[i].name) + " is repeated");
    }
  }
  Labels out(std::move(labels));
  if (out.MetricName().empty()) return Invalid("the metric name (label \"__name__\") is missing");
  return out;
}

std::string DescribeSeries(std::span<const LabelView> views) {
  constexpr size_t kBytesMax = 300;
  std::string out = "{";
  for (const LabelView& view : views) {
    if (out.size() > 1) out += ',';
    if (out.size() > kBytesMax) {
      out += "...";
      break;
    }
    const std::string name = Quoted(view.name, 60);
    out += name.substr(1, name.size() - 2) + '=' + Quoted(view.value, 60);
  }
  return out + '}';
}

}  // namespace quell::ingest
