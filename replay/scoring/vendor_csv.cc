// Exports differ by product, version and what their users added, so columns are known by their
// names with case, spaces and punctuation taken away, and by several names each.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>

#include "replay/scoring/csv_text.h"
#include "replay/scoring/incident_formats.h"

namespace quell::replay {
namespace {

using Names = std::span<const std::string_view>;
constexpr std::array<std::string_view, 5> kId = {"id", "alertid", "incidentid", "reference",
                                                 "tinyid"};
constexpr std::array<std::string_view, 6> kStart = {
    "impactstarted", "impactstartedat", "impactstartdate", "createdat", "reportedat", "declaredat"};
constexpr std::array<std::string_view, 9> kEnd = {"impactended", "impactendedat", "impactenddate",
                                                  "fixedat",     "resolvedat",    "closedat",
                                                  "updatedat",   "lastupdatedat", "lastoccurredat"};
constexpr std::array<std::string_view, 2> kSeverity = {"severity", "priority"};
constexpr std::array<std::string_view, 3> kKind = {"incidenttype", "type", "kind"};
constexpr std::array<std::string_view, 6> kPairs = {"tags", "labels",  "details", "extraproperties",
                                                    "tag",  "affected"};
constexpr std::array<std::string_view, 2> kStatus = {"status", "state"};
// Neither label nor known above: texts about the record itself.
constexpr std::array<std::string_view, 26> kAboutTheRecord = {
    "name",       "title",     "message",   "summary",      "description",  "alias",    "source",
    "owner",      "ownerteam", "teams",     "acknowledged", "isseen",       "snoozed",  "count",
    "responders", "url",       "permalink", "integration",  "slackchannel", "duration", "creator",
    "createdby",  "acktime",   "closetime", "visibility",   "mode"};

bool Among(std::string_view word, Names names) {
  return std::find(names.begin(), names.end(), word) != names.end();
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// "Created At" and "created_at" to "createdat".
std::string Bare(std::string_view text) {
  std::string out;
  for (const char c : Lower(text)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

// "Affected service" to "affected_service".
std::string AsLabelName(std::string_view text) {
  std::string out = Lower(text);
  std::replace(out.begin(), out.end(), ' ', '_');
  return out;
}

struct Columns {
  std::map<std::string, size_t> by_name;               // bare
  std::vector<std::pair<std::string, size_t>> labels;  // custom columns, by label name
  size_t width = 0;
  // The first of `names` that the header has.
  [[nodiscard]] std::optional<size_t> Find(Names names) const {
    for (const std::string_view name : names) {
      const auto found = by_name.find(std::string(name));
      if (found != by_name.end()) return found->second;
    }
    return std::nullopt;
  }
};

Columns ReadHeader(const CsvRow& header) {
  Columns columns;
  columns.width = header.size();
  for (size_t i = 0; i < header.size(); ++i) {
    const std::string bare = Bare(header[i].text);
    columns.by_name.emplace(bare, i);
    const bool known = Among(bare, kId) || Among(bare, kStart) || Among(bare, kEnd) ||
                       Among(bare, kSeverity) || Among(bare, kKind) || Among(bare, kPairs) ||
                       Among(bare, kStatus) || Among(bare, kAboutTheRecord) ||
                       bare.ends_with("at") || bare.ends_with("date") || bare.ends_with("time");
    if (!known) columns.labels.emplace_back(AsLabelName(header[i].text), i);
  }
  return columns;
}

// RFC 3339, epoch seconds or milliseconds, or "2026-08-22 10:00[:00]", taken as UTC.
Result<TimeMs> ReadTime(const CsvReader& csv, const CsvField& field, const std::string& column) {
  std::string text = field.text;
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  if (digits && text.size() == 13) {
    text.insert(10, ".");
  } else if (text.size() >= 16 && (text[4] == '-' || text[4] == '/')) {
    text[4] = '-';
    if (text[7] == '/') text[7] = '-';
    if (text.ends_with(" UTC")) text.resize(text.size() - 4);
    if (text.size() == 16) text += ":00";
    if (text.find_first_of("Zz+", 16) == std::string::npos &&
        text.find('-', 16) == std::string::npos) {
      text += 'Z';
    }
  }
  Result<TimeMs> time = ParseTime(text);
  if (!time.ok()) return csv.ErrorAt(field.offset, column + ": " + time.error().message);
  return time;
}

// "psp:acme, region=eu" and the like; words that are no pair are left out.
void AddPairs(std::string_view text, Labels& labels) {
  constexpr std::string_view kBetween = ",;|[]{}\"'\n";
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(kBetween), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t sign = word.find_first_of("=:");
    if (sign == std::string_view::npos) continue;
    const auto trimmed = [](std::string_view part) {
      const size_t first = std::min(part.find_first_not_of(' '), part.size());
      part.remove_prefix(first);
      return part.substr(0, part.find_last_not_of(' ') + 1);
    };
    AddHistoryLabel(trimmed(word.substr(0, sign)), trimmed(word.substr(sign + 1)), labels);
  }
}

// Recorded by mistake, or told again by another row.
bool IsNoIncident(const std::string& status) {
  constexpr std::array<std::string_view, 4> kNone = {"declined", "canceled", "cancelled", "merged"};
  return Among(Bare(status), kNone);
}

Result<TimeMs> ReadEnd(const CsvReader& csv, const CsvRow& row, const Columns& columns) {
  for (const std::string_view name : kEnd) {
    const auto column = columns.by_name.find(std::string(name));
    if (column == columns.by_name.end() || row[column->second].text.empty()) continue;
    return ReadTime(csv, row[column->second], column->first);
  }
  return csv.ErrorAt(row[0].offset, "the row says neither when it was resolved nor when closed");
}

Result<LabelledIncident> ReadRow(const CsvReader& csv, const CsvRow& row, const Columns& columns) {
  LabelledIncident incident;
  const CsvField& id = row[*columns.Find(kId)];
  if (id.text.empty()) return csv.ErrorAt(id.offset, "the id is empty");
  incident.id = id.text;
  std::optional<size_t> start;
  for (const std::string_view name : kStart) {
    const auto column = columns.by_name.find(std::string(name));
    if (start || column == columns.by_name.end() || row[column->second].text.empty()) continue;
    start = column->second;
  }
  if (!start) return csv.ErrorAt(row[0].offset, "the row does not say when it began");
  QUELL_ASSIGN(incident.start, ReadTime(csv, row[*start], "start"));
  QUELL_ASSIGN(incident.end, ReadEnd(csv, row, columns));
  if (incident.end < incident.start) {
    return csv.ErrorAt(row[*start].offset, "the end " + FormatRfc3339(incident.end) +
                                               " is before the start " +
                                               FormatRfc3339(incident.start));
  }
  if (const auto at = columns.Find(kSeverity)) incident.severity = row[*at].text;
  if (const auto at = columns.Find(kKind)) incident.kind = row[*at].text;
  Labels labels;
  for (const auto& [name, at] : columns.labels) AddHistoryLabel(name, row[at].text, labels);
  for (const std::string_view name : kPairs) {
    const auto column = columns.by_name.find(std::string(name));
    if (column != columns.by_name.end()) AddPairs(row[column->second].text, labels);
  }
  if (!labels.empty()) incident.affected.push_back(std::move(labels));
  return incident;
}

}  // namespace

bool LooksLikeVendorCsv(std::string_view text) {
  const std::string name;
  CsvReader csv(text, name);
  const Result<CsvRow> header = csv.ReadRow();
  if (!header.ok()) return false;
  const Columns columns = ReadHeader(*header);
  return columns.Find(kId) && columns.Find(kStart) && columns.Find(kEnd);
}

Result<std::vector<LabelledIncident>> ReadVendorCsv(std::string_view text,
                                                    const std::string& name) {
  CsvReader csv(text, name);
  QUELL_ASSIGN(const CsvRow header, csv.ReadRow());
  const Columns columns = ReadHeader(header);
  const std::optional<size_t> status = columns.Find(kStatus);
  const std::optional<size_t> id = columns.Find(kId);
  std::map<std::string, size_t> seen;  // id to the offset of its first row
  std::vector<LabelledIncident> incidents;
  while (!csv.AtEnd()) {
    QUELL_ASSIGN(const CsvRow row, csv.ReadRow());
    if (IsBlank(row)) continue;
    if (row.size() != columns.width) {
      return csv.ErrorAt(row[0].offset, "the row has " + std::to_string(row.size()) +
                                            " fields, the header has " +
                                            std::to_string(columns.width));
    }
    if (status && IsNoIncident(row[*status].text)) continue;
    QUELL_ASSIGN(LabelledIncident incident, ReadRow(csv, row, columns));
    const auto [first, fresh] = seen.emplace(incident.id, row[*id].offset);
    if (!fresh) {
      return csv.ErrorAt(row[*id].offset, "id \"" + incident.id + "\" stands already at " +
                                              PlaceInText(name, text, first->second));
    }
    incidents.push_back(std::move(incident));
  }
  SortIncidents(incidents);
  return incidents;
}

}  // namespace quell::replay
