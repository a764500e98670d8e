// AlertView: alerts and silences as they stood at one moment, and Alertmanager's JSON of them.
//
// Pure functions over a copy: nothing is locked while an answer is made.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/alerts/live_alerts.h"
#include "engine/incidents/silence_book.h"

namespace quell::api {

struct AlertView {
  std::vector<alerts::LiveAlert> received;  // that fire
  std::vector<incidents::Alert> own;        // ours, that fire
  incidents::SilenceBook silences;
  std::vector<std::string> receivers;  // names
  std::string external_url;            // for links; may be empty
  TimeMs now = 0;
  DurationMs resolve_timeout_ms = 0;
};

// What to list. Absent parameters list everything.
struct AlertQuery {
  bool active = true, silenced = true;
  std::vector<Matcher> filters;
  std::vector<Matcher> receiver;  // at most one: a regular expression for names
};

struct AlertListing {
  std::uint64_t fingerprint = 0;
  Labels labels;
  std::string json;  // a gettableAlert
};
// By fingerprint.
std::vector<AlertListing> ListAlerts(const AlertView& view, const AlertQuery& query);
std::string AlertsJson(const std::vector<AlertListing>& alerts);

// Groups by equal values of the labels `group_by`, once for each receiver that passes the query.
std::string AlertGroupsJson(const AlertView& view, const AlertQuery& query,
                            const std::vector<std::string>& group_by);

std::string SilenceJson(const ingest::Silence& silence, TimeMs now);
// Active ones by their end, then pending ones by their beginning, then those that are over.
std::string SilencesJson(const AlertView& view, std::span<const Matcher> filters);

// Appends text as a JSON string; what is no UTF-8 is replaced.
void AppendJsonText(std::string& out, std::string_view text);

}  // namespace quell::api
