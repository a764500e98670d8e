#include "engine/api/alert_list.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/api/alert_view.h"
#include "engine/incidents/alert.h"
#include "ingest/alerts/filter.h"

namespace quell::api {
namespace {

using Row = store::Store::AlertRow;

constexpr size_t kChunk = 500;

// The next rows of all asked-for reasons together, by descending sequence; `exhausted` where there
// are none beyond them.
Result<std::vector<Row>> ReadChunk(store::Store& store, const AlertListQuery& query,
                                   std::uint64_t before, bool& exhausted) {
  store::Store::AlertQuery one{std::nullopt, query.incident_key, before};
  std::vector<Row> rows;
  if (query.reasons.empty()) {
    QUELL_ASSIGN(rows, store.AlertsWhere(one, kChunk));
    exhausted = rows.size() < kChunk;
    return rows;
  }
  exhausted = true;
  for (const std::string& reason : query.reasons) {
    one.reason = reason == kUndecided ? std::string() : reason;
    QUELL_ASSIGN(std::vector<Row> more, store.AlertsWhere(one, kChunk));
    exhausted = exhausted && more.size() < kChunk;
    std::move(more.begin(), more.end(), std::back_inserter(rows));
  }
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return a.sequence > b.sequence; });
  if (rows.size() > kChunk) {
    rows.resize(kChunk);
    exhausted = false;
  }
  return rows;
}

bool Passes(const AlertListQuery& query, const Row& row) {
  const bool any_time = query.since == 0 && query.until == AlertListQuery::kTimeMax;
  if (any_time && query.filters.empty()) return true;
  const auto json = nlohmann::json::parse(row.body, nullptr, false);
  if (!json.is_object()) return false;
  if (!any_time) {
    const auto starts = json.find("startsAt");
    if (starts == json.end() || !starts->is_string()) return false;
    const auto at = ParseTime(starts->get<std::string>());
    if (!at.ok() || *at < query.since || *at >= query.until) return false;
  }
  Labels labels;
  if (const auto found = json.find("labels"); found != json.end() && found->is_object()) {
    for (const auto& [name, value] : found->items()) {
      if (value.is_string()) labels.Set(name, value.get<std::string>());
    }
  }
  return ingest::PassesFilters(query.filters, labels);
}

// The stored body with two keys more.
void Append(std::string& out, const Row& row) {
  const std::string_view body = row.body;
  const size_t end = body.rfind('}');
  if (end == std::string_view::npos) return;
  if (!out.empty()) out += ',';
  out += body.substr(0, end);
  if (body.find_first_not_of("{ ") < end) out += ',';
  out += "\"reason\":";
  if (row.reason.empty()) {
    out += "null,\"incident\":null}";
    return;
  }
  AppendJsonText(out, row.reason);
  out += ",\"incident\":";
  AppendJsonText(out, row.incident_key);
  out += '}';
}

}  // namespace

Status CheckReason(std::string_view reason) {
  std::string known(kUndecided);
  if (reason == kUndecided) return Ok{};
  for (size_t i = 0; i < incidents::kPageReasons; ++i) {
    const auto name = incidents::PageReasonName(static_cast<incidents::PageReason>(i));
    if (name == reason) return Ok{};
    known += ", " + std::string(name);
  }
  return MakeError(ErrorCode::kInvalidArgument, "reason must be one of " + known);
}

Result<std::string> ListAlertsJson(store::Store& store, const AlertListQuery& query) {
  std::string alerts;
  size_t found = 0;
  size_t read = 0;
  std::uint64_t before = query.before;
  bool more = true;
  while (more && found < query.limit && read < AlertListQuery::kReadMax) {
    bool exhausted = false;
    QUELL_ASSIGN(const std::vector<Row> rows, ReadChunk(store, query, before, exhausted));
    more = !exhausted;
    for (size_t i = 0; i < rows.size(); ++i) {
      const Row& row = rows[i];
      // An alert does not change before it starts: what follows started earlier still.
      if (row.at < query.since) return "{\"alerts\":[" + alerts + "],\"next\":null}\n";
      ++read;
      before = row.sequence;
      if (!Passes(query, row)) continue;
      Append(alerts, row);
      if (++found < query.limit) continue;
      more = more || i + 1 < rows.size();
      break;
    }
  }
  const std::string next = more ? '"' + std::to_string(before) + '"' : "null";
  return "{\"alerts\":[" + alerts + "],\"next\":" + next + "}\n";
}

}  // namespace quell::api
