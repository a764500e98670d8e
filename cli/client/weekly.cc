#include "cli/client/weekly.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <vector>

#include "cli/client/engine_client.h"
#include "core/inert.h"

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kRowsMax = 20;  // of each list
constexpr size_t kTextMax = 200;
constexpr double kSecondsPerHour = 3600;

// What an incident was, as far as anybody said.
enum class Said : std::uint8_t { kNothing, kReal, kNoise, kExpected };

struct Owner {
  size_t pages = 0, noise = 0, held_back = 0;
};

struct Week {
  size_t paged = 0, held_back = 0, merged = 0;
  std::map<std::string, size_t> severities, reasons;  // of what paged; of what was held back
  std::array<size_t, 4> said{};                       // of what paged, by Said
  std::vector<const Json*> missed, noise;
  std::map<std::string, Owner> owners;
  std::map<std::string, size_t> noisy_signals;
  std::vector<double> to_page_seconds;
};

std::string OwnerOf(const Json& incident, const std::string& label) {
  const std::string scope = TextOf(Member(incident, "scope"), label.c_str());
  if (!scope.empty()) return scope;
  std::set<std::string> owners;
  for (const Json& member : RowsOf(incident, "members")) {
    owners.insert(TextOf(Member(member, "labels"), label.c_str()));
  }
  return owners.size() == 1 && !owners.begin()->empty() ? *owners.begin() : "nobody's";
}

// The latest that is a judgement: a merge says nothing about whether it was worth a page.
std::map<std::string, Said> SaidOf(const Json& feedback) {
  std::map<std::string, Said> out;
  for (const Json& row : feedback) {
    const std::string verdict = TextOf(row, "verdict");
    Said said = Said::kNothing;
    if (verdict == "real") said = Said::kReal;
    if (verdict == "not_an_incident") said = Said::kNoise;
    if (verdict == "expected") said = Said::kExpected;
    if (said != Said::kNothing) out.emplace(TextOf(row, "incident"), said);
  }
  return out;
}

bool Paged(const Json& incident) { return Member(incident, "paged_at").is_string(); }

void NotePage(Week& week, const Json& incident, Said said) {
  ++week.paged;
  ++week.severities[TextOf(incident, "severity")];
  ++week.said.at(static_cast<size_t>(said));
  const auto onset = ParseTime(TextOf(incident, "onset"));
  const auto paged = ParseTime(TextOf(incident, "paged_at"));
  if (onset.ok() && paged.ok()) {
    week.to_page_seconds.push_back(static_cast<double>(*paged - *onset) / 1000);
  }
  if (said != Said::kNoise && said != Said::kExpected) return;
  week.noise.push_back(&incident);
  std::set<std::string> signals;
  for (const Json& member : RowsOf(incident, "members")) signals.insert(TextOf(member, "signal"));
  for (const std::string& signal : signals) ++week.noisy_signals[signal];
}

Week Count(const WeeklyInput& input) {
  const std::map<std::string, Said> said = SaidOf(input.feedback);
  Week week;
  for (const Json& incident : input.incidents) {
    const auto found = said.find(TextOf(incident, "key"));
    const Said verdict = found == said.end() ? Said::kNothing : found->second;
    Owner& owner = week.owners[OwnerOf(incident, input.owner_label)];
    if (TextOf(incident, "state") == "merged") ++week.merged;
    if (Paged(incident)) {
      ++owner.pages;
      owner.noise += verdict == Said::kNoise || verdict == Said::kExpected ? 1 : 0;
      NotePage(week, incident, verdict);
      continue;
    }
    if (verdict == Said::kReal) week.missed.push_back(&incident);
    if (TextOf(incident, "state") != "suppressed") continue;
    ++week.held_back;
    ++owner.held_back;
    const Json& members = RowsOf(incident, "members");
    ++week.reasons[members.empty() ? "unknown" : TextOf(members[0], "reason")];
  }
  const auto earlier = [](const Json* a, const Json* b) {
    return std::pair(TextOf(*a, "onset"), TextOf(*a, "key")) <
           std::pair(TextOf(*b, "onset"), TextOf(*b, "key"));
  };
  std::sort(week.missed.begin(), week.missed.end(), earlier);
  std::sort(week.noise.begin(), week.noise.end(), earlier);
  std::sort(week.to_page_seconds.begin(), week.to_page_seconds.end());
  return week;
}

// One line of Prometheus' text: labels as they stand there, and the value.
struct Series {
  std::string labels;
  double value = 0;
};

std::vector<Series> SeriesOf(const std::string& metrics, std::string_view name,
                             std::string_view with) {
  std::vector<Series> out;
  const std::string begin = std::string(name) + '{';
  for (size_t at = 0; at < metrics.size();) {
    const size_t end = std::min(metrics.find('\n', at), metrics.size());
    const std::string line = metrics.substr(at, end - at);
    at = end + 1;
    const size_t close = line.rfind('}');
    if (!line.starts_with(begin) || close == std::string::npos) continue;
    std::string labels = line.substr(begin.size(), close - begin.size());
    const size_t wanted = labels.find(with);
    if (wanted == std::string::npos) continue;
    labels.erase(wanted, with.size());
    out.push_back({std::move(labels), std::strtod(line.c_str() + close + 1, nullptr)});
  }
  return out;
}

// Text of others in Markdown: inert, on one line, and no letter of it is markup.
std::string Plain(std::string_view text) {
  std::string out;
  for (const char c : Inert(text, kTextMax)) {
    if (std::string_view("\\`*_{}[]<>#|!").find(c) != std::string_view::npos) out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string Hours(double seconds) {
  char text[48];
  std::snprintf(text, sizeof text, "%.1f h", seconds / kSecondsPerHour);
  return text;
}

std::string Count(size_t number, const char* one) {
  return std::to_string(number) + ' ' + one + (number == 1 ? "" : "s");
}

void AddPages(std::string& out, const Week& week) {
  out += "## Pages\n\n" + Count(week.paged, "incident") + " paged";
  const char* before = ": ";
  for (const char* severity : {"critical", "error", "warning", "info"}) {
    const auto found = week.severities.find(severity);
    if (found == week.severities.end()) continue;
    out += before + std::to_string(found->second) + ' ' + severity;
    before = ", ";
  }
  out += ". " + Count(week.held_back, "incident") + " held back, " + std::to_string(week.merged) +
         " merged into others.\n";
  if (week.to_page_seconds.empty()) return;
  char text[80];
  std::snprintf(text, sizeof text, "From the first odd point to the page: %.0f s (median).\n",
                week.to_page_seconds[week.to_page_seconds.size() / 2]);
  out += text;
}

void AddSaid(std::string& out, const Week& week) {
  const size_t judged = week.paged - week.said[0];
  out += "\n## What people said\n\n" + std::to_string(judged) + " of " + Count(week.paged, "page") +
         " judged: " + std::to_string(week.said[1]) + " real, " + std::to_string(week.said[2]) +
         " no incident, " + std::to_string(week.said[3]) + " expected.\n";
  out += "\n## Missed\n\n";
  if (week.missed.empty()) {
    out += "Nobody said of anything that did not page that it was real.\n";
  }
  for (size_t i = 0; i < std::min(week.missed.size(), kRowsMax); ++i) {
    const Json& one = *week.missed[i];
    out += "- " + TextOf(one, "onset") + ' ' + TextOf(one, "key").substr(0, 12) + ": " +
           Plain(TextOf(one, "summary")) + '\n';
  }
}

void AddOwners(std::string& out, const Week& week, const std::string& label) {
  out += "\n## By owner (" + Plain(label) + ")\n\n";
  out += "| owner | pages | no incident or expected | held back |\n|---|---|---|---|\n";
  std::vector<std::pair<std::string, Owner>> owners(week.owners.begin(), week.owners.end());
  std::stable_sort(owners.begin(), owners.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second.noise, a.second.pages) > std::pair(b.second.noise, b.second.pages);
  });
  for (size_t i = 0; i < std::min(owners.size(), kRowsMax); ++i) {
    const auto& [name, owner] = owners[i];
    out += "| " + Plain(name) + " | " + std::to_string(owner.pages) + " | " +
           std::to_string(owner.noise) + " | " + std::to_string(owner.held_back) + " |\n";
  }
}

std::vector<std::string> TuningOf(const Week& week) {
  std::vector<std::string> out;
  for (const auto& [signal, pages] : week.noisy_signals) {
    if (pages < 2 || out.size() >= kRowsMax) continue;
    out.push_back(
        Plain(signal) + ": " + Count(pages, "page") +
        " that were nothing. Give it a policy (a larger minimum deviation, a longer hold, "
        "hours), or announce what explains them.");
  }
  for (const auto& [name, owner] : week.owners) {
    if (owner.noise < 2 || 2 * owner.noise < owner.pages || out.size() >= kRowsMax) continue;
    out.push_back(Plain(name) + ": half of its pages or more were nothing (" +
                  std::to_string(owner.noise) + " of " + std::to_string(owner.pages) + ").");
  }
  if (!week.missed.empty()) {
    out.push_back(Count(week.missed.size(), "incident") +
                  " should have paged: a larger page budget, or a policy of those signals.");
  }
  if (2 * week.said[0] > week.paged) {
    out.push_back("Most pages were not judged: quell incident feedback teaches what is noise.");
  }
  return out;
}

void AddOutlook(std::string& out, const std::string& metrics) {
  out += "\n## What will be full\n\n";
  std::vector<Series> soon =
      SeriesOf(metrics, "quell_forecast_seconds_to_limit", ",bound=\"median\"");
  std::stable_sort(soon.begin(), soon.end(),
                   [](const Series& a, const Series& b) { return a.value < b.value; });
  if (soon.empty()) out += "Nothing meets its limit within the six hours that are forecast.\n";
  for (size_t i = 0; i < std::min(soon.size(), kRowsMax); ++i) {
    out += "- " + Plain(soon[i].labels) + ": in " + Hours(soon[i].value) + '\n';
  }
  out += "\n## What drifts\n\n";
  const auto retrain = SeriesOf(metrics, "quell_signal_drift_psi", ",advice=\"retrain\"");
  const auto watch = SeriesOf(metrics, "quell_signal_drift_psi", ",advice=\"watch\"");
  if (retrain.empty() && watch.empty()) out += "Nothing that calls for anything.\n";
  size_t shown = 0;
  for (const auto& [rows, what] : {std::pair{&retrain, "retrain"}, std::pair{&watch, "watch"}}) {
    for (const Series& one : *rows) {
      if (++shown > kRowsMax) return;
      char text[32];
      std::snprintf(text, sizeof text, "%.2f", one.value);
      out += "- " + Plain(one.labels) + ": index " + text + ", " + what + '\n';
    }
  }
}

}  // namespace

std::string WeeklyText(const WeeklyInput& input) {
  const Week week = Count(input);
  std::string out = "# Quell, " + FormatRfc3339(input.from).substr(0, 10) + " to " +
                    FormatRfc3339(input.until - 1).substr(0, 10) + "\n\n";
  if (input.incidents_cut) out += "There were more incidents than were looked at.\n\n";
  if (input.feedback_cut) out += "There was more feedback than was looked at.\n\n";
  AddPages(out, week);
  AddSaid(out, week);
  AddOwners(out, week, input.owner_label);
  out += "\nHeld back because:";
  if (week.reasons.empty()) out += " nothing was.";
  const char* before = " ";
  for (const auto& [reason, count] : week.reasons) {
    out += before + Plain(reason) + " (" + std::to_string(count) + ")";
    before = ", ";
  }
  out += "\n\n## What to tune\n\n";
  const std::vector<std::string> tuning = TuningOf(week);
  if (tuning.empty()) out += "Nothing that the week shows.\n";
  for (const std::string& line : tuning) out += "- " + line + '\n';
  AddOutlook(out, input.metrics);
  return out;
}

Json WeeklyJson(const WeeklyInput& input) {
  const Week week = Count(input);
  Json owners = Json::array();
  for (const auto& [name, owner] : week.owners) {
    owners.push_back({{"owner", name},
                      {"pages", owner.pages},
                      {"noise", owner.noise},
                      {"held_back", owner.held_back}});
  }
  Json missed = Json::array();
  for (const Json* one : week.missed) missed.push_back(TextOf(*one, "key"));
  return {{"from", FormatRfc3339(input.from)},
          {"until", FormatRfc3339(input.until)},
          {"paged", week.paged},
          {"held_back", week.held_back},
          {"merged", week.merged},
          {"unjudged", week.said[0]},
          {"real", week.said[1]},
          {"not_an_incident", week.said[2]},
          {"expected", week.said[3]},
          {"missed", std::move(missed)},
          {"owners", std::move(owners)},
          {"reasons", week.reasons},
          {"tune", TuningOf(week)}};
}

}  // namespace quell::cli
