// quell score: one series, or several as one: a causal anomaly score a row.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>

#include "cli/commands.h"
#include "core/file.h"
#include "detectors/joint_scorer.h"
#include "detectors/series_scorer.h"
#include "ingest/history.h"

namespace quell::cli {
namespace {

constexpr size_t kSeriesMax = 4096;

std::string CsvQuoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

// Scores what it is given as it comes. One series: a score for each value. Several, which are the
// columns of one table: a score for each row, and the series most to blame.
class Scores final : public ingest::HistorySink {
 public:
  std::uint32_t Series(const Labels& labels) override {
    const auto at = std::find(series_.begin(), series_.end(), labels);
    const auto found = static_cast<std::uint32_t>(at - series_.begin());
    if (found > kSeriesMax) return kNoSeries;  // Begin has refused, or will
    if (at == series_.end()) series_.push_back(labels);
    return found;
  }

  Status Add(std::uint32_t series, TimeMs time, double value) override {
    if (!begun_) QUELL_TRY(Begin());
    if (series >= scored_) {
      return Fail("the series " + series_[series].ToString() +
                  " begins behind the first row; give several series as columns");
    }
    if (scored_ == 1) return AddAlone(time, value);
    if (!std::isfinite(value)) {
      return Fail("the value is not finite; leave the cell empty where there is no sample");
    }
    if (in_row_ && time < time_) return Fail("the row is earlier than the one before it");
    if (in_row_ && time > time_) EndRow();
    if (in_row_ && std::isfinite(row_[series])) {
      return Fail("the row has the time of the one before it");
    }
    in_row_ = true;
    time_ = time;
    row_[series] = value;
    return Ok{};
  }

  Result<std::string> Text() {
    if (!begun_) QUELL_TRY(Begin());
    if (in_row_) EndRow();
    return std::move(text_);
  }
  [[nodiscard]] size_t rows() const { return rows_; }

 private:
  static Error Fail(std::string message) {
    return MakeError(ErrorCode::kInvalidArgument, std::move(message));
  }

  Status Begin() {
    begun_ = true;
    scored_ = std::max<size_t>(1, series_.size());
    if (scored_ > kSeriesMax) {
      return Fail("more than " + std::to_string(kSeriesMax) + " series in one table");
    }
    if (scored_ == 1) {
      text_ = "timestamp,value,score\n";
      return Ok{};
    }
    joint_.emplace(scored_);
    row_.assign(scored_, std::numeric_limits<double>::quiet_NaN());
    text_ = "timestamp,score,tail,first,second,third\n";
    return Ok{};
  }

  Status AddAlone(TimeMs time, double value) {
    const double score = alone_.Observe(value);
    std::array<char, 64> number{};
    std::snprintf(number.data(), number.size(), ",%.17g,%.6f\n", value, score);
    text_ += FormatRfc3339(time) + number.data();
    ++rows_;
    return Ok{};
  }

  void EndRow() {
    const double nats = joint_->Observe(row_);
    std::array<char, 64> number{};
    std::snprintf(number.data(), number.size(), ",%.6f,%.3e",
                  -std::expm1(-nats / detectors::SeriesScorer::kScoreNats), std::exp(-nats));
    text_ += FormatRfc3339(time_) + number.data();
    const auto& most = joint_->most();
    for (size_t i = 0; i < detectors::JointScorer::kMost; ++i) {
      text_ += ',';
      if (i < most.size()) text_ += CsvQuoted(series_[most[i].series].ToString());
    }
    text_ += '\n';
    row_.assign(row_.size(), std::numeric_limits<double>::quiet_NaN());
    in_row_ = false;
    ++rows_;
  }

  std::vector<Labels> series_;
  size_t scored_ = 0;  // those known at the first value
  size_t rows_ = 0;
  bool begun_ = false, in_row_ = false;
  TimeMs time_ = 0;
  std::vector<double> row_;
  detectors::SeriesScorer alone_;
  std::optional<detectors::JointScorer> joint_;
  std::string text_;
};

Status Score(const std::string& input, const std::string& out) {
  constexpr std::string_view kPrefix = "csv:";
  if (input.rfind(kPrefix, 0) != 0 || input.size() == kPrefix.size()) {
    return MakeError(ErrorCode::kInvalidArgument, "--input: \"" + input + "\" is not csv:FILE");
  }
  Scores scores;
  const auto read = ingest::ReadCsv(input.substr(kPrefix.size()), scores);
  if (!read.ok()) return read.error();
  QUELL_ASSIGN(const std::string text, scores.Text());
  QUELL_TRY(WriteFileAtomic(out, text));
  std::printf("%zu rows scored, written to %s\n", scores.rows(), out.c_str());
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
      "Score one series, or several as one, of any scale and period: a score in [0,1] for every\n"
      "row, from the rows before it and itself alone (no peeking ahead). 0 is ordinary, near 1 is\n"
      "new or rare; of one series, 0.75 is worth a look. For several series also the share of\n"
      "ordinary rows that are as rare (tail), and the series most to blame.");
  verb->add_option(
          "--input,-i", flags->input,
          "csv:FILE with columns timestamp,value; or timestamp and one column a series, in\n"
          "time order, an empty cell where there is no sample")
      ->type_name("csv:FILE")
      ->required();
  verb->add_option(
          "--out,-o", flags->out,
          "CSV to write: timestamp,value,score; or timestamp,score,tail,first,second,third")
      ->type_name("FILE")
      ->required();
  verb->callback([flags, &exit_code] {
    const Status done = Score(flags->input, flags->out);
    exit_code = done.ok() ? 0 : Fail(done.error());
  });
}

}  // namespace quell::cli
