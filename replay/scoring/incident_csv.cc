#include <algorithm>
#include <map>
#include <optional>

#include "replay/scoring/incident_formats.h"

namespace quell::replay {
namespace {

struct Field {
  std::string text;
  size_t offset = 0;  // of its first byte
};
using Row = std::vector<Field>;

class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  [[nodiscard]] bool AtEnd() const { return pos_ >= text_.size(); }

  Result<Row> ReadRow() {
    Row row;
    while (true) {
      QUELL_ASSIGN(Field field, ReadField());
      row.push_back(std::move(field));
      if (AtEnd() || text_[pos_] != ',') break;
      ++pos_;
    }
    if (!AtEnd() && text_[pos_] == '\r') ++pos_;
    if (!AtEnd() && text_[pos_] == '\n') ++pos_;
    return row;
  }

  [[nodiscard]] Error ErrorAt(size_t offset, const std::string& message) const {
    return MakeError(ErrorCode::kInvalidArgument,
                     PlaceInText(name_, text_, offset) + ": " + message);
  }

 private:
  Result<Field> ReadField() {
    Field field{.text = {}, .offset = pos_};
    if (AtEnd() || text_[pos_] != '"') {
      while (!AtEnd() && text_[pos_] != ',' && text_[pos_] != '\n' && text_[pos_] != '\r') {
        field.text += text_[pos_++];
      }
      const size_t first = std::min(field.text.find_first_not_of(" \t"), field.text.size());
      field.text.erase(0, first);
      field.text.erase(field.text.find_last_not_of(" \t") + 1);
      field.offset += first;
      return field;
    }
    for (++pos_;; ++pos_) {
      if (AtEnd()) return ErrorAt(field.offset, "the quoted field has no closing quote");
      if (text_[pos_] == '"') {
        if (pos_ + 1 >= text_.size() || text_[pos_ + 1] != '"') break;
        ++pos_;
      }
      field.text += text_[pos_];
    }
    ++pos_;
    if (!AtEnd() && text_[pos_] != ',' && text_[pos_] != '\n' && text_[pos_] != '\r') {
      return ErrorAt(pos_, "text after a closing quote; write \"\" for a quote inside a field");
    }
    return field;
  }

  std::string_view text_;
  std::string name_;
  size_t pos_ = 0;
};

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
                                               "\"; expected id,start,end,severity,kind,labels");
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
    if (row.size() == 1 && row[0].text.find_first_not_of(" \t") == std::string::npos) continue;
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
