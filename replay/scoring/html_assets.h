// The report's style and its little script; the report works without the script.
#pragma once

#include <string>
#include <string_view>

namespace quell::replay {

std::string_view ReportStyle();
std::string_view ReportScript();

// The content security policy that allows exactly these two and nothing from outside.
std::string ReportSecurityPolicy();

}  // namespace quell::replay
