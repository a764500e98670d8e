#include "cli/tree/completion.h"

namespace quell::cli {
namespace {

constexpr const char* kMade = "# Made by `quell completion`; do not edit.\n";

std::string Quoted(const std::string& text, const char* quote_inside) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string(quote_inside) : std::string(1, c);
  return out + "'";
}

std::string ForShell(const std::string& text) { return Quoted(text, "'\\''"); }

// Words of a list between blanks.
std::string Joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::vector<std::string> NamesOf(const Verb& verb) {
  std::vector<std::string> out;
  for (const Verb& below : verb.verbs) out.push_back(below.name);
  return out;
}

// What may stand after the verb: names of verbs, flags, choices of positionals.
std::vector<std::string> WordsOf(const Verb& verb) {
  std::vector<std::string> out = NamesOf(verb);
  for (const Flag& flag : verb.flags) {
    const auto& more = flag.positional ? flag.choices : flag.names;
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

bool IsFile(const Flag& flag) { return flag.value == "FILE" || flag.value == "PATH"; }
bool IsFolder(const Flag& flag) { return flag.value == "FOLDER" || flag.value == "DIR"; }

// One branch for each flag that takes a value: files, folders, choices, or nothing to offer.
template <typename Files, typename Folders, typename Choices>
std::string ValueBranches(const Verb& root, const Files& files, const Folders& folders,
                          const Choices& choices, const char* nothing) {
  std::string out;
  for (const Verb* verb : AllOf(root)) {
    for (const Flag& flag : verb->flags) {
      if (flag.positional || flag.value.empty()) continue;
      std::string pattern;
      for (const std::string& name : flag.names) {
        pattern += (pattern.empty() ? "'" : "|'") + verb->path + ' ' + name + "'";
      }
      out += "    " + pattern + ") ";
      out += !flag.choices.empty() ? choices(Joined(flag.choices))
             : IsFile(flag)        ? files
             : IsFolder(flag)      ? folders
                                   : std::string(nothing);
      out += "; return ;;\n";
    }
  }
  return out;
}

// The walk from the words before the cursor to the verb that they name.
std::string VerbPatterns(const Verb& root) {
  std::string out;
  for (const Verb* verb : AllOf(root)) {
    if (verb != &root) out += (out.empty() ? "'" : "|'") + verb->path + "'";
  }
  return out;
}

bool TakesFiles(const Verb& verb) {
  for (const Flag& flag : verb.flags) {
    if (flag.positional && IsFile(flag)) return true;
  }
  return false;
}

// One word a line, so that names with blanks stay whole. As file names they are quoted, and folders
// get a slash: no verb may, though there is a folder of its name.
std::string BashOffer(const std::string& generator, bool files) {
  return std::string(files ? "compopt -o filenames 2>/dev/null; " : "") +
         "mapfile -t COMPREPLY < <(" + generator + " -- \"$cur\")";
}

}  // namespace

std::string BashCompletion(const Verb& root) {
  std::string out = std::string("# bash completion for quell.\n") + kMade + R"(_quell() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb=quell i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$verb ${COMP_WORDS[i]}" in
      )" + VerbPatterns(root) +
                    R"() verb="$verb ${COMP_WORDS[i]}" ;;
    esac
  done
  case "$verb $prev" in
)";
  out += ValueBranches(
      root, BashOffer("compgen -f", true), BashOffer("compgen -d", true),
      [](const std::string& words) { return BashOffer("compgen -W '" + words + "'", false); }, ":");
  out += "  esac\n  case \"$verb\" in\n";
  for (const Verb* verb : AllOf(root)) {
    const bool files = TakesFiles(*verb);
    out += "    '" + verb->path + "') " +
           BashOffer((files ? "compgen -f -W '" : "compgen -W '") + Joined(WordsOf(*verb)) + "'",
                     files) +
           " ;;\n";
  }
  return out + "  esac\n}\ncomplete -o bashdefault -F _quell quell\n";
}

std::string ZshCompletion(const Verb& root) {
  std::string out = std::string("#compdef quell\n") + kMade + R"(_quell() {
  local cur=${words[CURRENT]} prev=${words[CURRENT-1]} verb=quell i
  local -a offered
  for ((i = 2; i < CURRENT; i++)); do
    case "$verb ${words[i]}" in
      )" + VerbPatterns(root) +
                    R"() verb="$verb ${words[i]}" ;;
    esac
  done
  case "$verb $prev" in
)";
  out += ValueBranches(
      root, std::string("_files"), std::string("_files -/"),
      [](const std::string& words) { return "compadd -- " + words; }, "_message value");
  out += "  esac\n  case \"$verb\" in\n";
  for (const Verb* verb : AllOf(root)) {
    out += "    '" + verb->path + "')\n      offered=(";
    for (const Verb& below : verb->verbs) out += ForShell(below.name + ':' + below.help) + ' ';
    for (const Flag& flag : verb->flags) {
      for (const std::string& name : flag.positional ? flag.choices : flag.names) {
        out += ForShell(name + ':' + flag.help) + ' ';
      }
    }
    out += ")\n      _describe -V quell offered";
    out += std::string(TakesFiles(*verb) ? "; _files" : "") + " ;;\n";
  }
  return out + "  esac\n}\n_quell \"$@\"\n";
}

std::string FishCompletion(const Verb& root) {
  std::string out = std::string("# fish completion for quell.\n") + kMade + R"(function __quell_verb
  set -l verb quell
  for word in (commandline -opc)[2..-1]
    switch "$verb $word"
      case )";
  for (const Verb* verb : AllOf(root)) {
    if (verb != &root) out += "'" + verb->path + "' ";
  }
  out += R"(
        set verb "$verb $word"
    end
  end
  echo $verb
end
function __quell_at
  test (__quell_verb) = "$argv[1]"
end
complete -c quell -f
)";
  const auto quoted = [](const std::string& text) { return Quoted(text, "\\'"); };
  for (const Verb* verb : AllOf(root)) {
    const std::string at = "complete -c quell -n " + quoted("__quell_at \"" + verb->path + "\"");
    for (const Verb& below : verb->verbs) {
      out += at + " -a " + below.name + " -d " + quoted(below.help) + '\n';
    }
    for (const Flag& flag : verb->flags) {
      if (flag.positional && !flag.choices.empty()) {
        out += at + " -a " + quoted(Joined(flag.choices)) + '\n';
      }
      if (flag.positional && IsFile(flag)) out += at + " -F\n";
      if (flag.positional) continue;
      out += at;
      for (const std::string& name : flag.names) {
        const bool is_long = name.starts_with("--");
        out += (is_long ? " -l " : " -s ") + name.substr(is_long ? 2 : 1);
      }
      if (!flag.value.empty()) out += IsFile(flag) || IsFolder(flag) ? " -r -F" : " -x";
      if (!flag.choices.empty()) out += " -a " + quoted(Joined(flag.choices));
      out += " -d " + quoted(flag.help.substr(0, flag.help.find('\n'))) + '\n';
    }
  }
  return out;
}

}  // namespace quell::cli
