#include "cli/tree/man_page.h"

namespace quell::cli {
namespace {

// As text: what troff would take as an escape or as a request is neither.
std::string Plain(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool at_start = i == 0 || text[i - 1] == '\n';
    if (at_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

// Paragraphs; what is indented stays as it is set.
std::string Paragraphs(const std::string& text) {
  std::string out;
  bool set = false;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const bool indented = line.starts_with("  ");
    if (indented != set) out += indented ? ".nf\n" : ".fi\n";
    set = indented;
    out += line.empty() ? ".PP\n" : Plain(line) + '\n';
  }
  return set ? out + ".fi\n" : out;
}

std::string ValueOf(const Flag& flag) {
  if (flag.value.empty()) return "";
  std::string choices;
  for (const std::string& choice : flag.choices) choices += (choices.empty() ? "" : "|") + choice;
  return choices.empty() ? flag.value : choices;
}

std::string FlagText(const Flag& flag) {
  std::string out = ".TP\n";
  if (flag.positional) {
    out += "\\fI" + Plain(flag.names[0]) + "\\fR" + (flag.many ? " ..." : "");
    if (!flag.choices.empty()) out += "  " + Plain(ValueOf(flag));
  } else {
    std::string names;
    for (const std::string& name : flag.names) {
      names += (names.empty() ? "" : ", ") + ("\\fB" + Plain(name) + "\\fR");
    }
    out += names;
    if (!flag.value.empty()) out += " \\fI" + Plain(ValueOf(flag)) + "\\fR";
  }
  out += '\n' + Plain(flag.help);
  if (flag.required) out += " (required)";
  if (!flag.fallback.empty()) out += " [" + Plain(flag.fallback) + ']';
  if (!flag.variable.empty()) out += "; also $" + flag.variable;
  return out + '\n';
}

bool IsHelp(const Flag& flag) { return flag.names.back() == "--help"; }

std::string VerbText(const Verb& verb) {
  std::string out = ".SS \"" + Plain(verb.path) + "\"\n" + Plain(verb.help) + '\n';
  if (!verb.more.empty()) out += ".PP\n" + Paragraphs(verb.more);
  for (const Flag& flag : verb.flags) {
    if (!IsHelp(flag)) out += FlagText(flag);
  }
  return out;
}

}  // namespace

std::string ManPage(const Verb& root, std::string_view version, std::string_view exit_codes) {
  std::string out = ".\\\" Made by `quell man`.\n.TH QUELL 1 \"\" \"quell " + Plain(version) +
                    "\" \"User Commands\"\n.SH NAME\nquell \\- " +
                    Plain("page payment SREs once, for what is real, and say why") +
                    "\n.SH SYNOPSIS\n.B quell\n.I verb\n.RI [ flags ]\n.SH DESCRIPTION\n" +
                    Plain(root.help) + "\n.PP\n" + Paragraphs(root.more) + ".SH VERBS\n";
  for (const Verb* verb : AllOf(root)) {
    if (verb->verbs.empty()) out += VerbText(*verb);
  }
  out += ".SH EXIT STATUS\n";
  for (size_t at = 0; at < exit_codes.size();) {
    const size_t end = std::min(exit_codes.find('\n', at), exit_codes.size());
    const std::string_view line = exit_codes.substr(at, end - at);
    const size_t blank = line.find(' ');
    out += ".TP\n.B " + Plain(line.substr(0, blank)) + '\n' + Plain(line.substr(blank + 1)) + '\n';
    at = end + 1;
  }
  return out +
         ".SH ENVIRONMENT\n.TP\n.B QUELL_URL\nWhere verbs that ask a running engine find it.\n"
         ".TP\n.B QUELL_TOKEN\nTheir token, where no \\-\\-token\\-file names one.\n"
         ".TP\n.B COLUMNS\nHow wide tables may be.\n"
         ".SH FILES\n.TP\n.I /etc/quell/quell.yaml\nThe configuration of the packaged service.\n";
}

}  // namespace quell::cli
