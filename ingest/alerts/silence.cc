#include "ingest/alerts/silence.h"

#include "core/bytes.h"

namespace quell::ingest {
namespace {

constexpr std::uint8_t kVersion = 1;

bool MatchesEmpty(const SilenceMatcher& matcher) {
  const auto compiled = CompileMatcher(matcher);
  return compiled.ok() && compiled->MatchesValue("");
}

bool MayUpdate(const Silence& former, const Silence& posted, TimeMs now) {
  if (former.matchers != posted.matchers) return false;
  switch (StateOf(former, now)) {
    case SilenceState::kActive:
      return posted.starts_at / kSecondMs == former.starts_at / kSecondMs && posted.ends_at >= now;
    case SilenceState::kPending:
      return posted.starts_at >= now;
    case SilenceState::kExpired:
      return false;
  }
  return false;
}

// "" = it is fine.
std::string WhyInvalid(const Silence& silence) {
  bool all_empty = true;
  for (size_t i = 0; i < silence.matchers.size(); ++i) {
    const SilenceMatcher& matcher = silence.matchers[i];
    const auto bad = [&](const std::string& why) {
      return "invalid silence: invalid label matcher " + std::to_string(i) + ": " + why;
    };
    if (matcher.name.empty()) return bad("invalid label name \"\"");
    const auto compiled = CompileMatcher(matcher);
    if (!compiled.ok()) return bad("invalid regular expression " + GoQuoted(matcher.value));
    all_empty = all_empty && MatchesEmpty(matcher);
  }
  if (all_empty) return "invalid silence: at least one matcher must not match the empty string";
  return "";
}

}  // namespace

SilenceState StateOf(const Silence& silence, TimeMs now) {
  if (now < silence.starts_at) return SilenceState::kPending;
  return now >= silence.ends_at ? SilenceState::kExpired : SilenceState::kActive;
}

std::string_view SilenceStateName(SilenceState state) {
  switch (state) {
    case SilenceState::kPending:
      return "pending";
    case SilenceState::kActive:
      return "active";
    case SilenceState::kExpired:
      return "expired";
  }
  return "expired";
}

Result<Matcher> CompileMatcher(const SilenceMatcher& matcher) {
  const MatchOp op = matcher.is_regex ? (matcher.is_equal ? MatchOp::kRegex : MatchOp::kNotRegex)
                                      : (matcher.is_equal ? MatchOp::kEqual : MatchOp::kNotEqual);
  return Matcher::Create(op, matcher.name, matcher.value);
}

std::optional<Silence> Ended(Silence silence, TimeMs now) {
  const SilenceState state = StateOf(silence, now);
  if (state == SilenceState::kExpired) return std::nullopt;
  if (state == SilenceState::kPending) silence.starts_at = now;
  silence.ends_at = silence.updated_at = now;
  return silence;
}

SilencePlan PlanSilence(Silence posted, const std::optional<Silence>& former,
                        const std::string& new_id, TimeMs now) {
  const auto refuse = [](int status, const std::string& why) {
    return SilencePlan{TextAnswer(status, why), {}};
  };
  if (posted.starts_at >= posted.ends_at) {
    return refuse(400, "Failed to create silence: start time must be before end time");
  }
  if (posted.ends_at < now) {
    return refuse(400, "Failed to create silence: end time can't be in the past");
  }
  if (!posted.id.empty() && !former) return refuse(404, "silence not found");
  posted.updated_at = now;
  const std::string why = WhyInvalid(posted);
  SilencePlan plan;
  if (!why.empty()) return refuse(400, why);
  if (!former || !MayUpdate(*former, posted, now)) {
    if (former) {
      if (auto ended = Ended(*former, now)) plan.write.push_back(*std::move(ended));
    }
    posted.id = new_id;
    posted.starts_at = std::max(posted.starts_at, now);
  }
  plan.answer.body = "{\"silenceID\":\"" + posted.id + "\"}\n";
  plan.write.push_back(std::move(posted));
  return plan;
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

void RedactSilence(Silence& silence, const Redactor& redactor, RedactionCounters& counters) {
  for (SilenceMatcher& matcher : silence.matchers) {
    if (matcher.is_regex || matcher.value.empty()) {
      matcher.value = redactor.Text(matcher.value, counters);
      continue;
    }
    // As the alerts' labels are, so that it still matches them.
    std::vector<Label> label = {{matcher.name, matcher.value}};
    redactor.Apply(label, counters);
    if (label.empty()) {
      matcher.value = "redacted";
    } else {
      matcher.name = std::move(label.front().name);
      matcher.value = std::move(label.front().value);
    }
  }
  silence.created_by = redactor.Text(silence.created_by, counters);
  silence.comment = redactor.Text(silence.comment, counters);
}

std::string EncodeSilence(const Silence& silence) {
  ByteWriter out;
  out.Put(kVersion);
  out.PutString(silence.id);
  for (const TimeMs time : {silence.starts_at, silence.ends_at, silence.updated_at}) out.Put(time);
  out.PutString(silence.created_by);
  out.PutString(silence.comment);
  out.Put(static_cast<std::uint64_t>(silence.matchers.size()));
  for (const SilenceMatcher& matcher : silence.matchers) {
    out.PutString(matcher.name);
    out.PutString(matcher.value);
    out.Put(matcher.is_regex);
    out.Put(matcher.is_equal);
  }
  if (!silence.by.empty()) out.PutString(silence.by);
  return out.Take();
}

Result<Silence> DecodeSilence(std::string_view payload) {
  ByteReader in(payload);
  Silence out;
  const bool known = in.Get<std::uint8_t>() == kVersion;
  out.id = in.GetString();
  for (TimeMs* time : {&out.starts_at, &out.ends_at, &out.updated_at}) *time = in.Get<TimeMs>();
  out.created_by = in.GetString();
  out.comment = in.GetString();
  out.matchers.resize(in.GetCount(10));
  for (SilenceMatcher& matcher : out.matchers) {
    matcher.name = in.GetString();
    matcher.value = in.GetString();
    matcher.is_regex = in.Get<std::uint8_t>() != 0;
    matcher.is_equal = in.Get<std::uint8_t>() != 0;
  }
  if (known && in.ok() && !in.AtEnd()) out.by = in.GetString();
  if (known && in.ok() && in.AtEnd()) return out;
  return MakeError(ErrorCode::kCorrupt, "a record of a silence does not decode");
}

}  // namespace quell::ingest
