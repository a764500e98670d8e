// quell score: one series, one causal anomaly score a row.
#include <array>
#include <cstdio>

#include "cli/commands.h"
#include "core/file.h"
#include "detectors/series_scorer.h"
#include "ingest/history.h"

namespace quell::cli {
namespace {

// Rows of the one series, in file order.
class OneSeries final : public ingest::HistorySink {
 public:
  std::uint32_t Series(const Labels& labels) override {
    if (rows.empty()) first_ = labels;
    return labels == first_ ? 0 : kNoSeries;
  }
  Status Add(std::uint32_t series, TimeMs time, double value) override {
    if (series == kNoSeries) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "the file holds more than one series; score takes one (timestamp,value)");
    }
    rows.push_back({time, value});
    return Ok{};
  }
  std::vector<ingest::Sample> rows;

 private:
  Labels first_;
};

Status Score(const std::string& input, const std::string& out) {
  constexpr std::string_view kPrefix = "csv:";
  if (input.rfind(kPrefix, 0) != 0 || input.size() == kPrefix.size()) {
    return MakeError(ErrorCode::kInvalidArgument, "--input: \"" + input + "\" is not csv:FILE");
  }
  OneSeries series;
  const auto read = ingest::ReadCsv(input.substr(kPrefix.size()), series);
  if (!read.ok()) return read.error();
  detectors::SeriesScorer scorer;
  std::string text = "timestamp,value,score\n";
  std::array<char, 64> number{};
  for (const ingest::Sample& row : series.rows) {
    const double score = scorer.Observe(row.value);
    text += FormatRfc3339(row.time);
    std::snprintf(number.data(), number.size(), ",%.17g,%.6f\n", row.value, score);
    text += number.data();
  }
  QUELL_TRY(WriteFileAtomic(out, text));
  std::printf("%zu rows scored, written to %s\n", series.rows.size(), out.c_str());
  return Ok{};
}

}  // namespace

void AddScore(CLI::App& app, int& exit_code) {
  struct ScoreFlags {
    std::string input, out;
  };
  auto flags = std::make_shared<ScoreFlags>();
  CLI::App* verb = app.add_subcommand(
      "score",
      "Score one series of any scale and period: a score in [0,1] for every row, from the rows\n"
      "before it and itself alone (no peeking ahead). 0 is ordinary, near 1 is rare.");
  verb->add_option("--input,-i", flags->input, "the series: csv:FILE with columns timestamp,value")
      ->type_name("csv:FILE")
      ->required();
  verb->add_option("--out,-o", flags->out, "CSV to write: timestamp,value,score")
      ->type_name("FILE")
      ->required();
  verb->callback([flags, &exit_code] {
    const Status done = Score(flags->input, flags->out);
    exit_code = done.ok() ? 0 : Fail(done.error());
  });
}

}  // namespace quell::cli
