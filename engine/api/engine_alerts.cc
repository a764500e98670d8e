// What an engine does with alerts and silences of others: into the journal, and as they stand.
#include "core/log.h"
#include "engine/api/engine.h"
#include "engine/api/kept_silences.h"
#include "engine/api/uuid.h"
#include "ingest/alerts/alert_check.h"
#include "ingest/alerts/alert_parser.h"

namespace quell::api {
namespace {

constexpr DurationMs kReadWaitMs = 2 * kSecondMs;
constexpr DurationMs kSilenceWaitMs = 5 * kSecondMs;
constexpr DurationMs kPollMs = 20;
constexpr DurationMs kDueGraceMs = 100;

}  // namespace

ingest::ApiAnswer Engine::PostAlerts(std::string_view body) {
  thread_local ingest::AlertParser parser(alerts_.limits);
  if (!(parser.limits() == alerts_.limits)) parser = ingest::AlertParser(alerts_.limits);
  ++alert_counters_.requests;
  ingest::ApiAnswer answer = parser.Parse(body);
  if (answer.ok()) answer = ingest::CheckRequired(parser.alerts());
  if (!answer.ok()) {
    ++alert_counters_.requests_refused;
    return answer;
  }
  const TimeMs now = clock_.WallMs();
  ingest::CheckedAlerts checked =
      ingest::CheckAlerts(parser.alerts(), now, alerts_.resolve_timeout_ms, alerts_.limits,
                          *redactor_, redaction_counters_);
  alert_counters_.invalid += checked.invalid;
  const size_t refused = received_full_ ? RefuseUnknown(checked.valid) : 0;
  alert_counters_.refused += refused;
  if (!checked.valid.empty()) {
    thread_local std::string payload;
    ingest::EncodeAlerts(checked.valid, payload);
    const auto appended = journal_->Append(ingest::RecordKind::kAlerts, now, payload);
    parser.Trim();
    if (!appended.ok()) return ingest::TextAnswer(503, appended.error().message);
    alert_counters_.accepted += checked.valid.size();
    wake_.notify_one();
  }
  if (refused > 0) {
    return ingest::TextAnswer(503,
                              std::to_string(refused) + " new alerts are beyond alerts.live_max");
  }
  return checked.answer;
}

// The table is full: alerts that are in it are taken, others are not acknowledged.
size_t Engine::RefuseUnknown(std::vector<const ingest::ReceivedAlert*>& alerts) {
  const std::lock_guard lock(pipeline_mutex_);
  if (!pipeline_->received().full()) return 0;
  return std::erase_if(alerts, [this](const ingest::ReceivedAlert* alert) {
    return !pipeline_->received().Knows(ingest::FingerprintOf(alert->labels));
  });
}

bool Engine::WaitApplied(std::uint64_t sequence, DurationMs wait_ms) {
  const DurationMs until = clock_.MonotonicMs() + wait_ms;
  std::unique_lock lock(mutex_);
  while (status_.journal_sequence < sequence) {
    if (clock_.MonotonicMs() >= until) return false;
    wake_.notify_one();
    clock_.WaitFor(published_, lock, kPollMs);
  }
  return true;
}

std::vector<std::string> Engine::ReceiverNames() const {
  const std::lock_guard lock(deliverer_mutex_);
  std::vector<std::string> out;
  for (const auto& receiver : receivers_) out.emplace_back(receiver->name());
  return out;
}

ReceivedStatus Engine::received() const {
  const std::lock_guard lock(mutex_);
  ReceivedStatus out = received_;
  out.posted = &alert_counters_;
  return out;
}

AlertView Engine::Alerts() {
  WaitApplied(journal_->LastSequence(), kReadWaitMs);
  AlertView out;
  out.receivers = ReceiverNames();
  out.external_url = external_url_;
  out.resolve_timeout_ms = alerts_.resolve_timeout_ms;
  out.now = clock_.WallMs();
  const std::lock_guard lock(pipeline_mutex_);
  out.received = pipeline_->received().Firing();
  out.own = pipeline_->OwnAlerts();
  out.silences = pipeline_->incidents().silences();
  return out;
}

Status Engine::AppendSilences(const std::vector<ingest::Silence>& silences) {
  for (const ingest::Silence& silence : silences) {
    const auto appended = journal_->Append(ingest::RecordKind::kSilence, silence.updated_at,
                                           ingest::EncodeSilence(silence));
    if (!appended.ok()) return appended.error();
    wake_.notify_one();
  }
  return Ok{};
}

// Those that the journal has, too, are told again by it, as they stand now.
void Engine::SeedSilences(pipeline::Pipeline& pipeline) {
  const auto kept = KeptSilences(SilencesPath());
  if (!kept.ok()) {
    Log(LogLevel::kError, "silences older than the journal are lost",
        {{"error", kept.error().message}});
    return;
  }
  for (const ingest::Silence& silence : *kept) pipeline.AddSilence(silence);
}

// One at a time, each on what the former left.
ingest::ApiAnswer Engine::PostSilence(std::string_view body, const std::string& by) {
  ingest::Silence posted;
  ingest::ApiAnswer answer = ingest::ParseSilence(body, posted);
  if (!answer.ok()) return answer;
  ingest::RedactSilence(posted, *redactor_, redaction_counters_);
  const std::lock_guard one_at_a_time(silences_mutex_);
  if (!WaitApplied(journal_->LastSequence(), kSilenceWaitMs)) {
    return ingest::TextAnswer(503, "the engine is behind: try again");
  }
  std::optional<ingest::Silence> former;
  size_t kept = 0;
  {
    const std::lock_guard lock(pipeline_mutex_);
    const incidents::SilenceBook& book = pipeline_->incidents().silences();
    kept = book.size();
    if (const ingest::Silence* found = book.Find(posted.id)) former = *found;
  }
  const auto id = NewUuid();
  if (!id.ok()) return ingest::TextAnswer(500, id.error().message);
  const TimeMs now = clock_.WallMs();
  ingest::SilencePlan plan = ingest::PlanSilence(std::move(posted), former, *id, now);
  if (!plan.answer.ok()) return plan.answer;
  if (kept >= alerts_.silences_max && plan.write.back().id == *id) {
    return ingest::TextAnswer(400, "exceeded maximum number of silences: " + std::to_string(kept) +
                                       " (alerts.silences_max)");
  }
  for (ingest::Silence& silence : plan.write) silence.by = by;
  const Status appended = AppendSilences(plan.write);
  if (!appended.ok()) return ingest::TextAnswer(503, appended.error().message);
  return plan.answer;
}

Status Engine::ExpireSilence(const std::string& id, const std::string& by) {
  const std::lock_guard one_at_a_time(silences_mutex_);
  if (!WaitApplied(journal_->LastSequence(), kSilenceWaitMs)) {
    return MakeError(ErrorCode::kUnavailable, "the engine is behind: try again");
  }
  std::optional<ingest::Silence> ended;
  {
    const std::lock_guard lock(pipeline_mutex_);
    const ingest::Silence* found = pipeline_->incidents().silences().Find(id);
    if (found == nullptr) return MakeError(ErrorCode::kNotFound, "silence not found");
    ended = ingest::Ended(*found, clock_.WallMs());
  }
  if (!ended) return Ok{};
  ended->by = by;
  return AppendSilences({*ended});
}

// Alerts end by themselves: somebody has to say that time went on.
void Engine::MaybeTellTime() {
  TimeMs due = 0;
  {
    const std::lock_guard lock(pipeline_mutex_);
    due = pipeline_->ReceivedDue();
  }
  const TimeMs now = clock_.WallMs();
  const DurationMs monotonic = clock_.MonotonicMs();
  if (due == 0 || now < due + kDueGraceMs || monotonic < told_time_ + kSecondMs) return;
  told_time_ = monotonic;
  std::string none;
  ingest::EncodeAlerts({}, none);
  const auto appended = journal_->Append(ingest::RecordKind::kAlerts, now, none);
  if (!appended.ok()) {
    Log(LogLevel::kError, "cannot append to the journal", {{"error", appended.error().message}});
  }
}

}  // namespace quell::api
