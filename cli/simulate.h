// `quell simulate`: the payments simulator on the command line.
#pragma once

#include <CLI/CLI.hpp>

namespace quell::cli {

// Adds the verb to `app`. When it is chosen it runs during parsing and sets `exit_code`: 0 done,
// 1 the run failed, 2 an option is wrong (the message names the flag).
void AddSimulateCommand(CLI::App& app, int& exit_code);

}  // namespace quell::cli
