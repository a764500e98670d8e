// quell config reference: every key of a configuration, from the code that reads it.
#include <cstdio>

#include "cli/commands.h"
#include "engine/config/key_reference.h"

namespace quell::cli {

void AddConfig(CLI::App& app, int& exit_code) {
  CLI::App* verb = app.add_subcommand("config", "What may stand in a configuration.");
  verb->require_subcommand(1);
  CLI::App* reference = verb->add_subcommand(
      "reference", "Print every key with its type, default and values, as Markdown.");
  reference->callback([&exit_code] {
    std::fputs(config::KeyReference().c_str(), stdout);
    exit_code = 0;
  });
}

}  // namespace quell::cli
