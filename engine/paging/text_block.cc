#include "engine/paging/text_block.h"

#include <algorithm>
#include <cctype>

#include "engine/paging/text.h"

namespace quell::paging {
namespace {

constexpr size_t kListedMax = 8;  // lines of a list; further ones are counted

std::string Title(const Notification& n) {
  std::string severity(incidents::SeverityName(n.severity));
  std::transform(severity.begin(), severity.end(), severity.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (n.action == Action::kTrigger) return "PAGE " + severity;
  if (n.action == Action::kUpdate) return "UPDATE " + severity;
  if (n.action == Action::kDigest) return "DIGEST";
  return "RESOLVED";
}

void AddList(std::string& out, std::string_view head, const std::vector<std::string>& lines,
             size_t total) {
  if (total == 0) return;
  const size_t shown = std::min(lines.size(), kListedMax);
  for (size_t i = 0; i < shown; ++i) {
    out += "  " + std::string(i == 0 ? head : std::string_view("          "));
    out += OneLine(lines[i]) + "\n";
  }
  if (shown < total) {
    out += "  " + std::string(shown == 0 ? head : std::string_view("          ")) + "and " +
           std::to_string(total - shown) + " more\n";
  }
}

std::string ScopeWords(const Labels& scope) {
  std::string words;
  for (const Label& label : scope) {
    words += (words.empty() ? "" : ", ") + label.name + "=" + label.value;
  }
  return words.empty() ? "everything" : words;
}

}  // namespace

std::string TextBlock(const Notification& n) {
  std::string out = "== " + Title(n) + " == " + DayText(n.at) + " " + ClockText(n.at) + " ==\n";
  out += "  " + OneLine(n.summary) + "\n";
  if (n.action == Action::kDigest) {
    for (const std::string& line : n.evidence) out += "  " + OneLine(line) + "\n";
    return out + "\n";
  }
  if (!n.linked_because.empty()) AddList(out, "note      ", {LinkedText(n)}, 1);
  AddList(out, "scope     ", {ScopeWords(n.scope)}, 1);
  if (n.action == Action::kResolve) {
    const DurationMs lasted = std::max<DurationMs>(0, n.at - n.onset) / kSecondMs * kSecondMs;
    AddList(out, "lasted    ", {FormatDuration(lasted) + ", since " + ClockText(n.onset)}, 1);
  } else {
    AddList(out, "since     ", {ClockText(n.onset)}, 1);
    AddList(out, "because   ", n.evidence, n.evidence.size());
    std::vector<std::string> members;
    for (const Notification::MemberLine& member : n.members) {
      if (members.size() == kListedMax) break;
      members.push_back(MemberText(member));
    }
    AddList(out, "alerts    ", members, n.members_total);
    AddList(out, "details   ", n.explanation, n.explanation.size());
    AddList(out, "changes   ", n.changes, n.changes.size());
  }
  if (!n.link.empty()) AddList(out, "see       ", {n.link}, 1);
  return out + "\n";
}

}  // namespace quell::paging
