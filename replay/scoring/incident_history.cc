#include "replay/scoring/incident_history.h"

#include <algorithm>

#include "core/file.h"
#include "replay/scoring/incident_formats.h"

namespace quell::replay {

void SortIncidents(std::vector<LabelledIncident>& incidents) {
  std::sort(incidents.begin(), incidents.end(),
            [](const LabelledIncident& a, const LabelledIncident& b) {
              return a.start != b.start ? a.start < b.start : a.id < b.id;
            });
}

Result<std::vector<LabelledIncident>> ReadIncidentText(std::string text, const std::string& name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) {
    return MakeError(ErrorCode::kInvalidArgument,
                     name + R"(:1:1: the file is empty; write {"incidents":[]} for no incidents)");
  }
  if (text[first] != '{' && text[first] != '[') {
    return LooksLikeVendorCsv(text) ? ReadVendorCsv(text, name) : ReadCsvIncidents(text, name);
  }
  QUELL_ASSIGN(const JsonDocument document, JsonDocument::Parse(std::move(text), name));
  if (LooksLikeAlertmanager(document)) return ReadAlertmanagerHistory(document);
  return LooksLikePagerDuty(document) ? ReadPagerDutyIncidents(document)
                                      : ReadQuellIncidents(document);
}

Result<std::vector<LabelledIncident>> ReadIncidents(const std::string& path) {
  constexpr size_t kFileBytesMax = size_t{1} << 30U;
  QUELL_ASSIGN(std::string text, ReadFile(path, kFileBytesMax));
  return ReadIncidentText(std::move(text), path);
}

}  // namespace quell::replay
