// The server's routes that show what the engine knows.
#include <algorithm>
#include <charconv>

#include "engine/api/alert_list.h"
#include "engine/api/server_state.h"
#include "engine/api/version.h"
#include "ingest/alerts/filter.h"

namespace quell::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kRowsMax = 1000;

Json LabelsJson(const Labels& labels) {
  Json out = Json::object();
  for (const Label& label : labels) out[label.name] = label.value;
  return out;
}

Json EvidenceJson(const pipeline::Standing& standing) {
  return {{"state", pipeline::EvidenceStateName(standing.evidence)},
          {"text", pipeline::StandingText(standing)},
          {"points", standing.points},
          {"points_needed", standing.points_needed}};
}

size_t LimitOf(const httplib::Request& request) {
  const std::string text = request.get_param_value("limit");
  if (text.empty() || text.size() > 6 || !std::all_of(text.begin(), text.end(), ::isdigit)) {
    return 100;
  }
  return std::clamp<size_t>(std::stoul(text), 1, kRowsMax);
}

Result<AlertListQuery> ReadAlertListQuery(const httplib::Request& request) {
  constexpr size_t kValuesMax = 100;
  AlertListQuery query;
  query.limit = LimitOf(request);
  const size_t reasons = request.get_param_value_count("reason");
  const size_t filters = request.get_param_value_count("filter");
  if (reasons > kValuesMax || filters > kValuesMax) {
    return MakeError(ErrorCode::kInvalidArgument, "more than 100 values of one parameter");
  }
  for (size_t i = 0; i < reasons; ++i) {
    const std::string reason = request.get_param_value("reason", i);
    QUELL_TRY(CheckReason(reason));
    query.reasons.insert(reason);
  }
  for (size_t i = 0; i < filters; ++i) {
    QUELL_ASSIGN(Matcher filter, ingest::ParseFilter(request.get_param_value("filter", i)));
    query.filters.push_back(std::move(filter));
  }
  if (request.has_param("since")) {
    QUELL_ASSIGN(query.since, ParseTime(request.get_param_value("since")));
  }
  if (request.has_param("until")) {
    QUELL_ASSIGN(query.until, ParseTime(request.get_param_value("until")));
  }
  const std::string before = request.get_param_value("before");
  const auto* end = before.data() + before.size();
  if (const auto read = std::from_chars(before.data(), end, query.before);
      !before.empty() && (read.ec != std::errc() || read.ptr != end)) {
    return MakeError(ErrorCode::kInvalidArgument, "before must be the `next` of an answer");
  }
  return query;
}

}  // namespace

void Server::State::ListStoredAlerts(const httplib::Request& request, std::string incident_key,
                                     httplib::Response& response) {
  auto query = ReadAlertListQuery(request);
  if (!query.ok()) return Fail(response, query.error());
  query->incident_key = std::move(incident_key);
  auto list = ListAlertsJson(engine.store(), *query);
  if (!list.ok()) return Fail(response, list.error());
  response.set_content(*std::move(list), "application/json");
}

void Server::State::AddAlertLists() {
  front->AddRoute("GET", "/api/v1/alerts",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    ListStoredAlerts(request, "", out);
                  });
  front->AddRoute("GET", R"(/api/v1/incidents/([0-9a-f]{1,64})/alerts)",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    ListStoredAlerts(request, request.matches[1].str(), out);
                  });
}

void Server::State::Rows(httplib::Response& response, const char* name,
                         Result<std::vector<store::Store::Row>> rows) {
  if (!rows.ok()) return Fail(response, rows.error());
  // Bodies are JSON already; they are put in as they are.
  std::string out = std::string("{\"") + name + "\":[";
  for (size_t i = 0; i < rows->size(); ++i) out += (i > 0 ? "," : "") + (*rows)[i].body;
  response.set_content(out + "]}\n", "application/json");
}

// What was adopted as normal, and taking it back.
void Server::State::AddAdoptions() {
  front->AddRoute("GET", "/api/v1/adoptions",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    std::string rows;
                    for (const pipeline::AdoptionRow& row : engine.Adoptions(LimitOf(request))) {
                      rows += (rows.empty() ? "" : ",") + pipeline::AdoptionJson("", 0, row);
                    }
                    out.set_content("{\"adoptions\":[" + rows + "]}\n", "application/json");
                  });
  front->AddRoute("POST", R"(/api/v1/adoptions/([0-9a-f]{1,64})/undo)",
                  [this](const httplib::Request& request, httplib::Response& response) {
                    const Status undone = engine.UndoAdoption(request.matches[1].str());
                    if (!undone.ok()) return Fail(response, undone.error());
                    response.status = 202;
                    response.set_content("{\"status\":\"accepted\"}\n", "application/json");
                  });
}

void Server::State::AddReads() {
  front->AddRoute("GET", "/api/v1/incidents",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    Rows(out, "incidents", engine.store().Incidents(LimitOf(request)));
                  });
  front->AddRoute("GET", R"(/api/v1/incidents/([0-9a-f]{1,64}))",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    const auto row = engine.store().Incident(request.matches[1].str());
                    if (!row.ok()) return Fail(out, row.error());
                    if (!row->has_value()) {
                      return Fail(out, MakeError(ErrorCode::kNotFound,
                                                 "no incident " + request.matches[1].str()));
                    }
                    out.set_content((*row)->body + "\n", "application/json");
                  });
  front->AddRoute("GET", "/api/v1/decisions",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    Rows(out, "decisions", engine.store().Decisions(LimitOf(request)));
                  });
  front->AddRoute("GET", "/api/v1/signals",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    Json rows = Json::array();
                    for (const SignalRow& row : engine.SignalRows(LimitOf(request))) {
                      rows.push_back({{"signal", row.name},
                                      {"kind", row.kind},
                                      {"what", row.what},
                                      {"unit", row.unit},
                                      {"labels", LabelsJson(row.labels)},
                                      {"state", row.state},
                                      {"evidence", EvidenceJson(row.standing)},
                                      {"verdict", row.reason},
                                      {"value", row.value},
                                      {"expected", row.expected},
                                      {"band", {row.band_low, row.band_high}},
                                      {"tail_probability", row.tail_probability}});
                    }
                    out.set_content(Dump({{"signals", std::move(rows)}}), "application/json");
                  });
  front->AddRoute("GET", "/metrics/signals", [this](const httplib::Request&, auto& out) {
    if (!engine.export_options().enabled) {
      return Fail(out, MakeError(ErrorCode::kNotFound, "export.enabled is false"));
    }
    out.set_content(exports::RenderSignalSeries(engine.SignalSeries()),
                    "text/plain; version=0.0.4; charset=utf-8");
  });
  front->AddRoute("GET", "/api/v1/status", [this](const httplib::Request&, httplib::Response& out) {
    const EngineStatus status = engine.status();
    out.set_content(Dump({{"version", kVersion},
                          {"ready", engine.Ready()},
                          {"event_time", FormatRfc3339(status.event_time)},
                          {"journal_sequence", status.journal_sequence},
                          {"journal_last", engine.journal_last()},
                          {"series", status.series},
                          {"signals", status.signals},
                          {"open_alerts", status.open_alerts},
                          {"open_incidents", status.open_incidents},
                          {"last_error", status.last_error}}),
                    "application/json");
  });
}

}  // namespace quell::api
