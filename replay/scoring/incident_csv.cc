#include <map>
#include <optional>

#include "replay/scoring/csv_text.h"
#include "replay/scoring/incident_formats.h"

namespace quell::replay {
namespace {

using Field = CsvField;
using Row = CsvRow;
using Columns = std::map<std::string, size_t>;

Result<Columns> ReadHeader(const CsvReader& csv, const Row& header) {
  Columns columns;
  for (size_t i = 0; i < header.size(); ++i) {
    std::string name = header[i].text == "affected" ? "labels" : header[i].text;
    if (!columns.emplace(name, i).second) {
      return csv.ErrorAt(header[i].offset, "the column \"" + header[i].text + "\" stands twice");
    }
  }
  for (const char* needed : {"id", "start", "end"}) {
    if (!columns.contains(needed)) {
      return csv.ErrorAt(header[0].offset, std::string("the header has no column \"") + needed +
                                               "\"; expected id,start,end,severity,kind,labels, "
                                               "or an export of Opsgenie or incident.io");
    }
  }
  return columns;
}

const Field* Find(const Row& row, const Columns& columns, const std::string& name) {
  const auto column = columns.find(name);
  return column == columns.end() ? nullptr : &row[column->second];
}

Result<TimeMs> ReadTime(const CsvReader& csv, const Row& row, const Columns& columns,
                        const std::string& name) {
  const Field& field = *Find(row, columns, name);
  Result<TimeMs> time = ParseTime(field.text);
  if (!time.ok()) return csv.ErrorAt(field.offset, name + ": " + time.error().message);
  return time;
}

Result<LabelledIncident> ReadIncident(const CsvReader& csv, const Row& row,
                                      const Columns& columns) {
  LabelledIncident incident;
  const Field& id = *Find(row, columns, "id");
  if (id.text.empty()) return csv.ErrorAt(id.offset, "id is empty");
  incident.id = id.text;
  QUELL_ASSIGN(incident.start, ReadTime(csv, row, columns, "start"));
  QUELL_ASSIGN(incident.end, ReadTime(csv, row, columns, "end"));
  if (incident.end < incident.start) {
    return csv.ErrorAt(
        Find(row, columns, "end")->offset,
        "end " + FormatRfc3339(incident.end) + " is before start " + FormatRfc3339(incident.start));
  }
  if (const Field* severity = Find(row, columns, "severity")) incident.severity = severity->text;
  if (const Field* kind = Find(row, columns, "kind")) incident.kind = kind->text;
  if (const Field* labels = Find(row, columns, "labels")) {
    Result<std::vector<Labels>> affected = ParseLabelAlternatives(labels->text);
    if (!affected.ok()) return csv.ErrorAt(labels->offset, "labels: " + affected.error().message);
    incident.affected = *std::move(affected);
  }
  return incident;
}

// Labels as the last column may stand unquoted, commas and all.
Status FitRow(const CsvReader& csv, const Columns& columns, size_t width, Row& row) {
  const auto labels = columns.find("labels");
  if (row.size() > width && labels != columns.end() && labels->second + 1 == width) {
    for (size_t i = width; i < row.size(); ++i) row[width - 1].text += ',' + row[i].text;
    row.resize(width);
  }
  if (row.size() == width) return Ok{};
  return csv.ErrorAt(row[0].offset, "the row has " + std::to_string(row.size()) +
                                        " fields, the header has " + std::to_string(width));
}

}  // namespace

Result<std::vector<LabelledIncident>> ReadCsvIncidents(std::string_view text,
                                                       const std::string& name) {
  CsvReader csv(text, name);
  std::optional<Columns> columns;
  size_t width = 0;
  std::vector<LabelledIncident> incidents;
  std::map<std::string, size_t> seen;  // id to the offset of its first row
  while (!csv.AtEnd()) {
    QUELL_ASSIGN(Row row, csv.ReadRow());
    if (IsBlank(row)) continue;
    if (!columns) {
      QUELL_ASSIGN(columns, ReadHeader(csv, row));
      width = row.size();
      continue;
    }
    QUELL_TRY(FitRow(csv, *columns, width, row));
    QUELL_ASSIGN(LabelledIncident incident, ReadIncident(csv, row, *columns));
    const Field& id = *Find(row, *columns, "id");
    const auto [first, fresh] = seen.emplace(incident.id, id.offset);
    if (!fresh) {
      return csv.ErrorAt(id.offset, "id \"" + incident.id + "\" stands already at " +
                                        PlaceInText(name, text, first->second));
    }
    incidents.push_back(std::move(incident));
  }
  SortIncidents(incidents);
  return incidents;
}

}  // namespace quell::replay
