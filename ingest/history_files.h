// What the readers of history files share: which files a path names, and progress.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "ingest/history.h"
#include "ingest/line_source.h"

namespace quell::ingest {

// `on_file` once before each file's first line; `on_line` gets each line and returns its error
// with `column` set, which the caller sees as "path:line:column: text".
struct LineHandler {
  std::function<Status()> on_file_begin;
  std::function<Status(std::string_view line, size_t& column)> on_line;
  std::function<Status()> on_file_end;  // its error stands at the last line
};

// The file at `path`, or all files of the folder in order of name (those that begin with a dot
// are left out). kNotFound if there is none.
Status ReadLines(const std::string& path, const LineHandler& handler, HistorySink& sink,
                 HistoryCounters& counters);

}  // namespace quell::ingest
