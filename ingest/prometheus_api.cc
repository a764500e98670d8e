#include "ingest/prometheus_api.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "ingest/openmetrics_parser.h"
#include "ingest/utf8.h"

namespace quell::ingest {
namespace {

using Json = nlohmann::json;

Error Bad(const std::string& what) { return MakeError(ErrorCode::kCorrupt, "query API: " + what); }

const Json* Member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(name);
  return at == object.end() ? nullptr : &*at;
}

Result<Labels> MetricLabels(const Json* metric) {
  if (metric == nullptr || !metric->is_object()) return Bad("a series has no metric object");
  std::vector<Label> labels;
  for (const auto& [name, value] : metric->items()) {
    if (!value.is_string()) return Bad("label " + Quoted(name) + " is no string");
    labels.push_back({name, value.get_ref<const std::string&>()});
  }
  return Labels(std::move(labels));
}

Result<Sample> Point(const Json& pair) {
  const bool shape =
      pair.is_array() && pair.size() == 2 && pair[0].is_number() && pair[1].is_string();
  if (!shape) return Bad("a point is not [seconds, \"value\"]");
  const double seconds = pair[0].get<double>();
  const auto& text = pair[1].get_ref<const std::string&>();
  Sample sample;
  if (!(std::abs(seconds) < 1e12) || ParseNumber(text, sample.value) != text.size()) {
    return Bad("the point [" + pair[0].dump() + ", " + Quoted(text, 60) + "] is no sample");
  }
  sample.time = std::llround(seconds * 1000);
  return sample;
}

Status AddSeries(const Json& series, TimeMs start, TimeMs end, SampleBatch& batch) {
  QUELL_ASSIGN(Labels labels, MetricLabels(Member(series, "metric")));
  const Json* values = Member(series, "values");
  if (values == nullptr) return Ok{};  // native histograms alone
  if (!values->is_array()) return Bad("values is no array");
  const auto begin = static_cast<std::uint32_t>(batch.samples.size());
  for (const Json& pair : *values) {
    QUELL_ASSIGN(const Sample sample, Point(pair));
    if (sample.time >= start && sample.time < end) batch.samples.push_back(sample);
  }
  const auto stop = static_cast<std::uint32_t>(batch.samples.size());
  if (stop > begin) batch.series.push_back({std::move(labels), begin, stop});
  return Ok{};
}

}  // namespace

Result<SampleBatch> DecodeMatrix(std::string_view json, TimeMs start, TimeMs end) {
  const Json answer = Json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
  if (answer.is_discarded()) return Bad("the answer is no JSON");
  const Json* error = Member(answer, "error");
  if (error != nullptr && error->is_string()) {
    return Bad(Quoted(error->get_ref<const std::string&>(), 300));
  }
  const Json* data = Member(answer, "data");
  const Json* type = data == nullptr ? nullptr : Member(*data, "resultType");
  const Json* result = data == nullptr ? nullptr : Member(*data, "result");
  if (type == nullptr || *type != "matrix" || result == nullptr || !result->is_array()) {
    return Bad("the answer holds no matrix");
  }
  SampleBatch batch;
  for (const Json& series : *result) QUELL_TRY(AddSeries(series, start, end, batch));
  return batch;
}

Result<std::vector<std::string>> DecodeNames(std::string_view json, size_t max) {
  const Json answer = Json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
  const Json* data = answer.is_discarded() ? nullptr : Member(answer, "data");
  if (data == nullptr || !data->is_array()) return Bad("the answer holds no names");
  if (data->size() > max) {
    return MakeError(ErrorCode::kResourceExhausted, "query API: " + std::to_string(data->size()) +
                                                        " names are more than " +
                                                        std::to_string(max));
  }
  std::vector<std::string> names;
  for (const Json& name : *data) {
    if (!name.is_string()) return Bad("a name is no string");
    names.push_back(name.get<std::string>());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string EncodeParameter(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
  return out;
}

std::string FormatSeconds(TimeMs time) {
  const bool negative = time < 0;
  const std::uint64_t ms =
      negative ? 0 - static_cast<std::uint64_t>(time) : static_cast<std::uint64_t>(time);
  std::string millis = std::to_string(ms % 1000);
  millis.insert(0, 3 - millis.size(), '0');
  return (negative ? "-" : "") + std::to_string(ms / 1000) + '.' + millis;
}

}  // namespace quell::ingest
