// clustering [--series] [--list | --history] SEED...: how well alerts are grouped into incidents,
// on generated streams.
//
// Each seed is a house of its own (replay/streams); eight days each, of which the last four are
// scored. Beside Quell's engine: equal labels as Alertmanager groups, its best choice of labels for
// all these streams in hindsight, and gaps in time. --list prints the alerts instead, --history the
// stream as `quell train-dedup` reads it.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "replay/scoring/statistics.h"
#include "replay/streams/alert_history.h"
#include "replay/streams/grouping_score.h"
#include "replay/streams/stream_generator.h"

namespace quell::bench {
namespace {

using streams::AlertStream;
using streams::GroupingScore;

// What a house might group by; "service" and "place" stand for the house's own names.
struct Choice {
  const char* name;
  std::vector<std::string> labels;
};
const std::vector<Choice>& Choices() {
  static const std::vector<Choice> kChoices = {{"alertname", {"alertname"}},
                                               {"alertname, service", {"alertname", "service"}},
                                               {"place, service", {"place", "service"}},
                                               {"service", {"service"}},
                                               {"alertname, place", {"alertname", "place"}},
                                               {"place", {"place"}}};
  return kChoices;
}

std::vector<std::string> LabelsOf(const Choice& choice, const AlertStream& stream) {
  std::vector<std::string> out;
  for (const std::string& label : choice.labels) {
    out.push_back(label == "service" ? stream.service_label
                  : label == "place" ? stream.place_label
                                     : label);
  }
  return out;
}

struct Judged {
  std::string name;
  GroupingScore quell, gap;
  std::vector<GroupingScore> labels;  // by choice
};

Judged Judge(const AlertStream& stream) {
  Judged out;
  out.name = stream.name;
  out.quell = ScoreGrouping(stream, streams::GroupByEngine(stream));
  out.gap = ScoreGrouping(stream, streams::GroupByGap(stream));
  for (const Choice& choice : Choices()) {
    out.labels.push_back(
        ScoreGrouping(stream, streams::GroupByLabels(stream, LabelsOf(choice, stream))));
  }
  return out;
}

void Print(const std::string& stream, const std::string& who, const GroupingScore& score) {
  std::printf(
      "| %s | %s | %.3f %.3f **%.3f** | %.3f | %.3f | %d of %d, %d | %d of %d | %d | %.2f |"
      " %.0f s, %.0f s | %d |\n",
      stream.c_str(), who.c_str(), score.Precision(), score.Recall(), score.F1(),
      score.AdjustedRand(), score.BcubedF1(), score.missed, score.incidents, score.hidden,
      score.mixed, score.pages, score.Split(),
      static_cast<double>(score.incident_pages) / std::max(1, score.incidents - score.missed),
      replay::InterpolatedQuantile(score.delays, 0.5),
      replay::InterpolatedQuantile(score.delays, 0.9), score.others);
}

// Every alert of a stream with its truth and what Quell made of it, for reading with grep and sort.
void List(const AlertStream& stream) {
  const streams::Grouping grouping = streams::GroupByEngine(stream);
  for (size_t i = 0; i < stream.alerts.size(); ++i) {
    const streams::StreamAlert& alert = stream.alerts[i];
    std::printf("%5lld  %s  %-12s %s  %s\n", static_cast<long long>(grouping.group[i]),
                FormatRfc3339(alert.starts_at).c_str(), alert.incident.c_str(),
                alert.labels.ToString().c_str(), grouping.why[i].c_str());
  }
}

enum class Output { kTable, kList, kHistory };

int Run(const std::vector<std::uint64_t>& seeds, bool with_series, Output output) {
  std::vector<Judged> judged;
  Judged all;
  all.name = "all";
  all.labels.resize(Choices().size());
  for (const std::uint64_t seed : seeds) {
    const AlertStream stream = streams::GenerateStream({.seed = seed, .with_series = with_series});
    if (output == Output::kList) List(stream);
    if (output == Output::kHistory) std::fputs(AlertHistoryJson(stream).c_str(), stdout);
    if (output != Output::kTable) continue;
    std::fprintf(stderr, "%s: %zu alerts\n", stream.name.c_str(), stream.alerts.size());
    judged.push_back(Judge(stream));
    const Judged& one = judged.back();
    Join(one.quell, all.quell);
    Join(one.gap, all.gap);
    for (size_t i = 0; i < all.labels.size(); ++i) Join(one.labels[i], all.labels[i]);
  }
  if (output != Output::kTable) return 0;
  size_t best = 0;
  for (size_t i = 1; i < all.labels.size(); ++i) {
    if (all.labels[i].F1() > all.labels[best].F1()) best = i;
  }
  double mean = 0;
  for (const Judged& one : judged) mean += one.quell.F1() / static_cast<double>(judged.size());
  judged.push_back(all);
  std::puts(
      "| stream | grouped by | pairs: precision, recall, F1 | ARI | B-cubed F1 | missed, hidden | "
      "mixed pages | split | pages per incident | delay p50, p90 | other pages |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|");
  for (const Judged& one : judged) {
    Print(one.name, "Quell", one.quell);
    Print(one.name, std::string("labels, best: ") + Choices()[best].name, one.labels[best]);
    Print(one.name, "gap of 300 s", one.gap);
  }
  for (size_t i = 0; i < Choices().size(); ++i) {
    if (i != best) Print("all", std::string("labels: ") + Choices()[i].name, all.labels[i]);
  }
  // Over all streams together the pairs are those of the largest storm.
  std::printf("\nQuell, mean F1 of the streams: %.3f\n", mean);
  return 0;
}

}  // namespace
}  // namespace quell::bench

int main(int argc, char** argv) {
  std::vector<std::uint64_t> seeds;
  bool with_series = false;
  auto output = quell::bench::Output::kTable;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--series") with_series = true;
    if (argument == "--list") output = quell::bench::Output::kList;
    if (argument == "--history") output = quell::bench::Output::kHistory;
    if (argument == "--series" || argument == "--list" || argument == "--history") continue;
    char* end = nullptr;
    seeds.push_back(std::strtoull(argv[i], &end, 10));
    if (end == argv[i] || *end != '\0') seeds.clear();
    if (seeds.empty()) break;
  }
  if (seeds.empty()) {
    std::fputs("usage: clustering [--series] [--list | --history] SEED...\n", stderr);
    return 2;
  }
  return quell::bench::Run(seeds, with_series, output);
}
