#include "cli/client/engine_client.h"

#include <cstdio>
#include <cstdlib>

#include "cli/client/table.h"
#include "core/file.h"
#include "core/http_client.h"

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;

// What the engine said: a problem document, Alertmanager's {code, message} or string, or text.
std::string WordsOf(const Json& body, const std::string& text) {
  if (body.is_string()) return body.get<std::string>();
  for (const char* member : {"detail", "message"}) {
    if (const std::string words = TextOf(body, member); !words.empty()) return words;
  }
  const std::string words = TextOf(Member(body, "error"), "message");
  return words.empty() && body.is_discarded() ? text : words;
}

Error ErrorOf(const std::string& url, int status, const std::string& words) {
  std::string said = url + " answers " + std::to_string(status);
  if (!words.empty()) said += ": " + Inert(words);
  if (status == 401) {
    return MakeError(ErrorCode::kUnsupported,
                     said + "; give a token by --token-file or QUELL_TOKEN");
  }
  if (status == 403) return MakeError(ErrorCode::kUnsupported, said);
  if (status == 404) return MakeError(ErrorCode::kNotFound, said);
  const bool busy = status == 429 || status >= 500;
  return MakeError(busy ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument, said);
}

Result<std::string> TokenOf(const EngineFlags& flags) {
  if (flags.token_file.empty()) {
    const char* given = std::getenv("QUELL_TOKEN");
    return std::string(given == nullptr ? "" : given);
  }
  QUELL_ASSIGN(std::string token, ReadFile(flags.token_file));
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  if (token.empty()) {
    return MakeError(ErrorCode::kInvalidArgument, flags.token_file + " is empty");
  }
  return token;
}

std::string CheckUrl(const std::string& url) {
  const size_t scheme = url.starts_with("http://") ? 7 : url.starts_with("https://") ? 8 : 0;
  if (scheme == 0) return "a URL starts with http:// or https://";
  if (url.find('@') != std::string::npos) {
    return "credentials do not belong into a URL: use --token-file or QUELL_TOKEN";
  }
  return "";
}

std::string Base(const EngineFlags& flags) {
  return flags.url.substr(0, flags.url.find_last_not_of('/') + 1);
}

Result<HttpResponse> Send(const EngineFlags& flags, const std::string& method,
                          const std::string& path, const Json& body,
                          const std::string& if_match = "") {
  HttpRequest request;
  request.method = method;
  request.url = Base(flags) + path;
  request.ca_file = flags.ca_file;
  request.headers.emplace_back("Accept", "application/json");
  QUELL_ASSIGN(const std::string token, TokenOf(flags));
  if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  if (!if_match.empty()) request.headers.emplace_back("If-Match", if_match);
  if (!body.is_null()) {
    request.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    request.headers.emplace_back("Content-Type", "application/json");
  }
  HttpClient client;
  auto response = client.Send(request);
  if (!response.ok()) {
    return MakeError(response.error().code,
                     "no answer from " + Base(flags) + ": " + Inert(response.error().message));
  }
  if (response->status / 100 != 2) {
    const Json answer = Json::parse(response->body, nullptr, false);
    return ErrorOf(Base(flags), response->status, WordsOf(answer, response->body));
  }
  return response;
}

}  // namespace

void AddEngineFlags(CLI::App& verb, EngineFlags& flags, bool json) {
  verb.add_option("--url", flags.url, "where the engine listens")
      ->envname("QUELL_URL")
      ->check(CLI::Validator(CheckUrl, "", "url"))
      ->capture_default_str();
  verb.add_option("--token-file,--bearer-token-file", flags.token_file,
                  "file with the token; without it QUELL_TOKEN of the environment")
      ->type_name("FILE");
  verb.add_option("--ca-file", flags.ca_file, "authority of its certificate, PEM")
      ->type_name("FILE");
  if (json) verb.add_flag("--json", flags.json, "print JSON, for scripts");
}

Result<Json> Ask(const EngineFlags& flags, const std::string& method, const std::string& path,
                 const Json& body, const std::string& if_match) {
  QUELL_ASSIGN(const HttpResponse response, Send(flags, method, path, body, if_match));
  if (response.body.empty()) return Json();
  Json answer = Json::parse(response.body, nullptr, false);
  if (answer.is_discarded()) {
    return MakeError(ErrorCode::kInvalidArgument, Base(flags) + path + " does not answer in JSON");
  }
  return answer;
}

Result<std::string> AskText(const EngineFlags& flags, const std::string& path) {
  QUELL_ASSIGN(HttpResponse response, Send(flags, "GET", path, nullptr));
  return std::move(response.body);
}

int FailOf(const Error& error) {
  std::fprintf(stderr, "quell: %s\n", error.message.c_str());
  if (error.code == ErrorCode::kUnavailable) return 4;
  if (error.code == ErrorCode::kUnsupported) return 5;
  return error.code == ErrorCode::kNotFound ? 6 : 1;
}

void PrintJson(const Json& json) {
  std::printf("%s\n", json.dump(-1, ' ', true, Json::error_handler_t::replace).c_str());
}

std::string Quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += plain ? std::string(1, c) : std::string{'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  return out;
}

const Json& Member(const Json& json, const char* name) {
  static const Json kNull;
  if (!json.is_object()) return kNull;
  const auto at = json.find(name);
  return at == json.end() ? kNull : *at;
}

std::string TextOf(const Json& json, const char* member) {
  const Json& value = Member(json, member);
  return value.is_string() ? value.get<std::string>() : "";
}

double NumberOf(const Json& json, const char* member) {
  const Json& value = Member(json, member);
  return value.is_number() ? value.get<double>() : 0;
}

std::string LabelsText(const Json& json, const char* member) {
  std::string out;
  const Json& labels = Member(json, member);
  if (!labels.is_object()) return out;
  for (const auto& [name, value] : labels.items()) {
    if (name == "alertname" || !value.is_string()) continue;
    out += (out.empty() ? "" : " ") + name + '=' + value.get<std::string>();
  }
  return out;
}

std::string TimeText(const Json& json, const char* member, bool clock) {
  std::string out = TextOf(json, member).substr(0, 19);
  if (out.size() < 19) return "-";
  out[10] = ' ';
  return clock ? out.substr(11) : out;
}

const Json& RowsOf(const Json& json, const char* member) {
  static const Json kNone = Json::array();
  const Json& value = Member(json, member);
  return value.is_array() ? value : kNone;
}

}  // namespace quell::cli
