#include "engine/config/export_config.h"

#include "engine/config/secret.h"

namespace quell::config {
namespace {

constexpr std::uint64_t kSignalsMax = 100000;
constexpr std::uint64_t kHistoryBytesLeast = 1U << 20U;
constexpr std::uint64_t kHistoryBytesMost = 16ULL << 30U;

void ReadRemoteWrite(YamlMap& map, exports::RemoteWriteOptions& out) {
  map.Read("url", out.url).Read("ca_file", out.ca_file);
  map.ReadDuration("interval", out.interval_ms, kSecondMs, kHourMs);
  if (map.Has("bearer_token_file") || map.Has("bearer_token_env")) {
    ReadSecret(map, "bearer_token", out.bearer_token);
  }
  const auto starts = [&](std::string_view text) { return out.url.rfind(text, 0) == 0; };
  if (!out.url.empty() && !starts("http://") && !starts("https://")) {
    map.Fail("url", "must begin with http:// or https://");
  } else if (out.url.find('@') != std::string::npos) {
    map.Fail("url", "must not hold a name or password: use bearer_token_file");
  }
}

}  // namespace

void ReadExport(YamlMap& map, exports::Options& out) {
  std::uint64_t signals_max = out.signals_max;
  map.Read("enabled", out.enabled);
  map.ReadSize("signals_max", signals_max, 1, kSignalsMax);
  out.signals_max = signals_max;
  map.ReadMap("remote_write", [&](YamlMap& inner) { ReadRemoteWrite(inner, out.remote_write); });
}

void ReadServer(YamlMap& map, exports::HistoryOptions& out) {
  std::uint64_t bytes_max = out.bytes_max;
  map.ReadDuration("history", out.span_ms, 0, kDayMs);
  map.ReadSize("history_bytes_max", bytes_max, kHistoryBytesLeast, kHistoryBytesMost);
  out.bytes_max = bytes_max;
}

}  // namespace quell::config
