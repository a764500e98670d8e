#include "cli/tree/walk.h"

#include <algorithm>

namespace quell::cli {
namespace {

// What IsMember says of itself in a type's name: "TEXT:{a,b}".
std::vector<std::string> ChoicesIn(const std::string& type) {
  std::vector<std::string> out;
  const size_t open = type.find('{');
  const size_t close = type.find('}', open);
  if (open == std::string::npos || close == std::string::npos) return out;
  for (size_t at = open + 1; at < close;) {
    const size_t end = std::min(type.find(',', at), close);
    out.push_back(type.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

Flag FlagOf(const CLI::Option& option) {
  Flag out;
  for (const std::string& name : option.get_snames()) out.names.push_back('-' + name);
  for (const std::string& name : option.get_lnames()) out.names.push_back("--" + name);
  out.positional = out.names.empty();
  if (out.positional) out.names.push_back(option.get_name(true, false));
  out.help = option.get_description();
  if (option.get_items_expected_max() > 0) {
    const std::string type = option.get_type_name();
    out.choices = ChoicesIn(type);
    out.value = type.substr(0, type.find_first_of(":( "));
    if (out.value.empty()) out.value = "VALUE";
  }
  out.required = option.get_required();
  out.many = option.get_items_expected_max() > 1;
  out.fallback = option.get_default_str();
  out.variable = option.get_envname();
  return out;
}

void AddFlags(const CLI::App& app, Verb& out) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    Flag flag = FlagOf(*option);
    const auto same = [&](const Flag& other) { return other.names == flag.names; };
    // A group has a --help of its own, too.
    if (std::none_of(out.flags.begin(), out.flags.end(), same))
      out.flags.push_back(std::move(flag));
  }
}

Verb VerbOf(const CLI::App& app, const std::string& above) {
  Verb out;
  out.name = app.get_name();
  out.path = above.empty() ? out.name : above + ' ' + out.name;
  const std::string text = app.get_description();
  const size_t end = text.find("\n\n");
  out.help = text.substr(0, end);
  if (end != std::string::npos) out.more = text.substr(end + 2);
  for (char& c : out.help) c = c == '\n' ? ' ' : c;
  AddFlags(app, out);
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (verb->get_name().empty()) {
      AddFlags(*verb, out);  // a group of flags
    } else if (!verb->get_group().empty()) {
      out.verbs.push_back(VerbOf(*verb, out.path));
    }
  }
  return out;
}

void Collect(const Verb& verb, std::vector<const Verb*>& out) {
  out.push_back(&verb);
  for (const Verb& below : verb.verbs) Collect(below, out);
}

}  // namespace

Verb WalkTree(const CLI::App& app) { return VerbOf(app, ""); }

std::vector<const Verb*> AllOf(const Verb& root) {
  std::vector<const Verb*> out;
  Collect(root, out);
  return out;
}

}  // namespace quell::cli
