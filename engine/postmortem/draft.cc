#include "engine/postmortem/draft.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "core/inert.h"
#include "engine/incidents/wording.h"
#include "engine/postmortem/document.h"
#include "engine/postmortem/formats.h"
#include "engine/postmortem/impact.h"
#include "engine/postmortem/similar.h"
#include "engine/postmortem/timeline.h"

namespace quell::postmortem {
namespace {

// From `begin` to `end` in seconds; null where one is missing or they are the other way round.
Json SecondsOrNull(TimeMs begin, TimeMs end) {
  if (begin == 0 || end < begin) return nullptr;
  return static_cast<double>(end - begin) / kSecondMs;
}

Json TimeOrNull(TimeMs time) { return time == 0 ? Json(nullptr) : Json(FormatRfc3339(time)); }

void AddTimes(const Recorded& recorded, Json& out) {
  const Json& incident = recorded.incident;
  const TimeMs onset = TimeOf(incident, "onset");
  const TimeMs paged = TimeOf(incident, "paged_at");
  const TimeMs acknowledged = AcknowledgedAt(recorded);
  TimeMs resolved = TimeOf(incident, "resolved_at");
  const TimeMs called_over = TimeOf(Member(recorded.people, "resolved"), "at");
  if (resolved == 0) resolved = called_over;
  out["times"] = Json{{"onset", TimeOrNull(onset)},
                      {"opened_at", TimeOrNull(TimeOf(incident, "opened_at"))},
                      {"paged_at", TimeOrNull(paged)},
                      {"acknowledged_at", TimeOrNull(acknowledged)},
                      {"resolved_at", TimeOrNull(resolved)}};
  out["seconds"] = Json{{"onset_to_page", SecondsOrNull(onset, paged)},
                        {"page_to_acknowledge", SecondsOrNull(paged, acknowledged)},
                        {"page_to_resolve", SecondsOrNull(paged, resolved)},
                        {"onset_to_resolve", SecondsOrNull(onset, resolved)}};
}

Json ImpactJson(const Recorded& recorded) {
  const Impact impact = ImpactOf(recorded.alerts);
  Json signals = Json::array();
  for (const SignalImpact& one : impact.signals) {
    signals.push_back(
        Json{{"signal", one.signal}, {"failed_requests", one.failed}, {"series", one.series}});
  }
  return Json{{"failed_requests", impact.failed ? Json(*impact.failed) : Json(nullptr)},
              {"words", impact.words},
              {"signals", std::move(signals)}};
}

Json LabelsJson(const Labels& labels) {
  Json out = Json::object();
  for (const Label& label : labels) out[label.name] = label.value;
  return out;
}

void AddMembers(const Recorded& recorded, Json& out) {
  std::vector<const RecordedAlert*> ranked;
  for (const RecordedAlert& one : recorded.alerts) ranked.push_back(&one);
  std::sort(ranked.begin(), ranked.end(), [](const RecordedAlert* a, const RecordedAlert* b) {
    const auto rank = [](const RecordedAlert& one) {
      return std::tuple(-static_cast<int>(one.alert.severity), one.alert.evidence.tail_probability,
                        one.alert.id);
    };
    return rank(*a) < rank(*b);
  });
  Json members = Json::array();
  for (size_t i = 0; i < std::min(ranked.size(), kMembersMax); ++i) {
    const incidents::Alert& alert = ranked[i]->alert;
    members.push_back(Json{{"id", alert.id},
                           {"words", incidents::AlertWords(alert)},
                           {"seen", incidents::SeenWords(alert)},
                           {"signal", alert.signal},
                           {"labels", LabelsJson(alert.labels)},
                           {"severity", incidents::SeverityName(alert.severity)},
                           {"onset", TimeOrNull(alert.onset)},
                           {"startsAt", TimeOrNull(alert.starts_at)},
                           {"endsAt", TimeOrNull(alert.ends_at)},
                           {"reason", ranked[i]->reason},
                           {"why_joined", ranked[i]->why_joined},
                           {"explanation", ranked[i]->words}});
  }
  out["alerts"] = std::move(members);
  out["alerts_total"] = recorded.alerts.size();
  out["alerts_total_is_a_lower_bound"] = recorded.more_alerts;
  std::map<std::string, size_t> counts;
  for (const RecordedAlert& one : recorded.alerts) {
    ++counts[one.reason.empty() ? "undecided" : one.reason];
  }
  Json outcomes = Json::array();
  for (const auto& [reason, alerts] : counts) {
    outcomes.push_back(Json{{"reason", reason}, {"alerts", alerts}});
  }
  out["outcomes"] = std::move(outcomes);
}

void AddTimeline(const Recorded& recorded, Json& out) {
  const std::vector<Moment> moments = TimelineOf(recorded);
  Json shown = Json::array();
  const size_t half = kTimelineMax / 2;
  for (size_t i = 0; i < moments.size(); ++i) {
    const bool left_out = moments.size() > kTimelineMax && i >= half && i < moments.size() - half;
    if (left_out) continue;
    const Moment& moment = moments[i];
    shown.push_back(Json{{"at", FormatRfc3339(moment.at)},
                         {"kind", MomentKindName(moment.kind)},
                         {"wall_clock", moment.wall_clock},
                         {"text", moment.text}});
  }
  out["timeline"] = std::move(shown);
  out["timeline_total"] = moments.size();
}

// Texts of others have an end; escaping is what each format does.
void CutTexts(Json& json) {
  if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    if (text.size() <= kTextMax) return;
    size_t at = 0;
    for (size_t length = 0; at < text.size() && length < kTextMax; ++length) {
      at += FirstCharacter(std::string_view(text).substr(at)).second;
    }
    if (at < text.size()) json = text.substr(0, at) + "…";
  } else if (json.is_structured()) {
    for (Json& one : json) CutTexts(one);
  }
}

}  // namespace

Json DraftOf(const Recorded& recorded, const Json& similar) {
  const Json& incident = recorded.incident;
  Json out = {{"key", TextOf(incident, "key")},
              {"state", TextOf(incident, "state")},
              {"severity", TextOf(incident, "severity")},
              {"summary", TextOf(incident, "summary")},
              {"scope", LabelsJson(LabelsOf(incident, "scope"))},
              {"scope_note", TextOf(incident, "scope_note")}};
  for (const char* other : {"split_from", "split_into"}) {
    const std::string key = TextOf(incident, other);
    out[other] = key.empty() ? Json(nullptr) : Json(key);
  }
  AddTimes(recorded, out);
  out["impact"] = ImpactJson(recorded);
  out["evidence"] = RowsOf(incident, "evidence");
  Json origins = Json::array();
  for (const Json& origin : RowsOf(Member(incident, "origin"), "likely")) {
    origins.push_back(
        Json{{"words", TextOf(origin, "words")}, {"confidence", NumberOf(origin, "confidence")}});
  }
  out["origins"] = std::move(origins);
  out["changes"] = RowsOf(incident, "changes");
  AddMembers(recorded, out);
  out["notes"] = RowsOf(recorded.people, "notes");
  out["notes_total"] = static_cast<std::uint64_t>(NumberOf(recorded.people, "notes_total"));
  AddTimeline(recorded, out);
  out["similar"] = RowsOf(similar, "similar");
  out["to_write"] = kToWrite;
  CutTexts(out);
  return out;
}

Result<Format> ParseFormat(std::string_view name) {
  if (name == "md") return Format::kMarkdown;
  if (name == "html") return Format::kHtml;
  if (name == "json") return Format::kJson;
  return MakeError(ErrorCode::kInvalidArgument, "format must be md, html or json");
}

std::string_view MediaTypeOf(Format format) {
  switch (format) {
    case Format::kMarkdown:
      return "text/markdown; charset=utf-8";
    case Format::kHtml:
      return "text/html; charset=utf-8";
    case Format::kJson:
      return "application/json";
  }
  return "application/json";
}

Result<std::string> Export(store::Store& store, const std::string& key, Format format) {
  QUELL_ASSIGN(const Recorded recorded, ReadRecorded(store, key));
  QUELL_ASSIGN(const Json similar, SimilarTo(store, recorded.incident));
  const Json draft = DraftOf(recorded, similar);
  // ASCII alone: what would turn or hide text is an escape there, too.
  if (format == Format::kJson) {
    return draft.dump(-1, ' ', true, Json::error_handler_t::replace) + '\n';
  }
  const Document document = DocumentOf(draft);
  return format == Format::kHtml ? Html(document) : Markdown(document);
}

}  // namespace quell::postmortem
