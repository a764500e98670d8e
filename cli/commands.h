// The program's verbs. Each adds its sub-command with help, and sets `exit_code` when it ran.
//
// kExitCodes says what they return.
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
void AddDigest(CLI::App& app, int& exit_code);
void AddDrift(CLI::App& app, int& exit_code);
void AddForecast(CLI::App& app, int& exit_code);
void AddBackfill(CLI::App& app, int& exit_code);
void AddScore(CLI::App& app, int& exit_code);
void AddToken(CLI::App& app, int& exit_code);
void AddJournal(CLI::App& app, int& exit_code);
void AddAdoption(CLI::App& app, int& exit_code);
void AddIncident(CLI::App& app, int& exit_code);
void AddSignal(CLI::App& app, int& exit_code);
void AddChange(CLI::App& app, int& exit_code);
void AddModel(CLI::App& app, int& exit_code);
void AddSilence(CLI::App& app, int& exit_code);
void AddStatus(CLI::App& app, int& exit_code);
void AddCompletion(CLI::App& app, int& exit_code);
void AddMan(CLI::App& app, int& exit_code);
void AddAudit(CLI::App& app, int& exit_code);
void AddExplain(CLI::App& app, int& exit_code);
void AddCheck(CLI::App& app, int& exit_code);
void AddConfig(CLI::App& app, int& exit_code);
void AddVersion(CLI::App& app, int& exit_code);

inline constexpr const char* kExitCodes =
    "0 done\n"
    "1 failed; the error is on stderr\n"
    "2 wrong command line; the flag is named\n"
    "3 a bound of gate does not hold, or tune or train-dedup refuses\n"
    "4 the engine cannot be reached or is overloaded: try again\n"
    "5 the engine asks for credentials or for another role\n"
    "6 the engine, or explain's audit log, knows no such thing\n"
    "7 to 10 explain cannot decide again as recorded (its help says why)\n";

// "quell: <message>" on stderr; returns 1.
int Fail(const Error& error);

}  // namespace quell::cli
