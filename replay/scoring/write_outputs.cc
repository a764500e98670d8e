#include "core/file.h"
#include "replay/scoring/html_report.h"
#include "replay/scoring/output_json.h"
#include "replay/scoring/scoring.h"

namespace quell::replay {

Status WriteOutputs(const ReplayResult& result, const Report& report,
                    const std::vector<LabelledIncident>& incidents, const std::string& folder) {
  QUELL_TRY(MakeFolders(folder));
  QUELL_TRY(WriteFileAtomic(folder + "/pages.json", PagesJson(result)));
  QUELL_TRY(WriteFileAtomic(folder + "/alerts.json", AlertsJson(result)));
  QUELL_TRY(WriteFileAtomic(folder + "/decisions.jsonl", DecisionsJsonl(result)));
  QUELL_TRY(WriteFileAtomic(folder + "/report.json", ReportJson(result, report)));
  return WriteFileAtomic(folder + "/report.html", HtmlReport(result, report, incidents.size()));
}

}  // namespace quell::replay
