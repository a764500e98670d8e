#include "ingest/redaction.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "ingest/ascii.h"

namespace quell::ingest {
namespace {

constexpr std::string_view kPrefix = "redacted";
constexpr size_t kHexDigits = 16;
constexpr std::array<SensitiveKind, 3> kKinds{SensitiveKind::kCardNumber, SensitiveKind::kIban,
                                              SensitiveKind::kEmail};

RedactedKind CountedAs(SensitiveKind kind) {
  switch (kind) {
    case SensitiveKind::kCardNumber:
      return RedactedKind::kCardNumber;
    case SensitiveKind::kIban:
      return RedactedKind::kIban;
    case SensitiveKind::kEmail:
      return RedactedKind::kEmail;
  }
  return RedactedKind::kRule;
}

std::string HmacHex(const std::string& key, std::string_view message) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), mac.data(), nullptr);
  std::string out;
  for (size_t i = 0; i < kHexDigits / 2; ++i) {
    out += kDigits[mac[i] >> 4U];
    out += kDigits[mac[i] & 15U];
  }
  return out;
}

// Made by Hashed(), here or by a Quell that sent it.
bool IsHash(std::string_view value) {
  if (value.size() != kPrefix.size() + 1 + kHexDigits) return false;
  if (value.substr(0, kPrefix.size()) != kPrefix) return false;
  const std::string_view hex = value.substr(kPrefix.size() + 1);
  return (value[kPrefix.size()] == '-' || value[kPrefix.size()] == '_') &&
         std::all_of(hex.begin(), hex.end(),
                     [](char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); });
}

bool AnyFound(std::string_view text) {
  return std::any_of(kKinds.begin(), kKinds.end(),
                     [&](SensitiveKind kind) { return NextSensitive(kind, text).has_value(); });
}

}  // namespace

std::string_view RedactedKindName(RedactedKind kind) {
  constexpr std::array<std::string_view, RedactionCounters::kKinds> kNames{"card_number", "iban",
                                                                           "email", "rule"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view RedactedHowName(RedactedHow how) {
  constexpr std::array<std::string_view, RedactionCounters::kHows> kNames{"hash", "drop", "mask"};
  return kNames[static_cast<size_t>(how)];
}

Redactor::Redactor(RedactionOptions options, std::string key, std::vector<Rule> rules)
    : options_(std::move(options)), key_(std::move(key)), rules_(std::move(rules)) {
  kinds_.card_numbers = options_.card_numbers != RedactAction::kKeep;
  kinds_.ibans = options_.ibans != RedactAction::kKeep;
  kinds_.emails = options_.emails != RedactAction::kKeep;
}

Result<Redactor> Redactor::Create(RedactionOptions options, std::string key) {
  if (key.size() != kKeyBytes) {
    return MakeError(ErrorCode::kInvalidArgument, "the redaction key has " +
                                                      std::to_string(key.size()) + " bytes, not " +
                                                      std::to_string(kKeyBytes));
  }
  if (options.rules.size() > RedactionOptions::kRulesMax) {
    return MakeError(
        ErrorCode::kInvalidArgument,
        "more than " + std::to_string(RedactionOptions::kRulesMax) + " redaction rules");
  }
  std::vector<Rule> rules;
  for (const RedactionRule& rule : options.rules) {
    if (rule.label == kMetricName && rule.action == RedactAction::kDrop) {
      return MakeError(ErrorCode::kInvalidArgument, "a metric name (__name__) cannot be dropped");
    }
    // A plain name is the expression that matches itself; comparing is cheaper.
    const bool plain = std::all_of(rule.label.begin(), rule.label.end(),
                                   [](char c) { return IsAlnum(c) || c == '_'; });
    QUELL_ASSIGN(Matcher name,
                 Matcher::Create(plain ? MatchOp::kEqual : MatchOp::kRegex, "label", rule.label));
    rules.push_back({std::move(name), rule.action});
  }
  return Redactor(std::move(options), std::move(key), std::move(rules));
}

RedactAction Redactor::ActionOf(SensitiveKind kind) const {
  switch (kind) {
    case SensitiveKind::kCardNumber:
      return options_.card_numbers;
    case SensitiveKind::kIban:
      return options_.ibans;
    case SensitiveKind::kEmail:
      return options_.emails;
  }
  return RedactAction::kHash;
}

// The strictest action over all kinds that are found.
Redactor::Verdict Redactor::Detect(std::string_view text) const {
  Verdict out;
  const SensitiveKinds may = MayHold(text);
  for (const SensitiveKind kind : kKinds) {
    const RedactAction action = ActionOf(kind);
    if (may.Has(kind) && action > out.action && NextSensitive(kind, text))
      out = {action, CountedAs(kind)};
  }
  return out;
}

const Redactor::Rule* Redactor::RuleFor(std::string_view name) const {
  const bool metric_name = name == kMetricName;
  for (const Rule& rule : rules_) {
    if (metric_name && rule.name.value() != kMetricName) continue;
    if (rule.name.MatchesValue(name)) return &rule;
  }
  return nullptr;
}

Redactor::Verdict Redactor::Judge(const Label& label) const {
  const Rule* rule = RuleFor(label.name);
  if (rule != nullptr && rule->action == RedactAction::kKeep) return {};
  if (label.name != kMetricName) {
    Verdict in_name = Detect(label.name);
    if (in_name.action != RedactAction::kKeep) {
      in_name.action = RedactAction::kDrop;
      return in_name;
    }
  }
  if (rule != nullptr) {
    const bool done = rule->action == RedactAction::kHash && IsHash(label.value);
    if (!done) return {rule->action, RedactedKind::kRule};
  }
  return Detect(label.value);
}

// A hash may by chance look like a card number itself; then the next one is taken.
std::string Redactor::Hashed(std::string_view value, char joint) const {
  std::string message(value);
  for (;;) {
    std::string out = std::string(kPrefix) + joint + HmacHex(key_, message);
    if (!AnyFound(out)) return out;
    message += '\0';
  }
}

// Every finding replaced in place, by a hash that a classic metric name may hold.
std::string Redactor::MetricName(std::string_view name) const {
  constexpr size_t kNameBytesMax = 512;  // beyond it nothing is worth keeping
  if (name.size() > kNameBytesMax) return Hashed(name, '_');
  std::string out;
  size_t done = 0;
  while (done < name.size()) {
    SensitiveSpan first{name.size(), name.size()};
    for (const SensitiveKind kind : kKinds) {
      if (!kinds_.Has(kind)) continue;
      const auto next = NextSensitive(kind, name, done);
      if (next && next->begin < first.begin) first = *next;
    }
    out += name.substr(done, first.begin - done);
    if (first.begin < name.size()) {
      out += Hashed(name.substr(first.begin, first.end - first.begin), '_');
    }
    done = first.end;
  }
  return Detect(out).action == RedactAction::kKeep ? out : Hashed(name, '_');
}

Redactor::Fate Redactor::ApplyOne(Label& label, RedactionCounters& counters) const {
  const Verdict verdict = Judge(label);
  if (verdict.action == RedactAction::kKeep) return Fate::kSame;
  if (label.name == kMetricName) {
    counters.Count(verdict.kind, RedactedHow::kHashed);
    label.value =
        verdict.kind == RedactedKind::kRule ? Hashed(label.value, '_') : MetricName(label.value);
    return Fate::kChanged;
  }
  if (verdict.action == RedactAction::kDrop) {
    counters.Count(verdict.kind, RedactedHow::kDropped);
    return Fate::kGone;
  }
  counters.Count(verdict.kind, RedactedHow::kHashed);
  label.value = Hashed(label.value, '-');
  return Fate::kChanged;
}

bool Redactor::Apply(std::vector<Label>& labels, RedactionCounters& counters) const {
  bool changed = false;
  size_t kept = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    const Fate fate = ApplyOne(labels[i], counters);
    changed = changed || fate != Fate::kSame;
    if (fate == Fate::kGone) continue;
    if (kept != i) labels[kept] = std::move(labels[i]);
    ++kept;
  }
  labels.resize(kept);
  return changed;
}

bool Redactor::Apply(Labels& labels, RedactionCounters& counters) const {
  const bool clean = std::all_of(labels.begin(), labels.end(), [this](const Label& label) {
    return Judge(label).action == RedactAction::kKeep;
  });
  if (clean) return false;
  std::vector<Label> pairs(labels.begin(), labels.end());
  Apply(pairs, counters);
  labels = Labels(std::move(pairs));
  return true;
}

bool Redactor::ApplyValue(std::string& value, RedactionCounters& counters) const {
  const Verdict verdict = Detect(value);
  if (verdict.action == RedactAction::kKeep) return false;
  counters.Count(verdict.kind, RedactedHow::kHashed);
  value = Hashed(value, '-');
  return true;
}

std::string Redactor::Text(std::string_view text) const { return MaskSensitive(text, kinds_); }

std::string Redactor::Text(std::string_view text, RedactionCounters& counters) const {
  for (const SensitiveKind kind : kKinds) {
    if (!kinds_.Has(kind)) continue;
    for (auto at = NextSensitive(kind, text); at; at = NextSensitive(kind, text, at->end)) {
      counters.Count(CountedAs(kind), RedactedHow::kMasked);
    }
  }
  return Text(text);
}

}  // namespace quell::ingest
