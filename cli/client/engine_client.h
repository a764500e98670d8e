// What speaks to a running engine: its flags, one request, and what failure means to scripts.
//
// Credentials come from a file or the environment (QUELL_TOKEN), never from the command line, where
// everybody on the machine could read them. Single-threaded.
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/result.h"

namespace quell::cli {

struct EngineFlags {
  std::string url = "http://127.0.0.1:9797";
  std::string token_file;
  std::string ca_file;
  bool json = false;
};

// --url (or QUELL_URL), --token-file, --ca-file; with `json` also --json.
void AddEngineFlags(CLI::App& verb, EngineFlags& flags, bool json = true);

// The answer's JSON, null where there is none. Errors carry the engine's own words, made inert:
// kUnavailable where it cannot be reached or is overloaded, kUnsupported where credentials or a
// role are missing (401, 403), kNotFound (404), else kInvalidArgument. `if_match` is an ETag: the
// engine refuses where what it stands for has changed since.
Result<nlohmann::ordered_json> Ask(const EngineFlags& flags, const std::string& method,
                                   const std::string& path,
                                   const nlohmann::ordered_json& body = nullptr,
                                   const std::string& if_match = "");

// The same, as the engine sent it: what is no JSON.
Result<std::string> AskText(const EngineFlags& flags, const std::string& path);

// An error of Ask on stderr, and the exit code that it stands for: 4 not reached, 5 not allowed,
// 6 not found, else 1.
int FailOf(const Error& error);

// JSON for scripts, and for terminals: whatever is not ASCII is escaped.
void PrintJson(const nlohmann::ordered_json& json);

// "%41" for what may not stand in a query.
std::string Quoted(std::string_view text);

// A member of an answer, null where it is missing.
const nlohmann::ordered_json& Member(const nlohmann::ordered_json& json, const char* name);
// The same as text, "" or 0 where it is of another type.
std::string TextOf(const nlohmann::ordered_json& json, const char* member);
double NumberOf(const nlohmann::ordered_json& json, const char* member);
// "psp=acme region=eu"; without alertname.
std::string LabelsText(const nlohmann::ordered_json& json, const char* member);
// "2026-11-27 16:56:00" of RFC 3339, "16:56:00" with `clock`; "-" for null.
std::string TimeText(const nlohmann::ordered_json& json, const char* member, bool clock = false);
// An array's elements; none where it is missing.
const nlohmann::ordered_json& RowsOf(const nlohmann::ordered_json& json, const char* member);

}  // namespace quell::cli
