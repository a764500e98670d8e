#include "engine/postmortem/document.h"

#include <cmath>

#include "engine/incidents/wording.h"
#include "engine/postmortem/timeline.h"

namespace quell::postmortem {
namespace {

using Rows = std::vector<std::vector<std::string>>;

// "2026-08-22 10:00:30 UTC"; "-" where there is none.
std::string ClockText(const Json& json, std::string_view name) {
  std::string out = TextOf(json, name).substr(0, 19);
  if (out.size() < 19) return "-";
  out[10] = ' ';
  return out + " UTC";
}

std::string SpanText(const Json& seconds, std::string_view name) {
  const Json& value = Member(seconds, name);
  if (!value.is_number()) return "not known";
  return incidents::DurationWords(std::llround(value.get<double>() * kSecondMs));
}

std::string CountText(const Json& json, std::string_view name) {
  return incidents::CountWords(NumberOf(json, name));
}

std::string ScopeText(const Json& draft) { return incidents::ScopeWords(LabelsOf(draft, "scope")); }

class Writer {
 public:
  explicit Writer(const Json& draft) : draft_(draft) {
    out_.title = "Postmortem draft: " + TextOf(draft, "summary");
  }

  void Head();
  void Impact();
  void Origins();
  void Timeline();
  void Evidence();
  void Outcomes();
  void Notes();
  void Similar();
  void ToWrite();
  Document Take() { return std::move(out_); }

 private:
  void Heading(std::string text) {
    out_.blocks.push_back({Block::Kind::kHeading, std::move(text)});
  }
  void Text(std::string text) { out_.blocks.push_back({Block::Kind::kText, std::move(text)}); }
  void List(std::vector<std::string> items) {
    if (!items.empty()) out_.blocks.push_back({Block::Kind::kList, "", std::move(items)});
  }
  void Table(Rows rows) {
    if (rows.size() > 1) out_.blocks.push_back({Block::Kind::kTable, "", {}, std::move(rows)});
  }

  const Json& draft_;
  Document out_;
};

void Writer::Head() {
  Text(
      "Made from recorded data alone. Times are event time, UTC; deliveries are told by the wall "
      "clock.");
  Heading("Summary");
  const Json& times = Member(draft_, "times");
  const Json& seconds = Member(draft_, "seconds");
  Rows rows = {{"What", "Recorded"},
               {"Incident", TextOf(draft_, "key")},
               {"State", TextOf(draft_, "state")},
               {"Severity", TextOf(draft_, "severity")},
               {"Scope", ScopeText(draft_)}};
  if (const std::string note = TextOf(draft_, "scope_note"); !note.empty()) {
    rows.push_back({"Beyond the scope", note});
  }
  for (const auto& [name, member] :
       {std::pair("Split from", "split_from"), std::pair("Gave a part to", "split_into")}) {
    if (const std::string key = TextOf(draft_, member); !key.empty()) rows.push_back({name, key});
  }
  rows.push_back({"Began (estimated)", ClockText(times, "onset")});
  rows.push_back({"Paged", ClockText(times, "paged_at")});
  rows.push_back({"Acknowledged", ClockText(times, "acknowledged_at")});
  rows.push_back({"Ended", ClockText(times, "resolved_at")});
  rows.push_back({"Onset to page", SpanText(seconds, "onset_to_page")});
  rows.push_back({"Page to acknowledge", SpanText(seconds, "page_to_acknowledge")});
  rows.push_back({"Page to end", SpanText(seconds, "page_to_resolve")});
  rows.push_back({"Onset to end", SpanText(seconds, "onset_to_resolve")});
  Table(std::move(rows));
}

void Writer::Impact() {
  Heading("Impact");
  const Json& impact = Member(draft_, "impact");
  Text(TextOf(impact, "words"));
  Rows rows = {{"Signal", "Failed requests above what is expected", "Series"}};
  for (const Json& one : RowsOf(impact, "signals")) {
    rows.push_back({TextOf(one, "signal"), "at least about " + CountText(one, "failed_requests"),
                    CountText(one, "series")});
  }
  if (rows.size() > 2) Text("Signals may count the same requests; they do not add up.");
  Table(std::move(rows));
}

void Writer::Origins() {
  Heading("Likely origins");
  std::vector<std::string> items;
  for (const Json& origin : RowsOf(draft_, "origins")) items.push_back(TextOf(origin, "words"));
  if (items.empty()) Text("None stood out.");
  List(std::move(items));
  Heading("Changes just before and during");
  const TimeMs onset = TimeOf(Member(draft_, "times"), "onset");
  Rows rows = {{"Start", "Against the onset", "Change", "Id"}};
  for (const Json& change : RowsOf(draft_, "changes")) {
    const TimeMs start = TimeOf(change, "start");
    rows.push_back({ClockText(change, "start"),
                    start <= onset ? incidents::DurationWords(onset - start) + " before"
                                   : incidents::DurationWords(start - onset) + " after",
                    ChangeText(change), TextOf(change, "id")});
  }
  if (rows.size() == 1) Text("None that was announced touches it.");
  Table(std::move(rows));
}

void Writer::Timeline() {
  Heading("Timeline");
  Rows rows = {{"At", "Kind", "What"}};
  for (const Json& moment : RowsOf(draft_, "timeline")) {
    const bool wall = Member(moment, "wall_clock") == true;
    rows.push_back({ClockText(moment, "at") + (wall ? " (wall clock)" : ""), TextOf(moment, "kind"),
                    TextOf(moment, "text")});
  }
  const double left_out = NumberOf(draft_, "timeline_total") - static_cast<double>(rows.size() - 1);
  Table(std::move(rows));
  if (left_out > 0) {
    Text(incidents::CountWords(left_out) + " moments in the middle are left out.");
  }
}

void Writer::Evidence() {
  Heading("Evidence");
  std::vector<std::string> items;
  for (const Json& line : RowsOf(draft_, "evidence")) {
    if (line.is_string()) items.push_back(line.get<std::string>());
  }
  List(std::move(items));
  const Json& alerts = RowsOf(draft_, "alerts");
  for (const Json& alert : alerts) {
    Text(TextOf(alert, "words") + ' ' + TextOf(alert, "seen") + ", " + TextOf(alert, "severity") +
         ", " + ClockText(alert, "onset") + " to " + ClockText(alert, "endsAt"));
    std::vector<std::string> sentences;
    for (const Json& sentence : RowsOf(alert, "explanation")) {
      if (sentence.is_string()) sentences.push_back(sentence.get<std::string>());
    }
    const std::string why = TextOf(alert, "why_joined");
    if (!why.empty()) sentences.push_back("Part of this incident: " + why);
    List(std::move(sentences));
  }
  const double left_out = NumberOf(draft_, "alerts_total") - static_cast<double>(alerts.size());
  if (left_out > 0) Text(incidents::CountWords(left_out) + " more alerts are not listed.");
}

void Writer::Outcomes() {
  Heading("Folded in and suppressed");
  Rows rows = {{"Reason", "Alerts"}};
  for (const Json& one : RowsOf(draft_, "outcomes")) {
    rows.push_back({TextOf(one, "reason"), CountText(one, "alerts")});
  }
  if (rows.size() == 1) Text("No alert is recorded with it.");
  Table(std::move(rows));
  if (Member(draft_, "alerts_total_is_a_lower_bound") == true) {
    Text("More alerts are recorded than were read: the counts are lower bounds.");
  }
}

void Writer::Notes() {
  Heading("What the responders noted");
  Rows rows = {{"At", "By", "Note"}};
  for (const Json& note : RowsOf(draft_, "notes")) {
    rows.push_back({ClockText(note, "at"), TextOf(note, "by"), TextOf(note, "text")});
  }
  const double left_out = NumberOf(draft_, "notes_total") - static_cast<double>(rows.size() - 1);
  if (rows.size() == 1) Text("Nothing.");
  Table(std::move(rows));
  if (left_out > 0) Text(incidents::CountWords(left_out) + " older notes are not kept.");
}

void Writer::Similar() {
  Heading("Similar earlier incidents");
  Rows rows = {{"Began", "Lasted", "Alike", "Summary", "How it ended", "Incident"}};
  for (const Json& one : RowsOf(draft_, "similar")) {
    std::vector<std::string> ended = {TextOf(one, "state")};
    for (const auto& [words, member] : {std::pair("acknowledged by ", "acknowledged_by"),
                                        std::pair("called over by ", "resolved_by")}) {
      if (const std::string by = TextOf(one, member); !by.empty()) ended.push_back(words + by);
    }
    for (const Json& note : RowsOf(one, "notes")) {
      ended.push_back(TextOf(note, "by") + ": " + TextOf(note, "text"));
    }
    rows.push_back({ClockText(one, "onset"), SpanText(one, "seconds"),
                    incidents::PercentWords(NumberOf(one, "similarity")), TextOf(one, "summary"),
                    incidents::JoinWords(ended, "; "), TextOf(one, "key").substr(0, 12)});
  }
  if (rows.size() == 1) Text("None that is kept.");
  Table(std::move(rows));
}

void Writer::ToWrite() {
  for (const Json& heading : RowsOf(draft_, "to_write")) {
    if (!heading.is_string()) continue;
    Heading(heading.get<std::string>());
    out_.blocks.push_back({Block::Kind::kOpen});
  }
}

}  // namespace

Document DocumentOf(const Json& draft) {
  Writer writer(draft);
  writer.Head();
  writer.Impact();
  writer.Origins();
  writer.Timeline();
  writer.Evidence();
  writer.Outcomes();
  writer.Notes();
  writer.Similar();
  writer.ToWrite();
  return writer.Take();
}

}  // namespace quell::postmortem
