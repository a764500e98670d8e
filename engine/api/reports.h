// Reports that `quell replay` has written into folders of one folder: FOLDER/NAME/report.json.
//
// Read anew each time, within bounds; nothing is followed out of the folder. Thread-safe.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/result.h"

namespace quell::api {

inline constexpr size_t kReportsMax = 200;            // listed, the newest first
inline constexpr size_t kReportBytesMax = 8U << 20U;  // a larger one is not shown

// Letters, digits and . _ -, at most 100, the first a letter or digit.
bool IsReportName(std::string_view name);

// {"reports":[{"name","written_at","bytes"}],"left_out":0}. `folder` "": none.
Result<nlohmann::ordered_json> ListReportsJson(const std::string& folder);

// The report as it was written. kNotFound; kInvalidArgument: too large, or none of ours.
Result<std::string> ReadReport(const std::string& folder, const std::string& name);

}  // namespace quell::api
