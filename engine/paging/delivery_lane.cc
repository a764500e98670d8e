#include "engine/paging/delivery_lane.h"

#include <algorithm>

#include "core/log.h"
#include "engine/paging/backoff.h"
#include "engine/paging/dead_letter_notice.h"

namespace quell::paging {
namespace {

using store::DeliveryRow;
using store::DueDelivery;
using store::OutboxState;
using store::Urgency;

constexpr size_t kBatch = 16;           // rows read at once
constexpr size_t kAttemptsMax = 1000;   // in one round of one lane
constexpr size_t kRepeatedMax = 10000;  // open pages
// After two failures in a row the lane rests, at most so long: in an outage one row at a time
// finds out, and what is new is not held up by what fails for reasons of its own.
constexpr DurationMs kRestMaxMs = 5 * kSecondMs;
constexpr int kFailuresBeforeRest = 2;
// Of another receiver's dead letters people are told at most so often, and of those since so long.
constexpr DurationMs kNoticeEveryMs = kHourMs;
constexpr DurationMs kNoticeSinceMs = kDayMs;
constexpr DurationMs kNoticeRetryMs = 30 * kSecondMs;
constexpr DurationMs kNoticeLookMs = 10 * kMinuteMs;

Share ShareOf(Urgency urgency) {
  if (urgency == Urgency::kCriticalTrigger) return Share::kAll;
  return urgency == Urgency::kChange ? Share::kQuarter : Share::kMost;
}

bool NeedsTrigger(Action action) {
  return action == Action::kUpdate || action == Action::kResolve || action == Action::kAcknowledge;
}

}  // namespace

DeliveryLane::DeliveryLane(Receiver& receiver, LaneContext& context,
                           std::shared_ptr<RateLimiter> limiter)
    : receiver_(receiver), context_(context), name_(receiver.name()), limiter_(std::move(limiter)) {
  if (limiter_ == nullptr) return;
  // What was sent before a restart still counts on the other side.
  const TimeMs wall = context.clock.WallMs();
  const auto sent = context.store.AttemptsSince(
      name_, wall - kMinuteMs, static_cast<size_t>(receiver.rate_limit().per_minute));
  if (!sent.ok()) return;
  const DurationMs now = context.clock.MonotonicMs();
  std::vector<DurationMs> finished;
  for (const TimeMs at : *sent) finished.push_back(now - std::max<DurationMs>(0, wall - at));
  limiter_->Restore(finished);
}

DelivererCounters DeliveryLane::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

void DeliveryLane::Count(std::uint64_t DelivererCounters::*counter) {
  const std::lock_guard lock(mutex_);
  ++(counters_.*counter);
}

size_t DeliveryLane::Round() {
  const size_t attempts = Deliver();
  Repeat();
  TellOfDeadLetters();
  return attempts;
}

DurationMs DeliveryLane::NextLookMs() const {
  const DurationMs room = room_at_ - context_.clock.MonotonicMs();
  return room <= 0 ? context_.options.poll_ms : std::min(room, context_.options.poll_ms);
}

// Nothing where the limiter has no room; else the least urgent that it has room for.
std::optional<Urgency> DeliveryLane::LeastWithRoom() {
  if (limiter_ == nullptr) return Urgency::kChange;
  const DurationMs now = context_.clock.MonotonicMs();
  if (limiter_->WaitMs(now, Share::kQuarter) == 0) {
    room_at_ = now;
    return Urgency::kChange;
  }
  const DurationMs wait = limiter_->WaitMs(now, Share::kMost);
  room_at_ = now + wait;
  if (wait == 0) return Urgency::kUpdate;
  if (limiter_->WaitMs(now, Share::kAll) == 0) return Urgency::kCriticalTrigger;
  return std::nullopt;
}

// Rows of one batch are of different incidents; the next of an incident comes with the next batch.
size_t DeliveryLane::Deliver() {
  // No row is ever scheduled further ahead than this by a clock that is right.
  const DurationMs horizon = std::max(context_.options.backoff_max_ms, kRetryAfterMaxMs) + kHourMs;
  size_t attempts = 0;
  while (attempts < kAttemptsMax) {
    if (context_.clock.MonotonicMs() < rest_until_) break;
    const std::optional<Urgency> least = LeastWithRoom();
    if (!least.has_value()) break;
    const std::uint64_t wakes = context_.wakes;
    const auto due =
        context_.store.DueDeliveries(name_, context_.clock.WallMs(), horizon, kBatch, *least);
    if (!due.ok()) {
      Log(LogLevel::kError, "outbox not readable",
          {{"receiver", name_}, {"error", due.error().message}});
      break;
    }
    if (due->empty()) break;
    for (const DueDelivery& one : *due) {
      if (context_.stopping) return attempts;
      if (context_.wakes != wakes) break;  // something more urgent may have come
      if (Attempt(one, attempts) == Next::kStop) return attempts;
    }
  }
  return attempts;
}

// Nothing where the limiter has no room any more.
std::optional<Delivery> DeliveryLane::Ask(const Notification& notification, Share share) {
  if (limiter_ == nullptr) return receiver_.Deliver(notification);
  if (!limiter_->TryStart(context_.clock.MonotonicMs(), share)) return std::nullopt;
  Delivery delivery = receiver_.Deliver(notification);
  limiter_->Finish(context_.clock.MonotonicMs());
  return delivery;
}

std::string DeliveryLane::WhyNot(const DueDelivery& due, const Notification& notification) {
  if (!receiver_.Wants(notification.action)) {
    Count(&DelivererCounters::skipped);
    return "the receiver has no use for it";
  }
  if (notification.action == Action::kDigest) {
    const auto& asked = context_.options.digest_receivers;
    if (std::find(asked.begin(), asked.end(), name_) != asked.end()) return {};
    Count(&DelivererCounters::obsolete);
    return "it gets no digests";
  }
  if (notification.action == Action::kUpdate && due.later_rows && limiter_ != nullptr) {
    Count(&DelivererCounters::coalesced);
    return "a newer one says it all";
  }
  // What was tried goes on, whatever the hour and the configuration have become.
  if (notification.action != Action::kTrigger || due.delivery.attempts > 0) return {};
  if (!context_.options.routes.empty()) {
    const RouteChoice choice = ChooseRoute(context_.options.routes, SubjectOf(notification));
    if (!choice.Includes(name_)) {
      Count(&DelivererCounters::obsolete);
      return choice.why.back();
    }
  }
  if (!notification.called_lately) return {};
  const auto earlier = context_.store.DeliveriesOf(notification.incident_key);
  const bool called =
      earlier.ok() && std::any_of(earlier->begin(), earlier->end(), [&](const DeliveryRow& row) {
        return row.receiver == name_ && row.state == OutboxState::kDelivered;
      });
  if (called) Count(&DelivererCounters::obsolete);
  return called ? "its first page has just called" : "";
}

// A receiver that repeats knows a page by what was first said of it.
void DeliveryLane::Pin(const std::string& key, Notification& notification) {
  if (receiver_.repeat_ms() == 0) return;
  const auto rows = context_.store.OutboxOf(key);
  if (!rows.ok() || rows->empty()) return;
  const Result<Notification> first = FromJson(rows->front().body);
  if (!first.ok()) return;
  notification.scope = first->scope;
  notification.severity = first->severity;
}

// What does not get through is told again with the next round of all: nothing is kept of it.
void DeliveryLane::Repeat() {
  const DurationMs every = receiver_.repeat_ms();
  const DurationMs now = context_.clock.MonotonicMs();
  if (every == 0 || now < repeat_at_ || now < rest_until_) return;
  repeat_at_ = now + every;
  const auto open = context_.store.OpenWith(name_, kRepeatedMax);
  if (!open.ok()) {
    Log(LogLevel::kError, "open pages not readable",
        {{"receiver", name_}, {"error", open.error().message}});
    return;
  }
  for (const store::OutboxRow& row : *open) {
    Result<Notification> notification = FromJson(row.body);
    if (!notification.ok()) continue;
    if (notification->action == Action::kTrigger) notification->action = Action::kUpdate;
    Pin(row.incident_key, *notification);
    const auto delivery = Ask(*notification, Share::kMost);
    if (context_.stopping || !delivery.has_value()) return;
    if (delivery->outcome == DeliveryOutcome::kRetry) return Rest(*delivery, row.sequence);
    failures_ = 0;
  }
}

DeliveryLane::Next DeliveryLane::Attempt(const DueDelivery& due, size_t& attempts) {
  DeliveryRow row = due.delivery;
  Result<Notification> notification = FromJson(due.outbox.body);
  const std::string_view action =
      notification.ok() ? ActionName(notification->action) : std::string_view("unknown");
  if (!notification.ok()) {
    row.state = OutboxState::kDead;
    row.last_error = notification.error().message;
    row.last_attempt_ms = context_.clock.WallMs();
    Count(&DelivererCounters::dead);
  } else if (NeedsTrigger(notification->action) && due.earlier_rows && !due.earlier_taken) {
    row.state = OutboxState::kObsolete;
    row.last_error = "the receiver never had the incident's trigger";
    Count(&DelivererCounters::obsolete);
  } else if (row.last_error = WhyNot(due, *notification); !row.last_error.empty()) {
    row.state = OutboxState::kObsolete;
  } else {
    row.last_error = due.delivery.last_error;
    Pin(due.outbox.incident_key, *notification);
    const auto delivery = Ask(*notification, ShareOf(due.urgency));
    if (!delivery.has_value()) return Next::kStop;
    row.last_attempt_ms = context_.clock.WallMs();
    if (row.first_attempt_ms == 0) row.first_attempt_ms = row.last_attempt_ms;
    ++row.attempts;
    Judge(*delivery, row, row.last_attempt_ms);
  }
  ++attempts;
  LogOutcome(due, row, action);
  const bool saved = Save(row);
  if (row.state == OutboxState::kDead) ++context_.deaths;
  const bool resting = context_.clock.MonotonicMs() < rest_until_;
  return saved && !resting ? Next::kGoOn : Next::kStop;
}

void DeliveryLane::Judge(const Delivery& delivery, DeliveryRow& row, TimeMs now) {
  row.last_error = delivery.detail;
  row.maybe_taken = row.maybe_taken || delivery.maybe_taken;
  if (delivery.outcome != DeliveryOutcome::kRetry) failures_ = 0;
  switch (delivery.outcome) {
    case DeliveryOutcome::kDelivered:
      row.state = OutboxState::kDelivered;
      row.last_error.clear();
      Count(&DelivererCounters::delivered);
      return;
    case DeliveryOutcome::kSkipped:
      row.state = OutboxState::kObsolete;
      Count(&DelivererCounters::skipped);
      return;
    case DeliveryOutcome::kRejected:
      row.state = OutboxState::kDead;
      Count(&DelivererCounters::rejected);
      Count(&DelivererCounters::dead);
      return;
    case DeliveryOutcome::kRetry:
      break;
  }
  Rest(delivery, row.sequence);
  const DelivererOptions& options = context_.options;
  if (now - row.first_attempt_ms >= options.give_up_after_ms) {
    row.state = OutboxState::kDead;
    row.last_error =
        "gave up after " + std::to_string(row.attempts) + " attempts; " + row.last_error;
    Count(&DelivererCounters::dead);
    return;
  }
  const DurationMs backoff =
      BackoffMs(options.backoff_min_ms, options.backoff_max_ms, row.sequence, name_, row.attempts);
  row.next_attempt_ms =
      now + std::max(backoff, std::min(delivery.retry_after_ms, kRetryAfterMaxMs));
  Count(&DelivererCounters::retried);
}

void DeliveryLane::Rest(const Delivery& delivery, std::uint64_t sequence) {
  ++failures_;
  DurationMs rest = std::min(delivery.retry_after_ms, kRetryAfterMaxMs);
  if (rest == 0 && failures_ >= kFailuresBeforeRest) {
    rest = BackoffMs(std::min(context_.options.backoff_min_ms, kRestMaxMs),
                     std::min(context_.options.backoff_max_ms, kRestMaxMs), sequence, name_,
                     failures_ - kFailuresBeforeRest + 1);
  }
  rest_until_ = context_.clock.MonotonicMs() + rest;
}

bool DeliveryLane::Save(const DeliveryRow& row) {
  const Status status = context_.store.UpdateDelivery(row, context_.names);
  if (status.ok()) return true;
  // The row will be delivered again: receivers are idempotent, but need not be flooded.
  rest_until_ = context_.clock.MonotonicMs() + context_.options.backoff_max_ms;
  Log(LogLevel::kError, "delivery not recorded; it will be repeated",
      {{"receiver", name_}, {"sequence", row.sequence}, {"error", status.error().message}});
  return false;
}

// What is told is told again after a crash in between, under the same key.
void DeliveryLane::TellOfDeadLetters() {
  const DurationMs now = context_.clock.MonotonicMs();
  const std::uint64_t deaths = context_.deaths;
  if (now < rest_until_ || (now < notice_at_ && deaths == deaths_seen_)) return;
  deaths_seen_ = deaths;
  notice_at_ = now + kNoticeLookMs;
  const TimeMs wall = context_.clock.WallMs();
  const auto news =
      context_.store.UntoldDeadLetters(name_, wall - kNoticeSinceMs, wall - kNoticeEveryMs);
  if (!news.ok()) {
    Log(LogLevel::kError, "dead letters not readable",
        {{"receiver", name_}, {"error", news.error().message}});
    return;
  }
  for (const store::DeadLetterNews& one : *news) {
    const auto delivery = Ask(DeadLetterNotice(one, wall), Share::kMost);
    if (!delivery.has_value() || delivery->outcome == DeliveryOutcome::kRetry) {
      notice_at_ = now + kNoticeRetryMs;
      return;
    }
    const Status marked = context_.store.MarkDeadLettersTold(name_, one, wall);
    if (!marked.ok()) {
      Log(LogLevel::kError, "notice of dead letters not recorded",
          {{"receiver", name_}, {"error", marked.error().message}});
    }
  }
}

void DeliveryLane::LogOutcome(const DueDelivery& due, const DeliveryRow& row,
                              std::string_view action) const {
  const std::string& key = due.outbox.incident_key;
  switch (row.state) {
    case OutboxState::kDelivered:
      Log(LogLevel::kInfo, "page delivered",
          {{"receiver", name_}, {"action", action}, {"incident", key}});
      return;
    case OutboxState::kPending:
      Log(LogLevel::kWarn, "page not delivered yet",
          {{"receiver", name_},
           {"action", action},
           {"incident", key},
           {"attempts", row.attempts},
           {"next_attempt", FormatRfc3339(row.next_attempt_ms)},
           {"error", row.last_error}});
      return;
    case OutboxState::kDead:
      Log(LogLevel::kError, "PAGE NOT DELIVERED: dead letter",
          {{"receiver", name_},
           {"action", action},
           {"incident", key},
           {"sequence", row.sequence},
           {"attempts", row.attempts},
           {"error", row.last_error}});
      return;
    case OutboxState::kObsolete:
      Log(LogLevel::kDebug, "page not needed",
          {{"receiver", name_}, {"action", action}, {"incident", key}, {"reason", row.last_error}});
      return;
  }
}

}  // namespace quell::paging
