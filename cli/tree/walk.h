// The tree of verbs and flags as plain data. Pure; the order is that of definition.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace quell::cli {

struct Flag {
  std::vector<std::string> names;  // "--url", "-n"; of a positional "key"
  std::string help;                // one line
  std::string value;               // "FILE", "TEXT"; "" where it takes none
  std::vector<std::string> choices;
  bool positional = false;
  bool required = false;
  bool many = false;
  std::string fallback;  // its default, "" = none shown
  std::string variable;  // of the environment
};

struct Verb {
  std::string path;         // "quell incident list"
  std::string name;         // "list"
  std::string help;         // the first line
  std::string more;         // the paragraphs after it
  std::vector<Flag> flags;  // with -h,--help
  std::vector<Verb> verbs;
};

Verb WalkTree(const CLI::App& app);

// The verb and all below it, depth first.
std::vector<const Verb*> AllOf(const Verb& root);

}  // namespace quell::cli
