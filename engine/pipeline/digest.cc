#include "engine/pipeline/digest.h"

#include <algorithm>

#include "engine/paging/text.h"

namespace quell::pipeline {
namespace {

using incidents::PageReason;

constexpr size_t kFindingsMax = 1000;
constexpr size_t kLinesMax = 200;
constexpr DurationMs kApartMs = 30 * kMinuteMs;  // what subsides again later is another
constexpr std::string_view kSubsided = "subsided";

bool IsFinding(PageReason reason) {
  switch (reason) {
    case PageReason::kScrapeOutage:
    case PageReason::kFlapping:
    case PageReason::kBelowBudget:
    case PageReason::kTooShort:
    case PageReason::kOutsideHours:
    case PageReason::kKnownNoise:
      return true;
    default:
      return false;
  }
}

std::string Words(std::string_view reason) {
  std::string out(reason);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

std::string SpanWords(TimeMs from, TimeMs to) {
  const std::string begin = paging::MinuteText(from);
  const std::string end = paging::MinuteText(to);
  if (paging::DayText(from) != paging::DayText(to)) {
    return paging::DayText(from) + ' ' + begin.substr(0, 5) + " - " + end;
  }
  return begin == end ? begin : begin.substr(0, 5) + " - " + end;
}

}  // namespace

void Digest::Add(std::string_view reason, const Labels& labels, const std::string& what,
                 incidents::Severity severity, TimeMs from, TimeMs to) {
  std::string words;
  for (const Label& label : labels) {
    if (label.name == "alertname" || label.name == "condition" ||
        label.name == options_.owner_label)
      continue;
    words += (words.empty() ? "" : ", ") + label.name + "=" + label.value;
  }
  const std::string_view owner = labels.Get(options_.owner_label);
  Key key{std::string(owner), std::string(reason), what, std::move(words)};
  if (findings_.size() >= kFindingsMax && !findings_.contains(key)) {
    ++left_out_;
    return;
  }
  Finding& finding = findings_[std::move(key)];
  const bool again = reason != kSubsided || finding.count == 0 || from - finding.last >= kApartMs;
  if (again) ++finding.count;
  finding.first = finding.first == 0 ? from : std::min(finding.first, from);
  finding.last = std::max(finding.last, to);
  finding.severity = std::max(finding.severity, severity);
}

void Digest::Take(const incidents::IncidentEvent& event) {
  using incidents::IncidentEventKind;
  const bool over =
      event.kind == IncidentEventKind::kSuppress || event.kind == IncidentEventKind::kResolve;
  if (!options_.enabled || !over) return;
  for (const incidents::Member& member : event.incident.members) {
    const incidents::Alert& alert = member.alert;
    if (IsFinding(member.reason)) {
      Add(PageReasonName(member.reason), alert.labels,
          alert.what.empty() ? std::string(alert.labels.Get("alertname")) : alert.what,
          alert.severity, alert.starts_at, alert.ends_at != 0 ? alert.ends_at : event.at);
    } else if (member.reason != PageReason::kPaged && member.reason != PageReason::kDuplicateOf) {
      ++asked_for_.at(static_cast<size_t>(member.reason));
    }
  }
}

void Digest::Subsided(const Labels& labels, const std::string& what, TimeMs at) {
  if (options_.enabled) Add(kSubsided, labels, what, incidents::Severity::kInfo, at, at);
}

std::optional<paging::Notification> Digest::Due(TimeMs now) {
  if (!options_.enabled) return std::nullopt;
  const TimeMs local = now + options_.zone.OffsetAt(now) - options_.time_of_day_ms;
  const std::int64_t day = local / kDayMs;
  if (day <= day_) return std::nullopt;
  const bool first = day_ == 0;
  day_ = day;
  if (first || (findings_.empty() && left_out_ == 0)) return std::nullopt;
  paging::Notification out = Make(now, FormatRfc3339(day * kDayMs).substr(0, 10));
  findings_.clear();
  left_out_ = 0;
  asked_for_ = {};
  return out;
}

paging::Notification Digest::Make(TimeMs now, const std::string& day) const {
  paging::Notification out;
  out.action = paging::Action::kDigest;
  out.incident_key = "digest/" + day;
  out.at = now;
  out.severity = incidents::Severity::kInfo;
  out.source = "quell";
  out.onset = now;
  std::map<std::string, std::uint64_t> by_reason;
  std::uint64_t total = left_out_;
  const std::string* owner = nullptr;
  size_t shown = 0;
  for (const auto& [key, finding] : findings_) {
    total += finding.count;
    by_reason[key.reason] += finding.count;
    out.onset = std::min(out.onset, finding.first);
    if (shown >= kLinesMax) continue;
    if (owner == nullptr || *owner != key.owner) {
      out.evidence.push_back(key.owner.empty() ? "nobody's:"
                                               : options_.owner_label + " " + key.owner + ":");
    }
    owner = &key.owner;
    ++shown;
    std::string line = Words(key.reason) + ": " + key.what;
    if (!key.labels.empty()) line += " of " + key.labels;
    if (finding.count > 1) line += ", " + std::to_string(finding.count) + " times";
    out.evidence.push_back(line + ", " + SpanWords(finding.first, finding.last));
  }
  const std::uint64_t more = findings_.size() - shown;
  if (more > 0) out.evidence.push_back("and " + std::to_string(more) + " more kinds");
  if (left_out_ > 0) out.evidence.push_back("and " + std::to_string(left_out_) + " more findings");
  for (size_t i = 0; i < asked_for_.size(); ++i) {
    if (asked_for_[i] == 0) continue;
    const auto name = incidents::PageReasonName(static_cast<PageReason>(i));
    out.evidence.push_back(Words(name) + ": " + std::to_string(asked_for_[i]) +
                           (asked_for_[i] == 1 ? " alert" : " alerts"));
  }
  std::string reasons;
  for (const auto& [reason, count] : by_reason) {
    reasons += (reasons.empty() ? "" : ", ") + std::to_string(count) + ' ' + Words(reason);
  }
  out.summary = "Digest of " + day + ": " + std::to_string(total) +
                (total == 1 ? " finding" : " findings") + " that paged nobody" +
                (reasons.empty() ? "" : " (" + reasons + ")");
  return out;
}

void Digest::Save(ByteWriter& out) const {
  out.Put(day_);
  out.Put(left_out_);
  for (const std::uint64_t count : asked_for_) out.Put(count);
  out.Put(static_cast<std::uint64_t>(findings_.size()));
  for (const auto& [key, finding] : findings_) {
    for (const std::string* text : {&key.owner, &key.reason, &key.what, &key.labels}) {
      out.PutString(*text);
    }
    out.Put(finding.count);
    out.Put(finding.first);
    out.Put(finding.last);
    out.Put(finding.severity);
  }
}

bool Digest::Load(ByteReader& in) {
  day_ = in.Get<std::int64_t>();
  left_out_ = in.Get<std::uint64_t>();
  for (std::uint64_t& count : asked_for_) count = in.Get<std::uint64_t>();
  findings_.clear();
  const size_t count = in.GetCount(41);
  for (size_t i = 0; i < count && in.ok(); ++i) {
    Key key;
    for (std::string* text : {&key.owner, &key.reason, &key.what, &key.labels}) {
      *text = in.GetString();
    }
    Finding& finding = findings_[std::move(key)];
    finding.count = in.Get<std::uint64_t>();
    finding.first = in.Get<TimeMs>();
    finding.last = in.Get<TimeMs>();
    const auto severity = in.Get<std::uint8_t>();
    if (severity > static_cast<std::uint8_t>(incidents::Severity::kCritical)) return false;
    finding.severity = static_cast<incidents::Severity>(severity);
  }
  return in.ok();
}

}  // namespace quell::pipeline
