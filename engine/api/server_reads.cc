// The server's routes that show what the engine knows.
#include <algorithm>
#include <charconv>

#include "engine/api/alert_list.h"
#include "engine/api/incident_list.h"
#include "engine/api/server_state.h"
#include "engine/api/version.h"
#include "ingest/alerts/filter.h"

namespace quell::api {
namespace {

using Json = nlohmann::ordered_json;

Json StatusJson(Engine& engine) {
  const EngineStatus status = engine.status();
  const auto pending = engine.store().CountOutbox(store::OutboxState::kPending);
  const auto dead = engine.store().CountDeadLetters();
  const auto effect = engine.store().LastSequence();
  Json states = Json::object();
  for (size_t i = 0; i < pipeline::kSignalStates; ++i) {
    std::uint64_t count = 0;
    for (const std::uint64_t n : status.census.signals[i]) count += n;
    states[std::string(signals::SignalStateName(static_cast<signals::SignalState>(i)))] = count;
  }
  const models::Version model = engine.model();
  return {{"version", kVersion},
          {"model", model.id},
          {"config", model.config},
          {"ready", engine.Ready()},
          {"event_time", FormatRfc3339(status.event_time)},
          {"journal_sequence", status.journal_sequence},
          {"journal_last", engine.journal_last()},
          {"series", status.series},
          {"signals", status.signals},
          {"open_alerts", status.open_alerts},
          {"open_incidents", status.open_incidents},
          {"last_error", status.last_error},
          {"steps", status.pipeline.steps},
          {"effects", effect.ok() ? *effect : 0},
          {"signal_states", std::move(states)},
          {"outbox_pending", pending.ok() ? *pending : 0},
          {"dead_letters", dead.ok() ? *dead : 0}};
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
  QUELL_ASSIGN(const ListSpan span, SpanOf(request));
  query.since = span.since.value_or(query.since);
  query.until = span.until.value_or(query.until);
  query.before = span.before;
  return query;
}

// A limit that is no number from 1 to 1000 is said, not guessed at.
Result<size_t> StrictLimitOf(const httplib::Request& request) {
  if (!request.has_param("limit")) return size_t{100};
  const size_t limit = NumberOf(request, "limit", 0, 0, IncidentListQuery::kLimitMax + 1);
  if (limit >= 1 && limit <= IncidentListQuery::kLimitMax) return limit;
  return MakeError(ErrorCode::kInvalidArgument, "limit must be a number from 1 to 1000");
}

Result<IncidentListQuery> ReadIncidentListQuery(const httplib::Request& request) {
  constexpr size_t kValuesMax = 100;
  IncidentListQuery query;
  QUELL_ASSIGN(query.limit, StrictLimitOf(request));
  query.brief = request.get_param_value("brief") == "true";
  for (const char* name : {"state", "severity", "filter"}) {
    if (request.get_param_value_count(name) <= kValuesMax) continue;
    return MakeError(ErrorCode::kInvalidArgument, std::string("more than 100 values of ") + name);
  }
  for (size_t i = 0; i < request.get_param_value_count("state"); ++i) {
    const std::string state = request.get_param_value("state", i);
    QUELL_TRY(CheckIncidentState(state));
    query.states.insert(state);
  }
  for (size_t i = 0; i < request.get_param_value_count("severity"); ++i) {
    const std::string severity = request.get_param_value("severity", i);
    QUELL_TRY(CheckIncidentSeverity(severity));
    query.severities.insert(severity);
  }
  for (size_t i = 0; i < request.get_param_value_count("filter"); ++i) {
    QUELL_ASSIGN(Matcher filter, ingest::ParseFilter(request.get_param_value("filter", i)));
    query.filters.push_back(std::move(filter));
  }
  QUELL_ASSIGN(query.words, SearchWords(request.get_param_value("search")));
  QUELL_ASSIGN(const ListSpan span, SpanOf(request));
  query.since = span.since.value_or(query.since);
  query.until = span.until.value_or(query.until);
  query.before = span.before;
  return query;
}

}  // namespace

Result<ListSpan> SpanOf(const httplib::Request& request) {
  constexpr size_t kDigitsMax = 18;  // beyond, the store has no numbers
  ListSpan span;
  for (const auto& [name, to] :
       {std::pair{"since", &span.since}, std::pair{"until", &span.until}}) {
    if (!request.has_param(name)) continue;
    const auto time = ParseTime(request.get_param_value(name));
    if (!time.ok()) {
      return MakeError(time.error().code, std::string(name) + ": " + time.error().message);
    }
    *to = *time;
  }
  const std::string before = request.get_param_value("before");
  const auto* end = before.data() + before.size();
  const auto read = std::from_chars(before.data(), end, span.before);
  const bool number = read.ec == std::errc() && read.ptr == end && before.size() <= kDigitsMax;
  if (!before.empty() && !number) {
    return MakeError(ErrorCode::kInvalidArgument, "before must be the `next` of an answer");
  }
  return span;
}

size_t LimitOf(const httplib::Request& request) { return NumberOf(request, "limit", 100, 1, 1000); }

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

void Server::State::Rows(const httplib::Request& request, httplib::Response& response,
                         const char* name, Result<std::vector<store::Store::Row>> rows) {
  if (!rows.ok()) return Fail(response, rows.error());
  // Bodies are JSON already; they are put in as they are.
  std::string out = std::string("{\"") + name + "\":[";
  for (size_t i = 0; i < rows->size(); ++i) out += (i > 0 ? "," : "") + (*rows)[i].body;
  Tagged(request, response, out + "]}\n");
}

void Server::State::AddPeopleTo(store::Store::Row& incident) {
  const auto people = engine.store().People(incident.id);
  if (people.ok() && people->has_value()) {
    incident.body = WithPeople(std::move(incident.body), (*people)->body);
  }
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
  constexpr const char* kNewNormal = R"(/api/v1/incidents/([0-9a-f]{1,64})/new-normal)";
  front->AddRoute("GET", kNewNormal, [this](const httplib::Request& request, auto& out) {
    const auto preview = engine.PreviewNormal(request.matches[1].str());
    if (!preview.ok()) return Fail(out, preview.error());
    out.set_header("Cache-Control", "no-store");
    out.set_content(*preview + "\n", "application/json");
  });
  front->AddRoute("POST", kNewNormal, [this](const httplib::Request& request, auto& out) {
    const Status said = engine.SayNormal(request.matches[1].str(), WhoAsks(request));
    if (!said.ok()) return Fail(out, said.error());
    out.status = 202;
    out.set_content("{\"status\":\"accepted\"}\n", "application/json");
  });
  front->AddRoute("POST", R"(/api/v1/adoptions/([0-9a-f]{1,64})/undo)",
                  [this](const httplib::Request& request, httplib::Response& response) {
                    const Status undone =
                        engine.UndoAdoption(request.matches[1].str(), WhoAsks(request));
                    if (!undone.ok()) return Fail(response, undone.error());
                    response.status = 202;
                    response.set_content("{\"status\":\"accepted\"}\n", "application/json");
                  });
}

void Server::State::AddReads() {
  front->AddRoute("GET", "/api/v1/incidents",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    const auto query = ReadIncidentListQuery(request);
                    if (!query.ok()) return Fail(out, query.error());
                    auto list = ListIncidentsJson(engine.store(), *query);
                    if (!list.ok()) return Fail(out, list.error());
                    Tagged(request, out, *std::move(list));
                  });
  front->AddRoute("GET", R"(/api/v1/incidents/([0-9a-f]{1,64}))",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    auto row = engine.store().Incident(request.matches[1].str());
                    if (!row.ok()) return Fail(out, row.error());
                    if (!row->has_value()) {
                      return Fail(out, MakeError(ErrorCode::kNotFound,
                                                 "no incident " + request.matches[1].str()));
                    }
                    AddPeopleTo(**row);
                    Tagged(request, out, (*row)->body + "\n");
                  });
  front->AddRoute("GET", R"(/api/v1/incidents/([0-9a-f]{1,64})/pages)",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    const auto pages = PagesJson(engine.store(), request.matches[1].str());
                    if (!pages.ok()) return Fail(out, pages.error());
                    Tagged(request, out, Dump(*pages));
                  });
  front->AddRoute("GET", "/api/v1/decisions",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    Rows(request, out, "decisions", engine.store().Decisions(LimitOf(request)));
                  });
  front->AddRoute("GET", "/metrics/signals", [this](const httplib::Request&, auto& out) {
    if (!engine.export_options().enabled) {
      return Fail(out, MakeError(ErrorCode::kNotFound, "export.enabled is false"));
    }
    out.set_content(exports::RenderSignalSeries(engine.SignalSeries()),
                    "text/plain; version=0.0.4; charset=utf-8");
  });
  front->AddRoute("GET", "/api/v1/status", [this](const httplib::Request&, httplib::Response& out) {
    out.set_content(Dump(StatusJson(engine)), "application/json");
  });
}

}  // namespace quell::api
