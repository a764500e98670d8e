#include "engine/api/incident_list.h"

#include <algorithm>

#include "engine/api/people_request.h"
#include "engine/incidents/incident_engine.h"
#include "engine/paging/page_book.h"
#include "ingest/alerts/filter.h"

namespace quell::api {
namespace {

using Json = nlohmann::ordered_json;
using Row = store::Store::IncidentRow;

constexpr size_t kChunk = 500;
constexpr size_t kIncidentStates = 5;
constexpr size_t kSeverities = 4;
constexpr std::string_view kMadeOf = ",\"evidence\":[";  // where the head of a body ends

// The head of an incident, without what it is made of: bodies are this program's own, in which a
// quotation mark inside a text is escaped.
std::string BriefOf(const std::string& body) {
  const size_t end = body.find(kMadeOf);
  if (end == std::string::npos) return body;
  constexpr std::string_view kMember = ",\"why_joined\":\"";
  constexpr std::string_view kReason = ",\"reason\":\"";
  size_t members = 0;
  std::string reason;
  for (size_t at = body.find(kMember, end); at != std::string::npos; ++members) {
    const size_t begin = body.rfind(kReason, at);
    if (members == 0 && begin != std::string::npos) reason = body.substr(begin, at - begin);
    at = body.find(kMember, at + kMember.size());
  }
  if (!reason.empty()) reason.insert(2, "first_");
  return body.substr(0, end) + ",\"member_count\":" + std::to_string(members) + reason + "}";
}

Labels LabelsOf(const Json& object, const char* member) {
  Labels labels;
  const auto found = object.find(member);
  if (found == object.end() || !found->is_object()) return labels;
  for (const auto& [name, value] : found->items()) {
    if (value.is_string()) labels.Set(name, value.get<std::string>());
  }
  return labels;
}

std::string TextOf(const Json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void Lower(std::string& text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
}

// By what the head says alone: most rows are parsed no further.
bool HeadPasses(const IncidentListQuery& query, const Json& head) {
  if (!query.states.empty() && !query.states.contains(TextOf(head, "state"))) return false;
  if (!query.severities.empty() && !query.severities.contains(TextOf(head, "severity"))) {
    return false;
  }
  if (query.since == 0 && query.until == IncidentListQuery::kTimeMax) return true;
  const auto onset = ParseTime(TextOf(head, "onset"));
  return onset.ok() && *onset >= query.since && *onset < query.until;
}

bool MembersPass(const IncidentListQuery& query, const std::string& body) {
  const Json whole = Json::parse(body, nullptr, false);
  if (!whole.is_object()) return false;
  std::vector<Labels> places{LabelsOf(whole, "scope")};
  const auto members = whole.find("members");
  if (members != whole.end() && members->is_array()) {
    for (const Json& member : *members) {
      if (member.is_object()) places.push_back(LabelsOf(member, "labels"));
    }
  }
  const bool fits =
      query.filters.empty() || std::any_of(places.begin(), places.end(), [&](const Labels& labels) {
        return ingest::PassesFilters(query.filters, labels);
      });
  if (!fits || query.words.empty()) return fits;
  std::string text = TextOf(whole, "summary");
  for (const Labels& labels : places) {
    for (const Label& label : labels) text += '\n' + label.name + '=' + label.value;
  }
  Lower(text);
  return std::all_of(query.words.begin(), query.words.end(),
                     [&](const std::string& word) { return text.find(word) != std::string::npos; });
}

bool Passes(const IncidentListQuery& query, const std::string& body) {
  const size_t end = body.find(kMadeOf);
  const std::string head = end == std::string::npos ? body : body.substr(0, end) + '}';
  const Json read = Json::parse(head, nullptr, false);
  if (!read.is_object() || !HeadPasses(query, read)) return false;
  return (query.filters.empty() && query.words.empty()) || MembersPass(query, body);
}

bool Narrows(const IncidentListQuery& query) {
  return !query.states.empty() || !query.severities.empty() || !query.filters.empty() ||
         !query.words.empty() || query.since != 0 || query.until != IncidentListQuery::kTimeMax;
}

Status Append(std::string& out, store::Store& store, const IncidentListQuery& query, Row row) {
  if (query.brief) row.body = BriefOf(row.body);
  QUELL_ASSIGN(const auto people, store.People(row.id));
  if (people) row.body = WithPeople(std::move(row.body), people->body);
  if (!out.empty()) out += ',';
  out += row.body;
  return Ok{};
}

template <typename Enum>
Status CheckName(std::string_view name, const char* what, size_t count,
                 std::string_view (*name_of)(Enum)) {
  std::string known;
  for (size_t i = 0; i < count; ++i) {
    const std::string_view one = name_of(static_cast<Enum>(i));
    if (one == name) return Ok{};
    known += (known.empty() ? "" : ", ") + std::string(one);
  }
  return MakeError(ErrorCode::kInvalidArgument, std::string(what) + " must be one of " + known);
}

}  // namespace

Status CheckIncidentState(std::string_view state) {
  return CheckName<incidents::IncidentState>(state, "state", kIncidentStates,
                                             incidents::IncidentStateName);
}

Status CheckIncidentSeverity(std::string_view severity) {
  return CheckName<incidents::Severity>(severity, "severity", kSeverities, incidents::SeverityName);
}

Result<std::vector<std::string>> SearchWords(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != ' ') {
      word += text[i];
      continue;
    }
    Lower(word);
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  }
  if (words.size() <= IncidentListQuery::kWordsMax) return words;
  return MakeError(ErrorCode::kInvalidArgument, "search has more than 10 words");
}

Result<std::string> ListIncidentsJson(store::Store& store, const IncidentListQuery& query) {
  const bool narrows = Narrows(query);
  std::string out;
  size_t found = 0;
  size_t read = 0;
  std::uint64_t before = query.before;
  bool more = true;
  while (more && found < query.limit && read < IncidentListQuery::kReadMax) {
    const size_t chunk = std::min(kChunk, narrows ? kChunk : query.limit - found);
    QUELL_ASSIGN(std::vector<Row> rows, store.IncidentsBefore(before, chunk + 1));
    more = rows.size() > chunk;
    if (more) rows.pop_back();
    for (size_t i = 0; i < rows.size(); ++i) {
      // An incident does not change before it begins: what follows began earlier still.
      if (rows[i].at < query.since) return "{\"incidents\":[" + out + "],\"next\":null}\n";
      ++read;
      before = rows[i].sequence;
      if (narrows && !Passes(query, rows[i].body)) continue;
      QUELL_TRY(Append(out, store, query, std::move(rows[i])));
      if (++found < query.limit) continue;
      more = more || i + 1 < rows.size();
      break;
    }
  }
  const std::string next = more ? '"' + std::to_string(before) + '"' : "null";
  return "{\"incidents\":[" + out + "],\"next\":" + next + "}\n";
}

Result<Json> PagesJson(store::Store& store, const std::string& key) {
  Json pages = Json::array();
  for (std::uint32_t page = 1; page <= paging::kPagesMaxCritical; ++page) {
    const std::string page_key = paging::PageKey(key, page);
    QUELL_ASSIGN(const auto rows, store.OutboxOf(page_key));
    QUELL_ASSIGN(const auto deliveries, store.DeliveriesOf(page_key));
    for (const store::OutboxRow& row : rows) {
      const auto body = Json::parse(row.body, nullptr, false);
      const std::string action = body.is_object() ? TextOf(body, "action") : "";
      for (const store::DeliveryRow& delivery : deliveries) {
        if (delivery.sequence != row.sequence) continue;
        pages.push_back({{"at", FormatRfc3339(row.at)},
                         {"page", page},
                         {"action", action},
                         {"receiver", delivery.receiver},
                         {"state", store::OutboxStateName(delivery.state)},
                         {"attempts", delivery.attempts},
                         {"last_error", delivery.last_error}});
      }
    }
  }
  std::stable_sort(pages.begin(), pages.end(), [](const Json& a, const Json& b) {
    return a["at"].get_ref<const std::string&>() < b["at"].get_ref<const std::string&>();
  });
  return Json{{"pages", std::move(pages)}};
}

}  // namespace quell::api
