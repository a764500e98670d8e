#include "engine/signals/label_words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <string>

namespace quell::signals {
namespace {

using Word = std::string_view;

constexpr std::array<Word, 20> kOutcomeLabels = {"outcome",
                                                 "status",
                                                 "code",
                                                 "result",
                                                 "status_code",
                                                 "http_status",
                                                 "http_code",
                                                 "response_code",
                                                 "statuscode",
                                                 "grpc_code",
                                                 "grpc_status",
                                                 "state",
                                                 "http_response_status_code",
                                                 "status_class",
                                                 "code_class",
                                                 "http_status_code",
                                                 "rpc_grpc_status_code",
                                                 "response_status",
                                                 "success",
                                                 "payment_status"};

constexpr std::array<Word, 16> kInstanceLabels = {
    "instance", "pod", "pod_name", "host", "hostname", "node",         "replica", "container",
    "server",   "ip",  "addr",     "task", "shard",    "container_id", "machine", "pod_ip"};

constexpr std::array<Word, 16> kDetailLabels = {
    "le",        "quantile",    "reason", "error",   "error_code",     "error_type",
    "exception", "version",     "commit", "build",   "decline_reason", "failure_reason",
    "trace_id",  "endpoint_ip", "uid",    "revision"};

constexpr std::array<Word, 9> kServiceLabels = {"service",   "service_name", "app",
                                                "app_name",  "application",  "system",
                                                "component", "job",          "deployment"};

constexpr std::array<Word, 14> kPlaceLabels = {
    "region",      "zone", "cloud_region", "aws_region", "location", "site", "datacenter",
    "data_center", "dc",   "country",      "market",     "cluster",  "az",   "availability_zone"};

constexpr std::array<Word, 17> kGoodWords = {
    "success",    "ok",         "approved", "succeeded", "successful", "accepted",
    "authorized", "authorised", "captured", "completed", "settled",    "paid",
    "true",       "pass",       "passed",   "complete",  "processed"};

constexpr std::array<Word, 31> kDeclineWords = {"declin",
                                                "insufficient",
                                                "do_not_honor",
                                                "do_not_honour",
                                                "fraud",
                                                "abandon",
                                                "cancel",
                                                "refus",
                                                "blocked",
                                                "expired_card",
                                                "stolen",
                                                "lost_card",
                                                "limit_exceeded",
                                                "invalid_card",
                                                "3ds",
                                                "challenge",
                                                "duplicate",
                                                "not_found",
                                                "invalidargument",
                                                "invalid_argument",
                                                "notfound",
                                                "alreadyexists",
                                                "already_exists",
                                                "permission",
                                                "unauthenticated",
                                                "failedprecondition",
                                                "failed_precondition",
                                                "outofrange",
                                                "out_of_range",
                                                "card_error",
                                                "validation"};

constexpr std::array<Word, 20> kFailureWords = {
    "fail",      "error",       "timeout",           "timed_out",
    "timedout",  "unavailable", "exception",         "internal",
    "deadline",  "reset",       "unknown",           "abort",
    "dropped",   "network",     "resourceexhausted", "resource_exhausted",
    "data_loss", "dataloss",    "overload",          "crash"};

std::string Lower(Word text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::replace(out.begin(), out.end(), '-', '_');
  std::replace(out.begin(), out.end(), ' ', '_');
  return out;
}

// What Lower() would give; most labels are written that way already.
class Lowered {
 public:
  explicit Lowered(Word text) : text_(text) {
    const auto changes = [](char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == ' '; };
    if (std::none_of(text.begin(), text.end(), changes)) return;
    made_ = Lower(text);
    text_ = made_;
  }
  Lowered(const Lowered&) = delete;
  Lowered& operator=(const Lowered&) = delete;
  [[nodiscard]] Word text() const { return text_; }

 private:
  std::string made_;
  Word text_;
};

template <size_t N>
bool IsOneOf(const std::array<Word, N>& words, Word text) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// Names, most of which are none of the words: few share a first letter and a length with one.
template <size_t N>
class NameSet {
 public:
  constexpr explicit NameSet(const std::array<Word, N>& words) : words_(words) {
    for (const Word word : words) lengths_[Place(word)] |= std::uint64_t{1} << word.size();
  }
  [[nodiscard]] bool Has(Word name) const {
    if (name.empty() || name.size() > 63) return false;
    if ((lengths_[Place(name)] >> name.size() & 1U) == 0) return false;
    return IsOneOf(words_, Lowered(name).text());
  }

 private:
  // Both cases of a letter share a place.
  static constexpr size_t Place(Word word) {
    return static_cast<unsigned char>(word.front()) & 31U;
  }

  std::array<Word, N> words_;
  std::array<std::uint64_t, 32> lengths_{};  // of the words that begin so; a bit each
};

constexpr NameSet kOutcomeNames{kOutcomeLabels};
constexpr NameSet kInstanceNames{kInstanceLabels};
constexpr NameSet kDetailNames{kDetailLabels};
constexpr NameSet kServiceNames{kServiceLabels};
constexpr NameSet kPlaceNames{kPlaceLabels};

template <size_t N>
bool ContainsOneOf(const std::array<Word, N>& words, Word text) {
  return std::any_of(words.begin(), words.end(),
                     [&](Word word) { return text.find(word) != Word::npos; });
}

// HTTP codes: "503", "5xx", "5XX". 429 and 408 are the system's fault; other 4xx are answers.
Outcome ClassifyHttp(Word lower) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (lower.size() != 3 || !digit(lower[0])) return Outcome::kUnknown;
  const bool code = digit(lower[1]) && digit(lower[2]);
  if (!code && lower.substr(1) != "xx") return Outcome::kUnknown;
  if (lower == "408" || lower == "429" || lower == "499") return Outcome::kFailure;
  switch (lower[0]) {
    case '1':
    case '2':
    case '3':
      return Outcome::kGood;
    case '4':
      return Outcome::kDecline;
    case '5':
      return Outcome::kFailure;
    default:
      return Outcome::kUnknown;
  }
}

// gRPC's numeric codes (grpc.io, status codes): 0 OK; the caller's mistakes are answers.
Outcome ClassifyGrpc(Word lower) {
  constexpr std::array<Word, 8> kAnswers = {"1", "3", "5", "6", "7", "9", "11", "16"};
  constexpr std::array<Word, 8> kFailures = {"2", "4", "8", "10", "12", "13", "14", "15"};
  if (lower == "0") return Outcome::kGood;
  if (IsOneOf(kAnswers, lower)) return Outcome::kDecline;
  return IsOneOf(kFailures, lower) ? Outcome::kFailure : Outcome::kUnknown;
}

}  // namespace

bool IsOutcomeLabel(Word name) { return kOutcomeNames.Has(name); }

Outcome ClassifyOutcome(Word value) {
  const Lowered lowered(value);
  const Word lower = lowered.text();
  const Outcome http = ClassifyHttp(lower);
  if (http != Outcome::kUnknown) return http;
  const Outcome grpc = ClassifyGrpc(lower);
  if (grpc != Outcome::kUnknown) return grpc;
  if (lower == "false" || lower == "ko") return Outcome::kFailure;
  if (IsOneOf(kGoodWords, lower)) return Outcome::kGood;
  // A decline word beats a failure word ("card_declined_error"), a failure word beats a good
  // one inside a longer value ("unsuccessful").
  if (ContainsOneOf(kDeclineWords, lower)) return Outcome::kDecline;
  if (ContainsOneOf(kFailureWords, lower) || lower.rfind("un", 0) == 0) return Outcome::kFailure;
  if (ContainsOneOf(kGoodWords, lower)) return Outcome::kGood;
  if (lower == "rejected" || lower == "denied" || lower == "reject") return Outcome::kDecline;
  return Outcome::kUnknown;
}

bool IsServiceLabel(Word name) { return kServiceNames.Has(name); }

bool IsPlaceLabel(Word name) { return kPlaceNames.Has(name); }

bool IsInstanceLabel(Word name) { return kInstanceNames.Has(name); }

bool IsDetailLabel(Word name) { return kDetailNames.Has(name); }

}  // namespace quell::signals
