// What is written of a tree of verbs: whole, quoted, and nothing that is not in it.
#include <catch2/catch.hpp>

#include "cli/tree/completion.h"
#include "cli/tree/man_page.h"

namespace quell::cli {
namespace {

struct Sample {
  CLI::App app{"A program.\n\nMore of it.\n\n  set as it is", "quell"};
  std::string file, state, key;
  bool json = false;
  int least = 0;
  Sample() {
    CLI::App* list = app.add_subcommand("list", "It's the list.");
    list->add_option("--state", state, "which")->check(CLI::IsMember({"open", "held"}));
    list->add_option("--config,-c", file, "where\\from")->type_name("FILE");
    list->add_flag("--json", json, "for scripts");
    list->add_option("key", key, "of one")->required();
    // Groups of flags are verbs without a name to the parser, and none to people.
    list->add_option_group("limits", "how far")->add_option("--least", least, "how little");
  }
};

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("Tree: verbs and flags with their values, choices and texts", "[cli]") {
  const Sample sample;
  const Verb root = WalkTree(sample.app);
  REQUIRE(AllOf(root).size() == 2);
  CHECK(root.help == "A program.");
  const Verb& list = root.verbs[0];
  CHECK(list.path == "quell list");
  REQUIRE(list.flags.size() == 6);  // with --help
  CHECK(list.flags[1].choices == std::vector<std::string>{"open", "held"});
  CHECK(list.flags[2].names == std::vector<std::string>{"-c", "--config"});
  CHECK(list.flags[2].value == "FILE");
  CHECK(list.flags[3].value.empty());
  CHECK(list.flags[4].positional);
  CHECK(list.flags[4].required);
  CHECK(list.flags[5].names == std::vector<std::string>{"--least"});
}

TEST_CASE("Completion: every shell's names every verb, flag and choice", "[cli]") {
  const Sample sample;
  const Verb root = WalkTree(sample.app);
  for (const std::string& text : {BashCompletion(root), ZshCompletion(root)}) {
    INFO(text);
    CHECK(Has(text, "'quell list'"));
    CHECK(Has(text, "'quell list --state') "));
    CHECK(Has(text, "open held"));
    CHECK(Has(text, "'quell list -c'|'quell list --config') "));
    CHECK_FALSE(Has(text, "'quell list --json') "));
  }
  CHECK(Has(ZshCompletion(root), "'list:It'\\''s the list.'"));
  const std::string fish = FishCompletion(root);
  CHECK(Has(fish, "-a list -d 'It\\'s the list.'"));
  CHECK(Has(fish, "-l state -x -a 'open held'"));
  CHECK(Has(fish, "-s c -l config -r -F"));
}

TEST_CASE("Manual page: troff takes none of the text as its own", "[cli]") {
  const Sample sample;
  const std::string page = ManPage(WalkTree(sample.app), "1.2", "0 done\n1 .not so\n");
  INFO(page);
  CHECK(Has(page, ".SS \"quell list\"\n"));
  CHECK(Has(page, "\\fB\\-c\\fR, \\fB\\-\\-config\\fR \\fIFILE\\fR\nwhere\\efrom\n"));
  CHECK(Has(page, ".nf\n  set as it is\n.fi\n"));
  CHECK(Has(page, ".B 1\n\\&.not so\n"));
}

}  // namespace
}  // namespace quell::cli
