#include "engine/paging/pagerduty_event.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/bytes.h"
#include "core/check.h"
#include "core/hash.h"
#include "engine/incidents/explain.h"
#include "engine/paging/text.h"

namespace quell::paging {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kDedupVersion = "quell-dedup-1";
// Bounds on what cannot give way, so that the rest always fits.
constexpr size_t kLineMax = 1024;  // characters of a member, change or sentence
constexpr size_t kFieldMax = 255;  // characters of a field or label
constexpr size_t kScopeMax = 32;   // labels

// How many of each list stay.
struct Room {
  size_t members = 0;
  size_t changes = 0;
  size_t evidence = 0;
};

std::string Line(std::string_view text) { return CutText(WellFormed(text), kLineMax); }
std::string Field(std::string_view text) { return CutText(WellFormed(text), kFieldMax); }

ordered_json FirstLines(const std::vector<std::string>& lines, size_t keep, size_t total) {
  ordered_json out = ordered_json::array();
  for (size_t i = 0; i < std::min(keep, lines.size()); ++i) out.push_back(Line(lines[i]));
  if (out.size() < total) out.push_back("and " + std::to_string(total - out.size()) + " more");
  return out;
}

ordered_json ScopeJson(const Labels& labels) {
  ordered_json scope = ordered_json::object();
  for (const Label& label : labels) {
    if (scope.size() == kScopeMax) break;
    scope[Field(label.name)] = Field(label.value);
  }
  return scope;
}

ordered_json CustomDetails(const Notification& n, const std::vector<std::string>& members,
                           const Room& room) {
  ordered_json details;
  if (!n.linked_because.empty()) {
    const std::string& linked = n.linked_incident.empty() ? n.incident_key : n.linked_incident;
    details["linked_to"] = {{"dedup_key", PagerDutyDedupKey(linked)},
                            {"paged_at", FormatRfc3339(n.first_page_at)},
                            {"because", Line(n.linked_because)}};
  }
  details["started"] = FormatRfc3339(n.onset);
  details["scope"] = ScopeJson(n.scope);
  details["evidence"] = FirstLines(n.evidence, room.evidence, n.evidence.size());
  if (!n.explanation.empty()) {
    details["explanation"] =
        FirstLines(n.explanation, incidents::kExplanationSentences, n.explanation.size());
  }
  details["members"] = FirstLines(members, room.members, n.members_total);
  details["changes"] = FirstLines(n.changes, room.changes, n.changes.size());
  details["incident"] = Field(n.incident_key);
  return details;
}

std::string Trigger(const Notification& n, const PagerDutyOptions& options,
                    const std::vector<std::string>& members, const Room& room) {
  std::string summary = n.summary.empty() ? "Incident " + n.incident_key : OneLine(n.summary);
  if (!n.linked_because.empty()) summary = "(" + OneLine(n.linked_because) + ") " + summary;
  ordered_json payload = {{"summary", CutText(WellFormed(summary), kPagerDutySummaryMax)},
                          {"source", n.source.empty() ? "quell" : Field(n.source)},
                          {"severity", incidents::SeverityName(n.severity)},
                          {"timestamp", FormatRfc3339(n.at)}};
  if (!n.component.empty()) payload["component"] = Field(n.component);
  if (!n.group.empty()) payload["group"] = Field(n.group);
  if (!n.class_.empty()) payload["class"] = Field(n.class_);
  payload["custom_details"] = CustomDetails(n, members, room);
  ordered_json event = {{"routing_key", options.routing_key},
                        {"event_action", "trigger"},
                        {"dedup_key", PagerDutyDedupKey(n.key())},
                        {"payload", std::move(payload)}};
  if (!n.link.empty()) {
    event["links"] = ordered_json::array(
        {{{"href", CutText(WellFormed(n.link), 2048)},
          {"text", n.linked_because.empty() ? "The incident in Quell"
                                            : "The incident in Quell, and its first page"}}});
  }
  if (!options.client.empty()) event["client"] = Field(options.client);
  if (!options.client_url.empty()) event["client_url"] = CutText(options.client_url, 2048);
  return event.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// The largest `count` in [0, count] with which `build` fits; 0 where none does.
template <typename Build>
size_t LargestThatFits(size_t count, const Build& build) {
  size_t low = 0;
  size_t high = count;
  while (low < high) {
    const size_t middle = low + (high - low + 1) / 2;
    if (build(middle).size() <= kPagerDutyEventBytesMax) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

}  // namespace

std::string PagerDutyDedupKey(std::string_view page_key) {
  ByteWriter bytes;
  bytes.PutString(kDedupVersion);
  bytes.PutString(page_key);
  return "quell-" + Sha256Hex(bytes.bytes());
}

std::string PagerDutyChangeUrl(std::string_view url) {
  constexpr std::string_view kEnd = "/enqueue";
  if (url.size() < kEnd.size() || url.substr(url.size() - kEnd.size()) != kEnd) return "";
  return std::string(url.substr(0, url.size() - kEnd.size())) + "/change" + std::string(kEnd);
}

// All of it is bounded: it always fits.
std::string PagerDutyChange(const Notification& n, const PagerDutyOptions& options) {
  QUELL_CHECK(n.action == Action::kChange);
  ordered_json details = {{"kind", Field(n.class_)},
                          {"scope", ScopeJson(n.scope)},
                          {"starts", FormatRfc3339(n.onset)},
                          {"ends", FormatRfc3339(n.ends)}};
  const ordered_json event = {
      {"routing_key", options.routing_key},
      {"payload",
       {{"summary", CutText(WellFormed(OneLine(n.summary)), kPagerDutySummaryMax)},
        {"timestamp", FormatRfc3339(n.onset)},
        {"source", n.source.empty() ? "quell" : Field(n.source)},
        {"custom_details", std::move(details)}}}};
  return event.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string PagerDutyEvent(const Notification& n, const PagerDutyOptions& options) {
  QUELL_CHECK(n.action == Action::kTrigger || n.action == Action::kResolve ||
              n.action == Action::kAcknowledge);
  if (n.action != Action::kTrigger) {
    const ordered_json event = {{"routing_key", options.routing_key},
                                {"event_action", ActionName(n.action)},
                                {"dedup_key", PagerDutyDedupKey(n.key())}};
    return event.dump();
  }
  std::vector<std::string> members;
  members.reserve(n.members.size());
  for (const Notification::MemberLine& member : n.members) members.push_back(MemberText(member));
  Room room{members.size(), n.changes.size(), n.evidence.size()};
  const auto build = [&] { return Trigger(n, options, members, room); };
  std::string body = build();
  for (size_t* list : {&room.members, &room.changes, &room.evidence}) {
    if (body.size() <= kPagerDutyEventBytesMax) break;
    *list = LargestThatFits(*list, [&](size_t keep) {
      *list = keep;
      return build();
    });
    body = build();
  }
  QUELL_CHECK(body.size() <= kPagerDutyEventBytesMax);
  return body;
}

}  // namespace quell::paging
