// quell completion and quell man: what is written of the program's own verbs.
#include "cli/tree/completion.h"

#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/tree/man_page.h"
#include "engine/api/version.h"

namespace quell::cli {

void AddCompletion(CLI::App& app, int& exit_code) {
  auto shell = std::make_shared<std::string>();
  CLI::App* verb = app.add_subcommand(
      "completion",
      "Print completion of verbs and flags for a shell.\n\n"
      "  source <(quell completion bash)           for this shell; or the output in a file of\n"
      "  ~/.local/share/bash-completion/completions, of zsh's $fpath as _quell, or of\n"
      "  ~/.config/fish/completions as quell.fish");
  verb->add_option("shell", *shell, "for which")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  verb->callback([shell, &app, &exit_code] {
    const Verb root = WalkTree(app);
    const std::string text = *shell == "bash"  ? BashCompletion(root)
                             : *shell == "zsh" ? ZshCompletion(root)
                                               : FishCompletion(root);
    std::fputs(text.c_str(), stdout);
    exit_code = 0;
  });
}

void AddMan(CLI::App& app, int& exit_code) {
  CLI::App* verb =
      app.add_subcommand("man", "Print the manual page; read it by: quell man | man -l -");
  verb->callback([&app, &exit_code] {
    std::fputs(ManPage(WalkTree(app), api::kVersion, kExitCodes).c_str(), stdout);
    exit_code = 0;
  });
}

}  // namespace quell::cli
