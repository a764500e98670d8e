#include "core/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <nlohmann/json.hpp>

namespace quell {
namespace {

LogFormat g_format = LogFormat::kLogfmt;  // written once, before threads start

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string Quote(std::string_view text) {
  // JSON's escaping is also logfmt's, and keeps control characters and bad UTF-8 inert.
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

bool IsPlain(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c > '~') return false;
  }
  return true;
}

void Configure(spdlog::logger& logger, LogLevel level, LogFormat format) {
  logger.set_level(ToSpdlog(level));
  logger.flush_on(spdlog::level::debug);
  logger.set_pattern(format == LogFormat::kLogfmt
                         ? "ts=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v"
                         : R"({"ts":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})",
                     spdlog::pattern_time_type::utc);
}

// Ours, not the library's default one: what guards that one's making is inside a library that no
// thread sanitizer watches. Never destroyed, so that threads may log while the program ends.
spdlog::logger& Logger() {
  static spdlog::logger* const logger = [] {
    auto* made = new spdlog::logger("quell", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    Configure(*made, LogLevel::kInfo, LogFormat::kLogfmt);
    return made;
  }();
  return *logger;
}

}  // namespace

void SetUpLogging(LogLevel level, LogFormat format) {
  g_format = format;
  Configure(Logger(), level, format);
}

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  const auto to = ToSpdlog(level);
  spdlog::logger& logger = Logger();
  if (!logger.should_log(to)) return;
  std::string line = g_format == LogFormat::kLogfmt ? "msg=" : "\"msg\":";
  line += Quote(message);
  for (const LogField& field : fields) {
    if (g_format == LogFormat::kLogfmt) {
      line += ' ' + std::string(field.key) + '=';
      line += IsPlain(field.value) ? field.value : Quote(field.value);
    } else {
      line += ',' + Quote(field.key) + ':' + Quote(field.value);
    }
  }
  logger.log(to, "{}", line);
}

}  // namespace quell
