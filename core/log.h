// Structured logs in logfmt, one line an event, to stderr:
//
//   ts=2026-08-22T10:00:00.000Z level=info msg="listening" address=127.0.0.1:9797
//
// Log(LogLevel::kInfo, "listening", {{"address", address}}). Values are quoted and escaped;
// control characters never reach the terminal. Thread-safe.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quell {

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kLogfmt, kJson };

// Once, from main, before any thread starts.
void SetUpLogging(LogLevel level, LogFormat format);

class LogField {
 public:
  LogField(std::string_view k, std::string_view text) : key(k), value(text) {}
  LogField(std::string_view k, const char* text) : key(k), value(text) {}
  LogField(std::string_view k, const std::string& text) : key(k), value(text) {}
  template <typename T>
  requires std::is_arithmetic_v<T> LogField(std::string_view k, T number)
      : key(k), value(std::to_string(number)) {}

  std::string_view key;
  std::string value;
};

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace quell
