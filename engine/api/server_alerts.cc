// Alertmanager's API v2: what Prometheus, amtool and other clients of it ask.
#include <algorithm>

#include "engine/api/alert_view.h"
#include "engine/api/server_state.h"
#include "engine/api/version.h"
#include "ingest/alerts/filter.h"

namespace quell::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kJson = "application/json";
constexpr size_t kFiltersMax = 100;
// The front sends no more in one answer.
constexpr size_t kListBytesMax = 60U << 20U;

void Answer(httplib::Response& response, const ingest::ApiAnswer& answer) {
  response.status = answer.status;
  if (answer.status == 503) response.set_header("Retry-After", "1");
  if (!answer.body.empty()) response.set_content(answer.body, kJson);
}

void AnswerList(httplib::Response& response, std::string list) {
  if (list.size() > kListBytesMax) {
    return Answer(
        response,
        ingest::TextAnswer(400, "the list has " + std::to_string(list.size()) +
                                    " bytes, of which at most " + std::to_string(kListBytesMax) +
                                    " are sent: narrow it with filter=, or active=, silenced="));
  }
  response.set_content(std::move(list), kJson);
}

// As the generated code of Alertmanager reads them.
bool Flag(const httplib::Request& request, const char* name) {
  if (!request.has_param(name)) return true;
  const std::string text = request.get_param_value(name);
  return text == "true" || text == "1" || text == "t" || text == "yes" || text == "on";
}

Result<std::vector<Matcher>> ReadFilters(const httplib::Request& request) {
  std::vector<Matcher> out;
  const size_t count = request.get_param_value_count("filter");
  if (count > kFiltersMax) {
    return MakeError(ErrorCode::kInvalidArgument, "more than 100 filters");
  }
  for (size_t i = 0; i < count; ++i) {
    QUELL_ASSIGN(Matcher filter, ingest::ParseFilter(request.get_param_value("filter", i)));
    out.push_back(std::move(filter));
  }
  return out;
}

Result<AlertQuery> ReadQuery(const httplib::Request& request) {
  AlertQuery query;
  query.active = Flag(request, "active");
  query.silenced = Flag(request, "silenced");
  QUELL_ASSIGN(query.filters, ReadFilters(request));
  if (const std::string names = request.get_param_value("receiver"); !names.empty()) {
    auto receiver = Matcher::Create(MatchOp::kRegex, "receiver", names);
    if (!receiver.ok()) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "failed to parse receiver param: " + receiver.error().message);
    }
    query.receiver.push_back(*std::move(receiver));
  }
  return query;
}

// Receivers and grouping in Alertmanager's form, for clients that read a configuration. Every
// receiver gets every incident; no secret is in it.
std::string RoutesText(const std::vector<std::string>& receivers,
                       const config::AlertsConfig& alerts) {
  const auto quoted = [](const std::string& text) {
    std::string out;
    AppendJsonText(out, text);
    return out;
  };
  std::string group_by;
  for (const std::string& label : alerts.group_by) {
    group_by += (group_by.empty() ? "" : ", ") + quoted(label);
  }
  std::string routes;
  std::string names;
  for (const std::string& name : receivers) {
    routes += "  - receiver: " + quoted(name) + "\n    continue: true\n";
    names += "- name: " + quoted(name) + "\n";
  }
  return "# Quell: its receivers and groups, as Alertmanager writes them.\nglobal:\n"
         "  resolve_timeout: " +
         FormatDuration(alerts.resolve_timeout_ms) +
         "\nroute:\n  receiver: " + quoted(receivers.empty() ? "none" : receivers.front()) +
         "\n  group_by: [" + group_by + "]\n" + (routes.empty() ? "" : "  routes:\n" + routes) +
         "receivers:\n" + names;
}

}  // namespace

void Server::State::AddAlertWrites() {
  front->AddRoute(
      "POST", kAlertsPath, [this](const httplib::Request& request, httplib::Response& response) {
        const auto type = ingest::CheckMediaType(request.get_header_value("Content-Type"));
        Answer(response, type.ok() ? engine.PostAlerts(request.body) : type);
      });
  front->AddRoute(
      "POST", "/api/v2/silences",
      [this](const httplib::Request& request, httplib::Response& response) {
        const auto type = ingest::CheckMediaType(request.get_header_value("Content-Type"));
        Answer(response, type.ok() ? engine.PostSilence(request.body, WhoAsks(request)) : type);
      });
  front->AddRoute(
      "DELETE", kSilencePath, [this](const httplib::Request& request, httplib::Response& response) {
        const std::string id = request.matches[1].str();
        if (!ingest::IsUuid(id)) return Answer(response, NoUuid(id));
        const Status ended = engine.ExpireSilence(id, WhoAsks(request));
        if (ended.ok()) return;
        const bool unknown = ended.error().code == ErrorCode::kNotFound;
        Answer(response, ingest::TextAnswer(unknown ? 404 : 503, ended.error().message));
      });
}

ingest::ApiAnswer Server::State::NoUuid(const std::string& id) {
  return ingest::CodedAnswer(601,
                             "silenceID in path must be of type uuid: " + ingest::GoQuoted(id));
}

void Server::State::AddAlertReads() {
  const auto alerts = [this](bool grouped) {
    return [this, grouped](const httplib::Request& request, httplib::Response& response) {
      const auto query = ReadQuery(request);
      if (!query.ok()) return Answer(response, ingest::TextAnswer(400, query.error().message));
      const AlertView view = engine.Alerts();
      AnswerList(response, grouped ? AlertGroupsJson(view, *query, engine.alerts_config().group_by)
                                   : AlertsJson(ListAlerts(view, *query)));
    };
  };
  front->AddRoute("GET", kAlertsPath, alerts(false));
  front->AddRoute("GET", "/api/v2/alerts/groups", alerts(true));
  front->AddRoute("GET", "/api/v2/silences",
                  [this](const httplib::Request& request, httplib::Response& response) {
                    const auto filters = ReadFilters(request);
                    if (!filters.ok()) {
                      return Answer(response, ingest::TextAnswer(400, filters.error().message));
                    }
                    AnswerList(response, SilencesJson(engine.Alerts(), *filters));
                  });
  front->AddRoute("GET", kSilencePath,
                  [this](const httplib::Request& request, httplib::Response& response) {
                    const std::string id = request.matches[1].str();
                    if (!ingest::IsUuid(id)) return Answer(response, NoUuid(id));
                    const AlertView view = engine.Alerts();
                    const ingest::Silence* silence = view.silences.Find(id);
                    if (silence == nullptr)
                      return Answer(response, ingest::TextAnswer(404, "silence not found"));
                    response.set_content(SilenceJson(*silence, view.now) + "\n", kJson);
                  });
  front->AddRoute("GET", "/api/v2/receivers",
                  [this](const httplib::Request&, httplib::Response& response) {
                    Json out = Json::array();
                    for (const std::string& name : engine.ReceiverNames()) {
                      out.push_back({{"name", name}});
                    }
                    response.set_content(Dump(out), kJson);
                  });
  front->AddRoute(
      "GET", "/api/v2/status", [this](const httplib::Request&, httplib::Response& response) {
        const std::string original = RoutesText(engine.ReceiverNames(), engine.alerts_config());
        const Json version = {{"branch", ""},    {"buildDate", ""}, {"buildUser", ""},
                              {"goVersion", ""}, {"revision", ""},  {"version", kVersion}};
        response.set_content(Dump({{"cluster", {{"status", "disabled"}}},
                                   {"config", {{"original", original}}},
                                   {"uptime", FormatRfc3339(started_at)},
                                   {"versionInfo", version}}),
                             kJson);
      });
}

}  // namespace quell::api
