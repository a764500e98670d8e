// One incident with its pages, or one false page, as a foldable case of the report.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "replay/scoring/result.h"
#include "replay/scoring/scoring.h"

namespace quell::replay {

// What cases look up. Borrows result and report, which must outlive it.
class CaseBook {
 public:
  CaseBook(const ReplayResult& result, const Report& report);

  // The n-th (from 0) labelled incident: caught or missed, delay, pages, evidence, plots.
  [[nodiscard]] std::string IncidentCase(size_t n, bool open) const;
  // The n-th scored page, where it is false.
  [[nodiscard]] std::string FalsePageCase(size_t n, bool open) const;

 private:
  [[nodiscard]] std::string PageBody(const std::string& page_id) const;
  [[nodiscard]] std::string Plots(const std::vector<const PlotSeries*>& plots,
                                  const LabelledIncident* incident,
                                  const std::vector<std::string>& page_ids) const;

  const ReplayResult& result_;
  const Report& report_;
  std::map<std::string, const ReplayPage*> page_by_id_;
  std::map<std::string, PageVerdict> verdict_by_id_;
  std::map<std::string, std::vector<const PlotSeries*>> plots_by_page_, plots_by_incident_;
};

}  // namespace quell::replay
