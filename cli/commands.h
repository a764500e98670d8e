// The program's verbs. Each adds its sub-command with help, and sets `exit_code` when it ran.
//
// Exit codes: 0 done, 1 failed (the error is on stderr), 2 wrong command line (the flag is named),
// 3 a bound of `gate` does not hold, or `tune` or `train-dedup` refuses.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "core/result.h"

namespace quell::cli {

void AddServe(CLI::App& app, int& exit_code);
void AddReplay(CLI::App& app, int& exit_code);
void AddGate(CLI::App& app, int& exit_code);
void AddTrainDedup(CLI::App& app, int& exit_code);
void AddTune(CLI::App& app, int& exit_code);
void AddDrift(CLI::App& app, int& exit_code);
void AddForecast(CLI::App& app, int& exit_code);
void AddBackfill(CLI::App& app, int& exit_code);
void AddScore(CLI::App& app, int& exit_code);
void AddToken(CLI::App& app, int& exit_code);
void AddJournal(CLI::App& app, int& exit_code);
void AddAdoption(CLI::App& app, int& exit_code);
void AddCheck(CLI::App& app, int& exit_code);
void AddVersion(CLI::App& app, int& exit_code);

// "quell: <message>" on stderr; returns 1.
int Fail(const Error& error);

}  // namespace quell::cli
