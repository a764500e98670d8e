#include "cli/prometheus_flags.h"

#include <algorithm>

#include "core/file.h"

namespace quell::cli {
namespace {

constexpr size_t kSecretBytesMax = 16U << 10U;

Result<std::string> ReadSecret(const std::string& flag, const std::string& path) {
  auto text = ReadFile(path, kSecretBytesMax);
  if (!text.ok()) return WithContext(text.error(), flag);
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  const bool plain = std::none_of(text->begin(), text->end(),
                                  [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (!text->empty() && plain) return text;
  return MakeError(ErrorCode::kInvalidArgument,
                   flag + ": " + path + " must hold one line of text, and nothing else");
}

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8U | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (size_t k = 0; k < 4; ++k) {
      out += k <= count ? kDigits[group >> (18U - 6U * k) & 63U] : '=';
    }
  }
  return out;
}

Result<std::string> Authorization(const PrometheusFlags& flags) {
  if (!flags.bearer_token_file.empty()) {
    QUELL_ASSIGN(const std::string token,
                 ReadSecret("--bearer-token-file", flags.bearer_token_file));
    return "Bearer " + token;
  }
  if (!flags.basic_auth_file.empty()) {
    QUELL_ASSIGN(const std::string pair, ReadSecret("--basic-auth-file", flags.basic_auth_file));
    if (pair.find(':') == std::string::npos) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "--basic-auth-file: " + flags.basic_auth_file + " must hold user:password");
    }
    return "Basic " + Base64(pair);
  }
  return std::string();
}

}  // namespace

void AddPrometheusAccessFlags(CLI::App& verb, PrometheusFlags& flags) {
  verb.add_option("--bearer-token-file", flags.bearer_token_file, "file with a bearer token")
      ->type_name("FILE");
  verb.add_option("--basic-auth-file", flags.basic_auth_file, "file with user:password")
      ->type_name("FILE")
      ->excludes("--bearer-token-file");
  verb.add_option("--ca-file", flags.ca_file, "PEM of the authority that signs the server")
      ->type_name("FILE");
}

Result<ingest::PrometheusAccess> PrometheusAccessOf(const PrometheusFlags& flags) {
  ingest::PrometheusAccess access;
  access.url = flags.url;
  access.ca_file = flags.ca_file;
  QUELL_ASSIGN(access.authorization, Authorization(flags));
  return access;
}

}  // namespace quell::cli
