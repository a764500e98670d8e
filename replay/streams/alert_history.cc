#include "replay/streams/alert_history.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <tuple>

#include "engine/incidents/feedback.h"
#include "replay/scoring/json_document.h"

namespace quell::streams {
namespace {

using incidents::Feedback;
using incidents::FeedbackMember;
using incidents::FeedbackVerdict;
using nlohmann::ordered_json;
using replay::JsonCursor;

constexpr size_t kResidualsMax = 64;
constexpr DurationMs kSameStartMs = 5 * kMinuteMs;  // an alert's start, as two parties know it

Result<Labels> ReadLabels(const JsonCursor& alert) {
  QUELL_ASSIGN(const JsonCursor member, alert.Member("labels"));
  if (!member.value().is_object()) return member.Wrong("must be an object of labels");
  std::vector<Label> labels;
  for (const auto& [name, unused] : member.value().items()) {
    if (name.empty()) return member.Wrong("has a label without a name");
    QUELL_ASSIGN(const JsonCursor value, member.Member(name));
    QUELL_ASSIGN(std::string text, value.Text());
    labels.push_back({name, std::move(text)});
  }
  Labels out(std::move(labels));
  if (out.empty()) return member.Wrong("is empty");
  return out;
}

Result<StreamAlert> ReadAlert(const JsonCursor& item) {
  StreamAlert alert;
  QUELL_ASSIGN(alert.labels, ReadLabels(item));
  QUELL_ASSIGN(const JsonCursor starts, item.Member("startsAt"));
  QUELL_ASSIGN(alert.starts_at, starts.Time());
  QUELL_ASSIGN(const JsonCursor ends, item.Member("endsAt"));
  QUELL_ASSIGN(alert.ends_at, ends.Time());
  if (alert.ends_at < alert.starts_at) {
    return ends.Wrong(FormatRfc3339(alert.ends_at) + " is before startsAt");
  }
  QUELL_ASSIGN(alert.incident, item.OptionalText("incident"));
  if (item.Has("onset")) {
    QUELL_ASSIGN(const JsonCursor onset, item.Member("onset"));
    QUELL_ASSIGN(alert.onset, onset.Time());
    if (alert.onset > alert.starts_at) return onset.Wrong("is after startsAt");
  }
  if (!item.Has("residuals")) return alert;
  QUELL_ASSIGN(const JsonCursor list, item.Member("residuals"));
  QUELL_ASSIGN(const std::vector<JsonCursor> values, list.Items());
  if (values.size() > kResidualsMax) return list.Wrong("has more than 64 values");
  for (const JsonCursor& value : values) {
    if (!value.value().is_number()) return value.Wrong("is not a number");
    alert.residuals.push_back(value.value().get<float>());
  }
  return alert;
}

Status ReadCalls(const JsonCursor& root, AlertStream& out) {
  if (root.Has("calls")) {
    QUELL_ASSIGN(const JsonCursor list, root.Member("calls"));
    QUELL_ASSIGN(const std::vector<JsonCursor> items, list.Items());
    for (const JsonCursor& item : items) {
      QUELL_ASSIGN(const std::vector<JsonCursor> ends, item.Items());
      if (ends.size() != 2) return item.Wrong("must be a caller and what it calls");
      QUELL_ASSIGN(std::string caller, ends[0].Text());
      QUELL_ASSIGN(std::string called, ends[1].Text());
      out.calls.emplace_back(std::move(caller), std::move(called));
    }
  }
  if (!root.Has("nodeLabels")) return Ok{};
  QUELL_ASSIGN(const JsonCursor list, root.Member("nodeLabels"));
  QUELL_ASSIGN(const std::vector<JsonCursor> items, list.Items());
  for (const JsonCursor& item : items) {
    QUELL_ASSIGN(std::string name, item.Text());
    out.node_labels.push_back(std::move(name));
  }
  return Ok{};
}

// The records as texts, with the line that each begins on.
Result<std::vector<std::pair<std::string, size_t>>> Records(const std::string& text,
                                                            const std::string& name) {
  std::vector<std::pair<std::string, size_t>> out;
  const ordered_json whole = ordered_json::parse(text, nullptr, false);
  const ordered_json* list = nullptr;
  if (whole.is_array()) list = &whole;
  if (whole.is_object() && whole.contains("feedback")) list = &whole["feedback"];
  if (list != nullptr) {
    if (!list->is_array()) {
      return MakeError(ErrorCode::kInvalidArgument, name + ":1: feedback must be a list");
    }
    for (const ordered_json& one : *list) out.emplace_back(one.dump(), 1);
    return out;
  }
  std::istringstream lines(text);
  std::string line;
  for (size_t number = 1; std::getline(lines, line); ++number) {
    if (line.find_first_not_of(" \t\r") != std::string::npos) out.emplace_back(line, number);
  }
  return out;
}

// The alert of the history that a member is about.
std::optional<size_t> Find(const std::map<Labels, std::vector<size_t>>& by_labels,
                           const FeedbackMember& member, const AlertStream& stream) {
  const auto at = by_labels.find(member.labels);
  if (at == by_labels.end()) return std::nullopt;
  std::optional<size_t> best;
  DurationMs closest = kSameStartMs + 1;
  for (const size_t i : at->second) {
    const DurationMs apart = std::abs(stream.alerts[i].starts_at - member.starts_at);
    if (apart < closest) {
      closest = apart;
      best = i;
    }
  }
  return best;
}

void Merge(const std::vector<std::pair<size_t, int>>& found, const std::string& id,
           AlertStream& stream) {
  std::set<std::string> incidents;
  for (const auto& [i, part] : found) incidents.insert(stream.alerts[i].incident);
  incidents.erase("");
  const std::string one = incidents.empty() ? "feedback " + id : *incidents.begin();
  for (StreamAlert& alert : stream.alerts) {
    if (incidents.contains(alert.incident)) alert.incident = one;
  }
  for (const auto& [i, part] : found) stream.alerts[i].incident = one;
}

void Split(const std::vector<std::pair<size_t, int>>& found, const std::string& id,
           AlertStream& stream) {
  for (const auto& [i, part] : found) {
    if (part == 1) stream.alerts[i].incident += " split by " + id;
  }
}

}  // namespace

Result<AlertStream> ParseAlertHistory(std::string text, const std::string& name) {
  QUELL_ASSIGN(const auto document, replay::JsonDocument::Parse(std::move(text), name));
  const JsonCursor root(document);
  QUELL_ASSIGN(const JsonCursor list, root.Member("alerts"));
  QUELL_ASSIGN(const std::vector<JsonCursor> items, list.Items());
  AlertStream out;
  out.name = name;
  for (const JsonCursor& item : items) {
    QUELL_ASSIGN(StreamAlert alert, ReadAlert(item));
    out.alerts.push_back(std::move(alert));
  }
  std::stable_sort(out.alerts.begin(), out.alerts.end(),
                   [](const StreamAlert& a, const StreamAlert& b) {
                     return std::tie(a.starts_at, a.labels) < std::tie(b.starts_at, b.labels);
                   });
  QUELL_TRY(ReadCalls(root, out));
  QUELL_ASSIGN(out.service_label, root.OptionalText("serviceLabel"));
  QUELL_ASSIGN(out.place_label, root.OptionalText("placeLabel"));
  return out;
}

std::string AlertHistoryJson(const AlertStream& stream) {
  ordered_json list = ordered_json::array();
  for (const StreamAlert& alert : stream.alerts) {
    ordered_json labels = ordered_json::object();
    for (const Label& label : alert.labels) labels[label.name] = label.value;
    ordered_json item = {{"labels", std::move(labels)},
                         {"startsAt", FormatRfc3339(alert.starts_at)},
                         {"endsAt", FormatRfc3339(alert.ends_at)}};
    if (!alert.incident.empty()) item["incident"] = alert.incident;
    if (alert.onset != 0) item["onset"] = FormatRfc3339(alert.onset);
    if (!alert.residuals.empty()) item["residuals"] = alert.residuals;
    list.push_back(std::move(item));
  }
  ordered_json root = {{"alerts", std::move(list)}};
  if (!stream.calls.empty()) root["calls"] = stream.calls;
  if (!stream.node_labels.empty()) root["nodeLabels"] = stream.node_labels;
  if (!stream.service_label.empty()) root["serviceLabel"] = stream.service_label;
  if (!stream.place_label.empty()) root["placeLabel"] = stream.place_label;
  return root.dump(1, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

Result<size_t> ApplyFeedback(const std::string& text, const std::string& name,
                             AlertStream& stream) {
  std::map<Labels, std::vector<size_t>> by_labels;
  for (size_t i = 0; i < stream.alerts.size(); ++i) by_labels[stream.alerts[i].labels].push_back(i);
  QUELL_ASSIGN(const auto records, Records(text, name));
  size_t used = 0;
  for (const auto& [record, line] : records) {
    const auto feedback = incidents::ParseFeedbackJson(record);
    if (!feedback.ok()) return WithContext(feedback.error(), name + ":" + std::to_string(line));
    const bool merge = feedback->verdict == FeedbackVerdict::kMerge;
    if (!merge && feedback->verdict != FeedbackVerdict::kSplit) continue;
    std::vector<std::pair<size_t, int>> found;
    for (const FeedbackMember& member : feedback->members) {
      const auto at = Find(by_labels, member, stream);
      if (at.has_value()) found.emplace_back(*at, member.part);
    }
    if (found.empty()) continue;
    ++used;
    merge ? Merge(found, feedback->id, stream) : Split(found, feedback->id, stream);
  }
  return used;
}

}  // namespace quell::streams
