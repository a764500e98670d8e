#include "engine/pipeline/target_outages.h"

#include <algorithm>
#include <array>

#include "engine/incidents/snapshot_fields.h"
#include "engine/incidents/wording.h"

namespace quell::pipeline {
namespace {

using incidents::Alert;
using incidents::Severity;

constexpr size_t kInstancesNamed = 3;
constexpr size_t kSignalsNamed = 3;
constexpr DurationMs kClocksApartMs = kMinuteMs;  // of who sends samples and who sends alerts

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

// A link to the rule's graph carries its expression, percent-encoded; blanks as + or %20.
std::string Expression(std::string_view url) {
  const size_t at = url.find("g0.expr=");
  if (at == std::string_view::npos) return {};
  std::string_view coded = url.substr(at + 8);
  coded = coded.substr(0, coded.find('&'));
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (size_t i = 0; i < coded.size(); ++i) {
    if (coded[i] == '%' && i + 2 < coded.size() && digit(coded[i + 1]) >= 0 &&
        digit(coded[i + 2]) >= 0) {
      out += static_cast<char>(digit(coded[i + 1]) * 16 + digit(coded[i + 2]));
      i += 2;
    } else if (coded[i] != '+' && coded[i] != ' ') {
      out += coded[i];
    }
  }
  return Lower(out);
}

bool ComparesWithNothing(std::string_view expression) {
  const size_t at = expression.rfind("==0");
  if (at == std::string_view::npos) return false;
  const std::string_view rest = expression.substr(at + 3);
  return rest.empty() || (rest.front() != '.' && (rest.front() < '0' || rest.front() > '9'));
}

std::string Count(size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + ' ' + std::string(count == 1 ? one : many);
}

}  // namespace

bool SpeaksOfAbsence(const Alert& alert) {
  const std::string expression = Expression(alert.received.url);
  if (!expression.empty()) {
    return expression.find("absent(") != std::string::npos ||
           expression.find("absent_over_time(") != std::string::npos ||
           ComparesWithNothing(expression);
  }
  static constexpr std::array<std::string_view, 9> kWords = {
      "absent",      "missing",      "nodata",        "no_data", "targetdown",
      "target_down", "notreporting", "not_reporting", "scrape"};
  const std::string name = Lower(alert.signal);
  return std::any_of(kWords.begin(), kWords.end(), [&name](std::string_view word) {
    return name.find(word) != std::string::npos;
  });
}

std::vector<Alert> TargetOutages::Update(std::span<const signals::OutTarget> out) {
  std::map<std::string, JobOutage> now;
  for (const signals::OutTarget& one : out) {
    const std::string& key = one.job.empty() ? one.instance : one.job;
    JobOutage& outage = now[key];
    const bool first = outage.instances.empty();
    outage.job = one.job;
    outage.since = first ? one.since : std::min(outage.since, one.since);
    outage.instances.push_back(one.instance);
    outage.others_seen = one.others_seen;
    outage.failing = outage.failing || one.failing;
    outage.blind.insert(outage.blind.end(), one.blind.begin(), one.blind.end());
    outage.still_seen = std::max(outage.still_seen, static_cast<std::uint32_t>(one.seen.size()));
  }
  for (auto& [key, outage] : now) {
    std::sort(outage.instances.begin(), outage.instances.end());
    std::sort(outage.blind.begin(), outage.blind.end());
    outage.blind.erase(std::unique(outage.blind.begin(), outage.blind.end()), outage.blind.end());
    const auto before = by_key_.find(key);
    if (before == by_key_.end()) continue;
    outage.since = std::min(outage.since, before->second.since);
    outage.asked = before->second.asked;
    outage.stands_for = before->second.stands_for;
    outage.alert = std::move(before->second.alert);
    by_key_.erase(before);
  }
  std::vector<Alert> over;
  for (auto& [key, outage] : by_key_) {
    if (outage.alert) over.push_back(*std::move(outage.alert));
  }
  by_key_ = std::move(now);
  std::erase_if(held_, [this](const auto& held) { return !by_key_.contains(held.second); });
  return over;
}

void TargetOutages::Hold(const std::string& key, JobOutage& outage, const Alert& alert) {
  held_[alert.id] = key;
  if (alert.severity == Severity::kInfo) return;
  outage.asked = true;
  if (alert.slot == incidents::kNoSlot) {
    outage.stands_for = std::max(outage.stands_for, alert.severity);
  }
}

bool TargetOutages::HoldMissing(const Alert& alert) {
  for (auto& [key, outage] : by_key_) {
    if (!std::binary_search(outage.blind.begin(), outage.blind.end(), alert.slot)) continue;
    Hold(key, outage, alert);
    return true;
  }
  return false;
}

bool TargetOutages::HoldReceived(const Alert& alert) {
  const std::string_view job = alert.labels.Get("job");
  const std::string_view instance = alert.labels.Get("instance");
  const auto found = by_key_.find(std::string(job.empty() ? instance : job));
  if (found == by_key_.end() || !SpeaksOfAbsence(alert)) return false;
  JobOutage& outage = found->second;
  if (alert.onset < outage.since - kClocksApartMs || outage.job != job) return false;
  const bool named = std::binary_search(outage.instances.begin(), outage.instances.end(), instance);
  if (!named && !(instance.empty() && outage.others_seen == 0)) return false;
  Hold(found->first, outage, alert);
  return true;
}

std::set<incidents::AlertId> TargetOutages::Held() const {
  std::set<incidents::AlertId> out;
  for (const auto& [alert, key] : held_) out.insert(out.end(), alert);
  return out;
}

bool TellsItself(const JobOutage& outage) { return outage.failing || outage.others_seen == 0; }

Severity SeverityOf(const JobOutage& outage) {
  Severity own = Severity::kInfo;
  if (!outage.blind.empty() || outage.others_seen == 0 || outage.asked) own = Severity::kWarning;
  if (outage.others_seen == 0 && outage.failing) own = Severity::kError;
  return std::max(own, outage.stands_for == Severity::kCritical ? Severity::kCritical : own);
}

std::string WordsOf(const JobOutage& outage, std::span<const std::string> blind_names) {
  std::string out = outage.job;
  for (size_t i = 0; i < outage.instances.size() && i < kInstancesNamed; ++i) {
    if (!out.empty()) out += i == 0 ? ' ' : ',';
    if (i > 0) out += ' ';
    out += outage.instances[i];
  }
  if (outage.instances.size() > kInstancesNamed) {
    out += " and " + std::to_string(outage.instances.size() - kInstancesNamed) + " more";
  }
  out += " not seen since " + incidents::ClockWords(outage.since) + "; " +
         Count(outage.blind.size(), "signal", "signals") + " blind";
  for (size_t i = 0; i < blind_names.size() && i < kSignalsNamed; ++i) {
    out += (i == 0 ? " (" : ", ") + blind_names[i];
  }
  if (blind_names.size() > kSignalsNamed) out += ", ...";
  if (!blind_names.empty()) out += ')';
  if (outage.job.empty()) return out;
  if (outage.others_seen == 0) return out + "; nothing of " + outage.job + " is seen";
  out += "; " + Count(outage.others_seen, "other target", "other targets") + " of " + outage.job +
         " still seen";
  if (outage.still_seen > 0) {
    out += ", with " + Count(outage.still_seen, "signal", "signals") + " of this one";
  }
  return out;
}

void TargetOutages::Save(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(by_key_.size()));
  for (const auto& [key, outage] : by_key_) {
    out.PutString(key);
    out.PutString(outage.job);
    out.Put(outage.since);
    out.Put(static_cast<std::uint64_t>(outage.instances.size()));
    for (const std::string& instance : outage.instances) out.PutString(instance);
    out.Put(outage.others_seen);
    out.PutArray(outage.blind);
    out.Put(outage.still_seen);
    out.Put(outage.failing);
    out.Put(outage.asked);
    out.Put(outage.stands_for);
    out.Put(outage.alert.has_value());
    if (outage.alert) incidents::PutAlert(out, *outage.alert);
  }
  out.Put(static_cast<std::uint64_t>(held_.size()));
  for (const auto& [alert, key] : held_) {
    out.Put(alert);
    out.PutString(key);
  }
}

bool TargetOutages::Load(ByteReader& in) {
  const size_t count = in.GetCount(40);
  for (size_t i = 0; i < count && in.ok(); ++i) {
    JobOutage& outage = by_key_[in.GetString()];
    outage.job = in.GetString();
    outage.since = in.Get<TimeMs>();
    outage.instances.resize(in.GetCount(4));
    for (std::string& instance : outage.instances) instance = in.GetString();
    outage.others_seen = in.Get<std::uint32_t>();
    outage.blind = in.GetArray<std::uint32_t>();
    outage.still_seen = in.Get<std::uint32_t>();
    outage.failing = in.Get<std::uint8_t>() != 0;
    outage.asked = in.Get<std::uint8_t>() != 0;
    const auto severity = in.Get<std::uint8_t>();
    if (severity > static_cast<std::uint8_t>(Severity::kCritical)) return false;
    outage.stands_for = static_cast<Severity>(severity);
    if (in.Get<std::uint8_t>() != 0) outage.alert = incidents::GetAlert(in);
  }
  const size_t held = in.GetCount(12);
  for (size_t i = 0; i < held && in.ok(); ++i) {
    const auto alert = in.Get<incidents::AlertId>();
    held_[alert] = in.GetString();
    if (!by_key_.contains(held_[alert])) return false;
  }
  return in.ok();
}

}  // namespace quell::pipeline
