// Receivers by JSON over HTTP: a webhook, Slack's, Alertmanager's.
#include <nlohmann/json.hpp>

#include "engine/paging/http_delivery.h"
#include "engine/paging/receiver.h"
#include "engine/paging/text.h"

namespace quell::paging {
namespace {

using nlohmann::ordered_json;

constexpr size_t kSlackTextMax = 3000;         // characters; Slack cuts at 40,000
constexpr size_t kSlackListMax = 5;            // lines of a list
constexpr DurationMs kRepeatMs = kMinuteMs;    // Prometheus' resend delay
constexpr DurationMs kKeepMs = 4 * kRepeatMs;  // and how far ahead it sets endsAt

std::string Dump(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

class WebReceiver : public Receiver {
 public:
  explicit WebReceiver(const WebOptions& options)
      : options_(options),
        http_({options.url, options.ca_file, options.timeout_ms, options.bearer_token,
               options.url_is_secret ? std::vector<std::string>{options.url}
                                     : std::vector<std::string>{}}) {}
  [[nodiscard]] std::string_view name() const override { return options_.name; }
  [[nodiscard]] RateLimit rate_limit() const override { return {options_.per_minute, ""}; }

 protected:
  const WebOptions options_;
  HttpDelivery http_;
};

class WebhookReceiver final : public WebReceiver {
 public:
  using WebReceiver::WebReceiver;
  Delivery Deliver(const Notification& notification) override {
    return http_.Post(ToJson(notification));
  }
};

// Slack's three characters that mean something.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : WellFormed(OneLine(text))) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

void AddLines(std::string& out, std::string_view head, const std::vector<std::string>& lines,
              size_t total) {
  for (size_t i = 0; i < std::min(lines.size(), kSlackListMax); ++i) {
    out += "\n" + std::string(head) + Escaped(lines[i]);
  }
  const size_t shown = std::min(lines.size(), kSlackListMax);
  if (shown < total)
    out += "\n" + std::string(head) + "and " + std::to_string(total - shown) + " more";
}

// As much of a digest as fits; the rest is counted.
std::string SlackDigest(const Notification& n) {
  std::string out = "*[digest]* " + Escaped(n.summary);
  for (size_t i = 0; i < n.evidence.size(); ++i) {
    const std::string line = "\n" + Escaped(n.evidence[i]);
    const std::string more = "\nand " + std::to_string(n.evidence.size() - i) + " more lines";
    if (CountCharacters(out + line + more) > kSlackTextMax) return out + more;
    out += line;
  }
  return out;
}

std::string SlackText(const Notification& n) {
  if (n.action == Action::kDigest) return CutText(SlackDigest(n), kSlackTextMax);
  std::string title(incidents::SeverityName(n.severity));
  if (n.action == Action::kUpdate) title += ", update";
  if (n.action == Action::kResolve) title = "resolved";
  std::string out = "*[" + title + "]* " + Escaped(n.summary);
  if (!n.linked_because.empty()) out += "\n" + Escaped(LinkedText(n));
  if (n.action != Action::kResolve) {
    AddLines(out, "• ", n.evidence, n.evidence.size());
    std::vector<std::string> members;
    for (const Notification::MemberLine& member : n.members) {
      if (members.size() == kSlackListMax) break;
      members.push_back(MemberText(member));
    }
    AddLines(out, "◦ ", members, n.members_total);
    AddLines(out, "changed: ", n.changes, n.changes.size());
  }
  out = CutText(out, kSlackTextMax);
  if (!n.link.empty()) out += "\n" + Escaped(n.link);
  return out;
}

class SlackReceiver final : public WebReceiver {
 public:
  using WebReceiver::WebReceiver;
  Delivery Deliver(const Notification& notification) override {
    return http_.Post(Dump({{"text", SlackText(notification)}}));
  }
};

// An alert's labels are its identity: the lane gives all of a page's notifications the scope and
// the severity of its first. It ends by itself where nobody says for four minutes that it goes on.
class AlertmanagerReceiver final : public WebReceiver {
 public:
  AlertmanagerReceiver(const WebOptions& options, Clock& clock)
      : WebReceiver(options), clock_(clock) {}
  [[nodiscard]] DurationMs repeat_ms() const override { return kRepeatMs; }
  [[nodiscard]] bool Wants(Action action) const override {
    return action != Action::kDigest && action != Action::kAcknowledge;
  }

  Delivery Deliver(const Notification& n) override {
    const TimeMs now = clock_.WallMs();
    ordered_json labels = {{"alertname", "QuellIncident"},
                           {"quell_page", n.key()},
                           {"severity", incidents::SeverityName(n.severity)}};
    for (const Label& label : n.scope) {
      if (!labels.contains(label.name)) labels[label.name] = WellFormed(label.value);
    }
    ordered_json annotations = {{"summary", WellFormed(n.summary)}};
    if (!n.linked_because.empty()) annotations["linked"] = LinkedText(n);
    std::string description;
    for (const std::string& line : n.evidence) description += WellFormed(line) + "\n";
    for (const Notification::MemberLine& member : n.members) {
      description += WellFormed(MemberText(member)) + "\n";
    }
    if (!description.empty()) annotations["description"] = CutText(description, kSlackTextMax);
    const bool over = n.action == Action::kResolve;
    // The other side refuses an end before the beginning.
    const TimeMs starts = std::min(n.onset, now);
    ordered_json alert = {{"labels", std::move(labels)},
                          {"annotations", std::move(annotations)},
                          {"startsAt", FormatRfc3339(starts)},
                          {"endsAt", FormatRfc3339(over ? now : now + kKeepMs)}};
    if (!n.link.empty()) alert["generatorURL"] = n.link;
    return http_.Post(Dump(ordered_json::array({std::move(alert)})));
  }

 private:
  Clock& clock_;
};

Status Check(const WebOptions& options) {
  const auto bad = [&](const std::string& what) {
    return MakeError(ErrorCode::kInvalidArgument, "receiver " + options.name + ": " + what);
  };
  if (options.name.empty()) return bad("it needs a name");
  if (!options.url.starts_with("https://") && !options.url.starts_with("http://")) {
    return bad("the url must begin with https:// or http://");
  }
  const bool secret = options.url_is_secret || !options.bearer_token.empty();
  if (secret && !IsSafeUrl(options.url)) {
    return bad("a secret may travel by https:// alone (plain http only to this host)");
  }
  if (options.timeout_ms <= 0 || options.per_minute < 0) return bad("a limit is out of range");
  return Ok{};
}

}  // namespace

Result<std::unique_ptr<Receiver>> MakeWebhookReceiver(const WebOptions& options) {
  QUELL_TRY(Check(options));
  return std::unique_ptr<Receiver>(std::make_unique<WebhookReceiver>(options));
}

Result<std::unique_ptr<Receiver>> MakeSlackReceiver(const WebOptions& options) {
  QUELL_TRY(Check(options));
  return std::unique_ptr<Receiver>(std::make_unique<SlackReceiver>(options));
}

Result<std::unique_ptr<Receiver>> MakeAlertmanagerReceiver(const WebOptions& options,
                                                           Clock& clock) {
  QUELL_TRY(Check(options));
  WebOptions full = options;
  while (full.url.ends_with('/')) full.url.pop_back();
  full.url += "/api/v2/alerts";
  return std::unique_ptr<Receiver>(std::make_unique<AlertmanagerReceiver>(full, clock));
}

}  // namespace quell::paging
