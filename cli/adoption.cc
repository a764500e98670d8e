// quell adoption list | undo: the shifts that a running engine adopted, and taking one back.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "core/file.h"
#include "core/http_client.h"

namespace quell::cli {
namespace {

using Json = nlohmann::json;

struct AdoptionFlags {
  std::string url = "http://127.0.0.1:9797";
  std::string bearer_token_file, ca_file, id;
};

Result<Json> Ask(const AdoptionFlags& flags, const std::string& method, const std::string& path) {
  HttpRequest request;
  request.method = method;
  request.url = flags.url + path;
  request.ca_file = flags.ca_file;
  if (!flags.bearer_token_file.empty()) {
    QUELL_ASSIGN(std::string token, ReadFile(flags.bearer_token_file));
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
    request.headers.emplace_back("Authorization", "Bearer " + token);
  }
  HttpClient client;
  QUELL_ASSIGN(const HttpResponse response, client.Send(request));
  Json body = Json::parse(response.body, nullptr, false);
  if (response.status / 100 == 2 && body.is_object()) return body;
  std::string said = flags.url + " answers " + std::to_string(response.status);
  if (body.is_object() && body.contains("error")) {
    said += ": " + body["error"].value("message", std::string());
  }
  return MakeError(ErrorCode::kUnavailable, said);
}

int List(const AdoptionFlags& flags) {
  const auto answer = Ask(flags, "GET", "/api/v1/adoptions");
  if (!answer.ok()) return Fail(answer.error());
  std::printf("%-16s  %-7s  %-24s  %-24s  %12s  %12s  %s\n", "id", "shifted", "adopted", "since",
              "from", "to", "signal");
  for (const Json& row : answer->value("adoptions", Json::array())) {
    std::string labels;
    for (const auto& [name, value] : row.value("labels", Json::object()).items()) {
      if (name != "alertname") labels += ' ' + name + '=' + value.get<std::string>();
    }
    std::string hours = row.value("hours", std::string());
    if (!hours.empty()) hours.insert(0, 1, ' ');
    const bool undone = row.contains("undone_at") && row["undone_at"].is_string();
    std::printf(
        "%-16s  %-7s  %-24s  %-24s  %12.4g  %12.4g  %s%s%s%s\n",
        row.value("adoption", std::string()).c_str(), row.value("shifted", std::string()).c_str(),
        row.value("adopted_at", std::string()).c_str(), row.value("since", std::string()).c_str(),
        row.value("from", 0.0), row.value("to", 0.0), row.value("signal", std::string()).c_str(),
        labels.c_str(), hours.c_str(), undone ? " (undone)" : "");
  }
  return 0;
}

int Undo(const AdoptionFlags& flags) {
  const auto answer = Ask(flags, "POST", "/api/v1/adoptions/" + flags.id + "/undo");
  if (!answer.ok()) return Fail(answer.error());
  std::printf("accepted: what was usual before is expected again\n");
  return 0;
}

}  // namespace

void AddAdoption(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<AdoptionFlags>();
  CLI::App* verb = app.add_subcommand(
      "adoption", "List or undo the lasting shifts that a running engine adopted as normal.");
  verb->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, int (*call)(const AdoptionFlags&)) {
    CLI::App* sub = verb->add_subcommand(name, help);
    sub->add_option("--url", flags->url, "where the engine listens")->capture_default_str();
    sub->add_option("--bearer-token-file", flags->bearer_token_file, "file with the token")
        ->type_name("FILE");
    sub->add_option("--ca-file", flags->ca_file, "authority of its certificate, PEM")
        ->type_name("FILE");
    sub->callback([flags, call, &exit_code] { exit_code = call(*flags); });
    return sub;
  };
  add("list", "Print the latest adoptions, newest first.", List);
  add("undo",
      "Expect again what was usual before (role operate).\n\n"
      "If the signal still deviates from it, that is an alert. A level is not adopted again\n"
      "for a day, a scale not for three, an hour of the day not for seven.",
      Undo)
      ->add_option("id", flags->id, "the adoption's id")
      ->required()
      ->check([](const std::string& id) {
        const bool fine =
            id.size() == 16 && id.find_first_not_of("0123456789abcdef") == std::string::npos;
        return fine ? std::string() : std::string("an id has 16 hexadecimal digits");
      });
}

}  // namespace quell::cli
