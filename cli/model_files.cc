#include "cli/model_files.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>

#include "core/file.h"
#include "core/hash.h"
#include "engine/models/settings.h"

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

// Of a history a file may be larger than memory.
Result<std::string> DigestOfFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  if (!in || !context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) {
    return MakeError(ErrorCode::kIo, "cannot read " + path);
  }
  std::vector<char> buffer(1U << 20U);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    EVP_DigestUpdate(context.get(), buffer.data(), static_cast<size_t>(in.gcount()));
  }
  if (!in.eof()) return MakeError(ErrorCode::kIo, "cannot read " + path);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += kDigits[digest.at(i) >> 4U];
    out += kDigits[digest.at(i) & 15U];
  }
  return out;
}

// Over the files' digests in the order of their paths; where they lie is no part of it.
Result<std::string> DigestOfData(const std::vector<std::string>& paths) {
  std::string all;
  for (const std::string& path : paths) {
    std::error_code error;
    std::vector<std::string> files;
    if (fs::is_directory(path, error)) {
      for (const auto& entry : fs::recursive_directory_iterator(path, error)) {
        if (entry.is_regular_file(error)) files.push_back(entry.path().string());
      }
      std::sort(files.begin(), files.end());
    } else {
      files.push_back(path);
    }
    for (const std::string& file : files) {
      QUELL_ASSIGN(const std::string digest, DigestOfFile(file));
      all += digest + '\n';
    }
  }
  return Sha256Hex(all);
}

Result<Json> ReportOf(const std::string& path) {
  QUELL_ASSIGN(const std::string text, ReadFile(path));
  Json read = Json::parse(text, nullptr, false);
  const auto is = [&](const char* key) { return read.contains(key) && read[key].is_object(); };
  if (!read.is_object() || !is("scores") || !is("data")) {
    return MakeError(
        ErrorCode::kInvalidArgument,
        path + " is no report.json of quell replay: it has no \"scores\" and \"data\"");
  }
  return read;
}

}  // namespace

Result<Json> RegistrationOf(const ModelFiles& files) {
  QUELL_ASSIGN(const std::string text, ReadFile(files.config));
  QUELL_ASSIGN(const std::string settings, models::SettingsOfText(text, files.config));
  Json out = {{"settings", Json::parse(settings)}};
  Json training = Json::object();
  if (!files.report.empty()) {
    QUELL_ASSIGN(Json report, ReportOf(files.report));
    const Json& data = report["data"];
    for (const auto& [ours, theirs] : {std::pair("from", "first"), std::pair("to", "last")}) {
      if (data.contains(theirs)) training[ours] = data[theirs];
    }
    out["quality"] = std::move(report["scores"]);
    if (data.contains("evaluated_from")) out["quality"]["evaluated_from"] = data["evaluated_from"];
  }
  if (!files.data.empty()) {
    QUELL_ASSIGN(training["digest"], DigestOfData(files.data));
  }
  if (!training.empty()) out["training"] = std::move(training);
  return out;
}

}  // namespace quell::cli
