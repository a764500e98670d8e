// Where an engine's pages go: receivers as configured, and the deliverer over them.
#include <algorithm>

#include "core/hash.h"
#include "engine/api/engine.h"

namespace quell::api {
namespace {

using config::ReceiverConfig;
using config::ReceiverKind;
using paging::Receiver;

Result<std::unique_ptr<Receiver>> MakeWebReceiver(const ReceiverConfig& receiver, Clock& clock) {
  paging::WebOptions options;
  options.name = receiver.name;
  options.url = receiver.url;
  options.url_is_secret = receiver.url_is_secret;
  options.bearer_token = receiver.bearer_token;
  options.ca_file = receiver.ca_file;
  options.per_minute = receiver.per_minute;
  if (receiver.kind == ReceiverKind::kSlack) return paging::MakeSlackReceiver(options);
  if (receiver.kind == ReceiverKind::kWebhook) return paging::MakeWebhookReceiver(options);
  return paging::MakeAlertmanagerReceiver(options, clock);
}

Result<std::unique_ptr<Receiver>> MakeReceiver(const ReceiverConfig& receiver,
                                               const std::string& external_url, Clock& clock) {
  switch (receiver.kind) {
    case ReceiverKind::kConsole:
      return paging::MakeConsoleReceiver(receiver.name);
    case ReceiverKind::kFile:
      return paging::MakeFileReceiver(receiver.name, receiver.path);
    case ReceiverKind::kPagerDuty:
      break;
    case ReceiverKind::kAlertmanager:
    case ReceiverKind::kSlack:
    case ReceiverKind::kWebhook:
      return MakeWebReceiver(receiver, clock);
  }
  paging::PagerDutyOptions options;
  options.name = receiver.name;
  options.url = receiver.url;
  options.per_minute = receiver.per_minute;
  options.routing_key = receiver.routing_key;
  options.ca_file = receiver.ca_file;
  options.client_url = external_url;
  options.change_events = receiver.change_events;
  return paging::MakePagerDutyReceiver(options);
}

}  // namespace

Result<Engine::Receivers> Engine::MakeReceivers(const config::Config& config) {
  Receivers out;
  for (const ReceiverConfig& receiver : config.receivers) {
    QUELL_ASSIGN(auto made, MakeReceiver(receiver, config.external_url, clock_));
    out.push_back(std::move(made));
  }
  return out;
}

void Engine::UseReceivers(Receivers receivers) {
  const std::lock_guard lock(deliverer_mutex_);
  deliverer_.reset();  // it borrows the receivers
  receivers_ = std::move(receivers);
  std::vector<paging::Receiver*> borrowed;
  borrowed.reserve(receivers_.size());
  for (const auto& receiver : receivers_) borrowed.push_back(receiver.get());
  paging::DelivererOptions options;
  options.give_up_after_ms = config_.paging.give_up_after_ms;
  options.routes = config_.routes;
  options.digest_receivers = config_.digest.receivers;
  deliverer_ = std::make_unique<paging::Deliverer>(*store_, clock_, borrowed, options);
}

Status Engine::RetryDeadLetter(std::uint64_t id, const std::string& by) {
  QUELL_ASSIGN(const auto letter, store_->OneDeadLetter(id));
  if (!letter) return MakeError(ErrorCode::kNotFound, "no dead letter " + std::to_string(id));
  const std::vector<std::string> names = ReceiverNames();
  if (std::find(names.begin(), names.end(), letter->receiver) == names.end()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "receiver \"" + letter->receiver + "\" is not configured any more");
  }
  store::AuditRow note;
  note.at = clock_.WallMs();
  note.kind = "action";
  note.what = "dead_letter_retried";
  note.key = letter->incident_key;
  note.actor = by;
  note.detail = "dead letter " + std::to_string(id) + " of " + letter->receiver;
  note.digest = Sha256Hex(letter->body);
  note.model = model().id;
  QUELL_TRY(store_->RetryDeadLetter(id, &note));
  const std::lock_guard lock(deliverer_mutex_);
  deliverer_->Wake();
  return Ok{};
}

}  // namespace quell::api
