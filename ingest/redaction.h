// Redactor: takes card numbers, IBANs, e-mail addresses and whatever a rule names out of labels
// before anything is stored. What is found, and what is not: sensitive.h; for operators:
// docs/redaction.md.
//
// A hashed value becomes "redacted-" and 16 hex digits of HMAC-SHA-256(key, whole value): equal
// values stay equal, within one installation and for ever, so that series keep their identity;
// without the key a hash cannot be turned back by trying all card numbers (PCI DSS 4.0, 3.5.1.1).
// Dropped labels are gone; two series that differed in them alone become one.
// Thread-safe: const after Create(), and the counters are atomic.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/labels.h"
#include "core/matcher.h"
#include "core/result.h"
#include "ingest/sensitive.h"

namespace quell::ingest {

enum class RedactAction : std::uint8_t { kKeep, kHash, kDrop };

struct RedactionRule {
  std::string label;  // a name, or a regular expression (RE2) for the whole name
  RedactAction action = RedactAction::kKeep;
  bool operator==(const RedactionRule&) const = default;
};

struct RedactionOptions {
  std::vector<RedactionRule> rules;  // the first that matches decides; at most kRulesMax
  RedactAction card_numbers = RedactAction::kHash;
  RedactAction ibans = RedactAction::kHash;
  RedactAction emails = RedactAction::kHash;
  static constexpr size_t kRulesMax = 256;
  bool operator==(const RedactionOptions&) const = default;
};

enum class RedactedKind : std::uint8_t { kCardNumber, kIban, kEmail, kRule };
enum class RedactedHow : std::uint8_t { kHashed, kDropped, kMasked };
std::string_view RedactedKindName(RedactedKind kind);  // "card_number", "iban", "email", "rule"
std::string_view RedactedHowName(RedactedHow how);     // "hash", "drop", "mask"

class RedactionCounters {
 public:
  static constexpr size_t kKinds = 4, kHows = 3;
  void Count(RedactedKind kind, RedactedHow how) {
    counts_[Index(kind, how)].fetch_add(1, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t Get(RedactedKind kind, RedactedHow how) const {
    return counts_[Index(kind, how)].load(std::memory_order_relaxed);
  }

 private:
  static size_t Index(RedactedKind kind, RedactedHow how) {
    return static_cast<size_t>(kind) * kHows + static_cast<size_t>(how);
  }
  std::array<std::atomic<std::uint64_t>, kKinds * kHows> counts_{};
};

class Redactor {
 public:
  static constexpr size_t kKeyBytes = 32;
  // kInvalidArgument: a key that is not kKeyBytes long, a regular expression that does not compile,
  // too many rules, a rule that drops "__name__".
  static Result<Redactor> Create(RedactionOptions options, std::string key);

  // True if anything changed. Labels stay in order and distinct. Rules touch the metric name only
  // where they name it ("__name__"), and it is never dropped: what is found in it is replaced in
  // place, so that "_total" and "_bucket" still say what it is. A finding in another label's name
  // drops that label.
  bool Apply(std::vector<Label>& labels, RedactionCounters& counters) const;
  bool Apply(Labels& labels, RedactionCounters& counters) const;

  // One value that is no label's (an identifier): hashed if anything is found in it.
  bool ApplyValue(std::string& value, RedactionCounters& counters) const;

  // Free text with findings masked; the kinds that are kept stay.
  std::string Text(std::string_view text) const;
  std::string Text(std::string_view text, RedactionCounters& counters) const;

 private:
  enum class Fate : std::uint8_t { kSame, kChanged, kGone };
  struct Rule {
    Matcher name;
    RedactAction action;
  };
  struct Verdict {
    RedactAction action = RedactAction::kKeep;
    RedactedKind kind = RedactedKind::kRule;
  };

  Redactor(RedactionOptions options, std::string key, std::vector<Rule> rules);
  [[nodiscard]] RedactAction ActionOf(SensitiveKind kind) const;
  [[nodiscard]] Verdict Detect(std::string_view text) const;
  [[nodiscard]] const Rule* RuleFor(std::string_view name) const;
  [[nodiscard]] Verdict Judge(const Label& label) const;
  Fate ApplyOne(Label& label, RedactionCounters& counters) const;
  [[nodiscard]] std::string Hashed(std::string_view value, char joint) const;
  [[nodiscard]] std::string MetricName(std::string_view name) const;

  RedactionOptions options_;
  std::string key_;
  std::vector<Rule> rules_;
  SensitiveKinds kinds_;  // those that are not kept
};

// The key in `path`, made on first use: random, mode 0600, on disk before this returns.
// kCorrupt for a file of another length; kIo as the system says. The caller has the folder alone.
Result<std::string> LoadOrMakeRedactionKey(const std::string& path);

}  // namespace quell::ingest
