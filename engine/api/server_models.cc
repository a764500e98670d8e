// The server's routes for versions of what decides.
#include "engine/api/server_state.h"
#include "engine/http/answer.h"

namespace quell::api {
namespace {

constexpr const char* kJson = "application/json";
constexpr const char* kOne = "/api/v1/models/([0-9a-z]{1,64})";

void Answer(const ModelAnswer& answer, httplib::Response& response) {
  response.status = answer.status;
  if (answer.status < 300) return response.set_content(answer.body, kJson);
  if (answer.status == 503) response.set_header("Retry-After", "1");
  response.set_content(http::ProblemJson(answer.status, answer.code, answer.message),
                       http::kProblemType);
}

}  // namespace

void Server::State::ActOnModel(models::ActionKind kind, const httplib::Request& request,
                               httplib::Response& response) {
  auto asked = ParseModelRequest(kind, request.body, WhoAsks(request));
  if (!asked.ok()) return Fail(response, asked.error());
  if (request.matches.size() > 1) asked->model = request.matches[1].str();
  if (request.has_header("If-Match")) {
    asked->if_revision = RevisionOfTag(request.get_header_value("If-Match"));
    if (!asked->if_revision) {
      return Answer({412, "changed_since", "If-Match is no tag of a version", ""}, response);
    }
  }
  Answer(engine.ActOnModel(*asked), response);
}

void Server::State::AddModels() {
  const auto act = [this](const std::string& path, models::ActionKind kind) {
    front->AddRoute("POST", path, [this, kind](const httplib::Request& request, auto& response) {
      ActOnModel(kind, request, response);
    });
  };
  front->AddRoute("GET", "/api/v1/models",
                  [this](const httplib::Request& request, httplib::Response& response) {
                    Tagged(request, response, engine.ModelsJson());
                  });
  front->AddRoute("GET", kOne,
                  [this](const httplib::Request& request, httplib::Response& response) {
                    const std::string id = request.matches[1].str();
                    const auto body = engine.ModelJson(id);
                    if (!body)
                      return Fail(response, MakeError(ErrorCode::kNotFound, "no version " + id));
                    // The tag is the version's own revision: what else is told of it may move
                    // without harm.
                    const auto read = nlohmann::json::parse(*body, nullptr, false);
                    response.set_header("ETag", '"' + read["revision"].dump() + '"');
                    response.set_header("Cache-Control", "private, no-store");
                    response.set_content(*body, kJson);
                  });
  front->AddRoute("GET", std::string(kOne) + "/differences",
                  [this](const httplib::Request& request, httplib::Response& response) {
                    const std::string id = request.matches[1].str();
                    auto body = engine.DifferencesJson(id);
                    if (body) return Tagged(request, response, *std::move(body));
                    Fail(response, MakeError(ErrorCode::kNotFound,
                                             "version " + id + " is not the one that runs beside"));
                  });
  front->AddRoute("POST", "/api/v1/score",
                  [this](const httplib::Request& request, httplib::Response& response) {
                    const auto asked = ParseScoreRequest(request.body);
                    if (!asked.ok()) return Fail(response, asked.error());
                    response.set_content(ScoreJson(*asked, engine.Score(*asked)), kJson);
                  });
  act("/api/v1/models", models::ActionKind::kRegister);
  act("/api/v1/models/rollback", models::ActionKind::kRollback);
  for (const models::ActionKind kind : kModelActions) {
    act(std::string(kOne) + '/' + std::string(models::ActionName(kind)), kind);
  }
}

std::string RenderScores(const Engine& engine) {
  MetricsText out;
  out.Family("quell_scored_points_total", "counter",
             "Points scored on request, by why a version did not (none: one did).");
  for (size_t i = 0; i < models::kFallbacks; ++i) {
    const auto fallback = static_cast<models::Fallback>(i);
    out.Sample("fallback=\"" + std::string(models::FallbackName(fallback)) + '"',
               static_cast<double>(engine.scored(fallback)));
  }
  return out.text();
}

std::string RenderModels(const ModelsStatus& models) {
  MetricsText out;
  out.Family("quell_models", "gauge", "Registered versions of what decides, by their state.");
  for (size_t i = 0; i < models::kStates; ++i) {
    const auto state = static_cast<models::State>(i);
    out.Sample("state=\"" + std::string(models::StateName(state)) + '"',
               static_cast<double>(models.states.at(i)));
  }
  const auto actions = [&](const auto& counts) {
    for (size_t i = 0; i < models::kActionKinds; ++i) {
      const auto kind = static_cast<models::ActionKind>(i);
      out.Sample("action=\"" + std::string(models::ActionName(kind)) + '"',
                 static_cast<double>(counts.at(i)));
    }
  };
  out.Family("quell_model_actions_total", "counter",
             "What was done with versions since the start.");
  actions(models.counters.taken);
  out.Family("quell_model_differences", "gauge",
             "What only the deciding version or only the one in shadow did, since it began.");
  for (const auto& [what, counts] :
       {std::pair("page", models.pages), std::pair("alert", models.alerts)}) {
    const std::string label = "what=\"" + std::string(what) + "\",by=\"";
    out.Sample(label + "both\"", static_cast<double>(counts.both));
    out.Sample(label + "active\"", static_cast<double>(counts.only_active));
    out.Sample(label + "candidate\"", static_cast<double>(counts.only_candidate));
  }
  out.Family("quell_model_differences_left_out", "gauge",
             "Happenings that could not wait to be compared: too many at once.");
  out.Sample("", static_cast<double>(models.left_out));
  out.Family("quell_model_actions_refused_total", "counter",
             "What was asked to be done with versions and refused.");
  actions(models.refused);
  return out.text();
}

}  // namespace quell::api
