#include "engine/backfill/progress.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/file.h"

namespace quell::backfill {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr size_t kProgressBytesMax = 1U << 20U;

std::string PathIn(const std::string& folder) { return folder + "/progress.json"; }

// The numbers, by name: one list for both directions.
auto Counts(auto& progress) {
  using Count = decltype(&progress.samples);
  return std::array<std::pair<const char*, Count>, 10>{
      {{"segment", &progress.segment},
       {"segment_bytes", &progress.segment_bytes},
       {"last_sequence", &progress.last_sequence},
       {"journal_bytes", &progress.journal_bytes},
       {"samples", &progress.samples},
       {"records", &progress.records},
       {"windows", &progress.windows},
       {"series_max", &progress.series_max},
       {"histogram_chunks", &progress.histogram_chunks},
       {"segment_bytes_max", &progress.segment_bytes_max}}};
}

auto Times(auto& progress) {
  using Time = decltype(&progress.from);
  return std::array<std::pair<const char*, Time>, 6>{{{"asked_from_ms", &progress.identity.from},
                                                      {"asked_to_ms", &progress.identity.to},
                                                      {"from_ms", &progress.from},
                                                      {"to_ms", &progress.to},
                                                      {"next_ms", &progress.next},
                                                      {"slice_ms", &progress.slice_ms}}};
}

auto Texts(auto& progress) {
  using Text = decltype(&progress.selector);
  return std::array<std::pair<const char*, Text>, 3>{
      {{"source", &progress.identity.source},
       {"configuration", &progress.identity.configuration},
       {"selector", &progress.selector}}};
}

template <typename Fields>
bool Take(const Json& json, const Fields& fields, bool (Json::*is)() const noexcept) {
  for (const auto& [name, to] : fields) {
    const auto at = json.find(name);
    if (at == json.end() || !((*at).*is)()) return false;
    at->get_to(*to);
  }
  return true;
}

}  // namespace

Status WriteProgress(const std::string& folder, const Progress& progress) {
  Json json = {{"version", kVersion},
               {"phase", progress.phase == Phase::kHistory ? "history" : "merge"}};
  for (const auto& [name, text] : Texts(progress)) json[name] = *text;
  for (const auto& [name, time] : Times(progress)) json[name] = *time;
  for (const auto& [name, count] : Counts(progress)) json[name] = *count;
  return WriteFileAtomic(PathIn(folder),
                         json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
}

Result<std::optional<Progress>> ReadProgress(const std::string& folder) {
  const auto text = ReadFile(PathIn(folder), kProgressBytesMax);
  if (!text.ok()) {
    if (text.error().code == ErrorCode::kNotFound) return std::optional<Progress>();
    return text.error();
  }
  const Json json = Json::parse(*text, nullptr, /*allow_exceptions=*/false);
  Progress progress;
  const auto version = json.is_object() ? json.find("version") : json.end();
  const bool known = version != json.end() && *version == kVersion &&
                     Take(json, Texts(progress), &Json::is_string) &&
                     Take(json, Times(progress), &Json::is_number_integer) &&
                     Take(json, Counts(progress), &Json::is_number_unsigned) &&
                     json.contains("phase");
  if (!known) {
    return MakeError(ErrorCode::kCorrupt,
                     PathIn(folder) + " does not decode; --restart begins anew without it");
  }
  progress.phase = json["phase"] == "merge" ? Phase::kMerge : Phase::kHistory;
  return std::optional<Progress>(std::move(progress));
}

}  // namespace quell::backfill
