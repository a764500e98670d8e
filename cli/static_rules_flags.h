// What `replay` asks for to put static alerting rules beside Quell.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/prometheus_flags.h"
#include "core/result.h"
#include "replay/rules/static_rules.h"

namespace quell::cli {

struct StaticRulesFlags {
  std::vector<std::string> files;
  std::vector<std::string> group_by = replay::NotifyOptions{}.group_by;
  std::string pages_for;
  PrometheusFlags prometheus;
};

// `flags` must outlive the verb.
void AddStaticRulesFlags(CLI::App& verb, StaticRulesFlags& flags);

// Without files where no rules were asked for; the weights of the scoring are the caller's.
Result<replay::StaticRulesOptions> StaticRulesOptionsOf(const StaticRulesFlags& flags);

}  // namespace quell::cli
