#include "engine/api/reports.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "core/file.h"
#include "core/time.h"

namespace quell::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kEntriesMax = 10000;  // of the folder that are looked at

struct Found {
  std::string name;
  TimeMs written = 0;
  std::uint64_t bytes = 0;
};

// A folder of this name with a report, neither of them a link.
std::optional<Found> Look(const std::string& folder, const std::string& name) {
  struct stat of {};
  const std::string path = folder + '/' + name;
  if (lstat(path.c_str(), &of) != 0 || !S_ISDIR(of.st_mode)) return std::nullopt;
  if (lstat((path + "/report.json").c_str(), &of) != 0 || !S_ISREG(of.st_mode)) {
    return std::nullopt;
  }
  return Found{name, static_cast<TimeMs>(of.st_mtime) * kSecondMs,
               static_cast<std::uint64_t>(of.st_size)};
}

}  // namespace

bool IsReportName(std::string_view name) {
  constexpr size_t kNameMax = 100;
  const auto word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= kNameMax && word(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return word(c) || c == '.' || c == '_' || c == '-'; });
}

Result<Json> ListReportsJson(const std::string& folder) {
  std::vector<Found> found;
  size_t left_out = 0;
  if (!folder.empty()) {
    const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(folder.c_str()), closedir);
    if (open == nullptr) {
      return MakeError(ErrorCode::kIo, "server.reports: cannot read the folder " + folder);
    }
    size_t entries = 0;
    for (const dirent* entry = readdir(open.get()); entry != nullptr; entry = readdir(open.get())) {
      if (++entries > kEntriesMax) break;
      if (!IsReportName(entry->d_name)) continue;
      if (auto one = Look(folder, entry->d_name)) found.push_back(*std::move(one));
    }
  }
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    return a.written != b.written ? a.written > b.written : a.name < b.name;
  });
  if (found.size() > kReportsMax) {
    left_out = found.size() - kReportsMax;
    found.resize(kReportsMax);
  }
  Json rows = Json::array();
  for (const Found& one : found) {
    rows.push_back(
        {{"name", one.name}, {"written_at", FormatRfc3339(one.written)}, {"bytes", one.bytes}});
  }
  return Json{{"reports", std::move(rows)}, {"left_out", left_out}};
}

Result<std::string> ReadReport(const std::string& folder, const std::string& name) {
  const auto found = folder.empty() || !IsReportName(name) ? std::nullopt : Look(folder, name);
  if (!found) return MakeError(ErrorCode::kNotFound, "no report of that name");
  if (found->bytes > kReportBytesMax) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "report " + name + " is larger than 8 MiB: open its report.html");
  }
  QUELL_ASSIGN(std::string text, ReadFile(folder + '/' + name + "/report.json"));
  const Json read = Json::parse(text, nullptr, false);
  if (!read.is_object() || read.value("version", Json()) != Json(1)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "report " + name + ": report.json is no report of version 1");
  }
  return text;
}

}  // namespace quell::api
