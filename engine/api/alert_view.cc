#include "engine/api/alert_view.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "core/hash.h"
#include "engine/incidents/wording.h"
#include "ingest/alerts/filter.h"
#include "ingest/utf8.h"

namespace quell::api {
namespace {

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' &&
           static_cast<unsigned char>(c) < 0x80;
  });
}

void AppendLabels(std::string& out, const Labels& labels) {
  out += '{';
  bool first = true;
  for (const Label& label : labels) {
    if (!first) out += ',';
    first = false;
    AppendJsonText(out, label.name);
    out += ':';
    AppendJsonText(out, label.value);
  }
  out += '}';
}

// What a gettableAlert is made of.
struct Shown {
  std::uint64_t fingerprint = 0;
  const Labels* labels = nullptr;
  const Labels* annotations = nullptr;
  std::string_view generator_url;
  TimeMs starts_at = 0, ends_at = 0, updated_at = 0;
};

std::string ShownJson(const Shown& shown, const std::vector<std::string>& silenced_by,
                      std::string_view receivers) {
  std::string out = "{\"annotations\":";
  AppendLabels(out, *shown.annotations);
  out += ",\"endsAt\":\"" + FormatRfc3339(shown.ends_at) + "\",\"fingerprint\":\"" +
         Hex64(shown.fingerprint) + "\",\"receivers\":";
  out += receivers;
  out += ",\"startsAt\":\"" + FormatRfc3339(shown.starts_at) +
         "\",\"status\":{\"inhibitedBy\":[],\"mutedBy\":[],\"silencedBy\":[";
  for (size_t i = 0; i < silenced_by.size(); ++i) {
    out += (i > 0 ? ",\"" : "\"") + silenced_by[i] + '"';
  }
  out += std::string("],\"state\":\"") + (silenced_by.empty() ? "active" : "suppressed") +
         "\"},\"updatedAt\":\"" + FormatRfc3339(shown.updated_at) + '"';
  if (!shown.generator_url.empty()) {
    out += ",\"generatorURL\":";
    AppendJsonText(out, shown.generator_url);
  }
  out += ",\"labels\":";
  AppendLabels(out, *shown.labels);
  return out + '}';
}

std::vector<std::string> ReceiversOf(const AlertView& view, const AlertQuery& query) {
  std::vector<std::string> out;
  for (const std::string& name : view.receivers) {
    if (query.receiver.empty() || query.receiver.front().MatchesValue(name)) out.push_back(name);
  }
  return out;
}

class Lister {
 public:
  Lister(const AlertView& view, const AlertQuery& query) : view_(view), query_(query) {
    receivers_ = "[";
    for (const std::string& name : view.receivers) {
      receivers_ += receivers_.size() > 1 ? ",{\"name\":" : "{\"name\":";
      AppendJsonText(receivers_, name);
      receivers_ += '}';
    }
    receivers_ += ']';
  }

  void Add(const Shown& shown) {
    if (!ingest::PassesFilters(query_.filters, *shown.labels)) return;
    const auto silenced_by = view_.silences.Covering(*shown.labels, view_.now);
    if (!query_.silenced && !silenced_by.empty()) return;
    if (!query_.active && silenced_by.empty()) return;
    out_.push_back({shown.fingerprint, *shown.labels, ShownJson(shown, silenced_by, receivers_)});
  }

  std::vector<AlertListing> Take() {
    std::sort(out_.begin(), out_.end(), [](const AlertListing& a, const AlertListing& b) {
      return std::tie(a.fingerprint, a.labels) < std::tie(b.fingerprint, b.labels);
    });
    return std::move(out_);
  }

 private:
  const AlertView& view_;
  const AlertQuery& query_;
  std::string receivers_;  // JSON
  std::vector<AlertListing> out_;
};

// "failure ratio of psp=acme 38 % (expected 1.4 %)"; of what is missing there is nothing to see.
Labels AnnotationsOf(const incidents::Alert& alert) {
  std::string summary = incidents::AlertWords(alert);
  if (!alert.labels.Has("condition")) summary += ' ' + incidents::SeenWords(alert);
  return Labels{{"severity", std::string(incidents::SeverityName(alert.severity))},
                {"signal", alert.signal},
                {"summary", summary}};
}

}  // namespace

void AppendJsonText(std::string& out, std::string_view text) {
  if (IsPlain(text)) {
    out += '"';
    out += text;
    out += '"';
    return;
  }
  out += nlohmann::json(std::string(text))
             .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<AlertListing> ListAlerts(const AlertView& view, const AlertQuery& query) {
  if (ReceiversOf(view, query).empty()) return {};
  Lister lister(view, query);
  for (const alerts::LiveAlert& live : view.received) {
    if (live.ends_at <= view.now) continue;
    const ingest::AlertText text = ingest::DecodeAlertText(*live.text);
    lister.Add({live.fingerprint, &text.labels, &text.annotations, text.generator_url,
                live.starts_at, live.ends_at, live.updated_at});
  }
  for (const incidents::Alert& alert : view.own) {
    const Labels annotations = AnnotationsOf(alert);
    lister.Add({alert.fingerprint, &alert.labels, &annotations, view.external_url, alert.starts_at,
                view.now + view.resolve_timeout_ms, view.now});
  }
  return lister.Take();
}

std::string AlertsJson(const std::vector<AlertListing>& alerts) {
  size_t bytes = 3;
  for (const AlertListing& alert : alerts) bytes += alert.json.size() + 1;
  std::string out;
  out.reserve(bytes);
  out += '[';
  for (size_t i = 0; i < alerts.size(); ++i) {
    if (i > 0) out += ',';
    out += alerts[i].json;
  }
  return out + "]\n";
}

std::string AlertGroupsJson(const AlertView& view, const AlertQuery& query,
                            const std::vector<std::string>& group_by) {
  const bool by_all = std::find(group_by.begin(), group_by.end(), "...") != group_by.end();
  std::map<Labels, std::vector<AlertListing>> groups;
  for (AlertListing& alert : ListAlerts(view, query)) {
    Labels key = by_all ? alert.labels : alert.labels.Only(group_by);
    groups[std::move(key)].push_back(std::move(alert));
  }
  std::string out = "[";
  for (const auto& [labels, alerts] : groups) {
    std::string list = AlertsJson(alerts);
    list.pop_back();
    for (const std::string& receiver : ReceiversOf(view, query)) {
      out += (out.size() > 1 ? ",{\"alerts\":" : "{\"alerts\":") + list + ",\"labels\":";
      AppendLabels(out, labels);
      out += ",\"receiver\":{\"name\":";
      AppendJsonText(out, receiver);
      out += "}}";
    }
  }
  return out + "]\n";
}

std::string SilenceJson(const ingest::Silence& silence, TimeMs now) {
  std::string out = "{\"id\":\"" + silence.id + "\",\"status\":{\"state\":\"" +
                    std::string(ingest::SilenceStateName(ingest::StateOf(silence, now))) +
                    "\"},\"updatedAt\":\"" + FormatRfc3339(silence.updated_at) + "\",\"comment\":";
  AppendJsonText(out, silence.comment);
  out += ",\"createdBy\":";
  AppendJsonText(out, silence.created_by);
  out += ",\"endsAt\":\"" + FormatRfc3339(silence.ends_at) + "\",\"matchers\":[";
  for (size_t i = 0; i < silence.matchers.size(); ++i) {
    const ingest::SilenceMatcher& matcher = silence.matchers[i];
    out += std::string(i > 0 ? "," : "") + "{\"isEqual\":" + (matcher.is_equal ? "true" : "false") +
           ",\"isRegex\":" + (matcher.is_regex ? "true" : "false") + ",\"name\":";
    AppendJsonText(out, matcher.name);
    out += ",\"value\":";
    AppendJsonText(out, matcher.value);
    out += '}';
  }
  return out + "],\"startsAt\":\"" + FormatRfc3339(silence.starts_at) + "\"}";
}

std::string SilencesJson(const AlertView& view, std::span<const Matcher> filters) {
  using Row = std::tuple<int, TimeMs, std::string, std::string>;  // order, then JSON
  std::vector<Row> rows;
  for (const ingest::Silence& silence : view.silences.All()) {
    std::vector<Label> about;
    for (const auto& matcher : silence.matchers) about.push_back({matcher.name, matcher.value});
    if (!ingest::PassesFilters(filters, Labels(std::move(about)))) continue;
    const ingest::SilenceState state = ingest::StateOf(silence, view.now);
    const int rank = state == ingest::SilenceState::kActive    ? 0
                     : state == ingest::SilenceState::kPending ? 1
                                                               : 2;
    const TimeMs by = rank == 0   ? silence.ends_at
                      : rank == 1 ? silence.starts_at
                                  : -silence.ends_at;
    rows.emplace_back(rank, by, silence.id, SilenceJson(silence, view.now));
  }
  std::sort(rows.begin(), rows.end());
  std::string out = "[";
  for (const Row& row : rows) out += (out.size() > 1 ? "," : "") + std::get<3>(row);
  return out + "]\n";
}

}  // namespace quell::api
