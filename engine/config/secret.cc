#include "engine/config/secret.h"

#include <cstdlib>

#include "core/file.h"

namespace quell::config {
namespace {

constexpr size_t kSecretBytesMax = 4096;

void Finish(YamlMap& map, std::string_view key, std::string& secret) {
  while (!secret.empty() &&
         (secret.back() == '\n' || secret.back() == '\r' || secret.back() == ' ')) {
    secret.pop_back();
  }
  if (secret.empty()) map.Fail(key, "the secret is empty");
}

}  // namespace

void ReadSecretFile(YamlMap& map, std::string_view key, const std::string& file, std::string& out) {
  auto content = ReadFile(file, kSecretBytesMax);
  if (!content.ok()) {
    map.Fail(key, content.error().message);
    return;
  }
  out = *std::move(content);
  Finish(map, key, out);
}

void ReadSecretVariable(YamlMap& map, std::string_view key, const std::string& variable,
                        std::string& out) {
  const char* value = std::getenv(variable.c_str());
  if (value == nullptr) {
    map.Fail(key, "environment variable " + variable + " is not set");
    return;
  }
  out = value;
  Finish(map, key, out);
}

void ReadSecret(YamlMap& map, const std::string& key, std::string& out) {
  std::string file;
  std::string variable;
  map.Read(key + "_file", file).Read(key + "_env", variable);
  if (file.empty() == variable.empty()) {
    map.Fail(key + "_file", "give exactly one of " + key + "_file and " + key + "_env");
  } else if (!file.empty()) {
    ReadSecretFile(map, key + "_file", file, out);
  } else {
    ReadSecretVariable(map, key + "_env", variable, out);
  }
}

}  // namespace quell::config
