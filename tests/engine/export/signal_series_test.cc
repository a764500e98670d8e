#include "engine/export/signal_series.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

namespace quell::exports {
namespace {

SignalSeriesSet OneSignal() {
  SignalSeries signal;
  signal.labels = SeriesLabels({{"alertname", "payments"}, {"psp", "acme"}}, "payments");
  signal.value = 0.00000123;
  signal.expected = 0.01;
  signal.low = 0;
  signal.high = 0.05;
  signal.score = 4.5;
  return {60000, {signal}, 3};
}

TEST_CASE("Signal series: the page has a head and a line for each number", "[export]") {
  const std::string page = RenderSignalSeries(OneSignal());
  const std::string labels = R"({psp="acme",signal="payments"})";
  for (const std::string& line :
       {"# TYPE quell_signal_value gauge\nquell_signal_value" + labels + " 1.23e-06\n",
        "quell_signal_expected" + labels + " 0.01\n", "quell_signal_expected_low" + labels + " 0\n",
        "quell_signal_expected_high" + labels + " 0.05\n", "quell_signal_score" + labels + " 4.5\n",
        std::string("\nquell_signals_exported 1\n"), std::string("\nquell_signals_left_out 3\n")}) {
    INFO(line);
    CHECK(page.find(line) != std::string::npos);
  }
}

TEST_CASE("Signal series: what is not known or not finite is left out", "[export]") {
  SignalSeriesSet set = OneSignal();
  set.signals[0].expected = kUnknown;
  set.signals[0].high = std::numeric_limits<double>::infinity();
  const std::string page = RenderSignalSeries(set);
  CHECK(page.find("quell_signal_expected{") == std::string::npos);
  CHECK(page.find("quell_signal_expected_high{") == std::string::npos);
  CHECK(page.find("quell_signal_expected_low{") != std::string::npos);
  CHECK(BatchesOf(set, 100).at(0).samples.size() == 3);
}

TEST_CASE("Signal series: values are escaped and names are written plainly", "[export]") {
  SignalSeriesSet set = OneSignal();
  set.signals[0].labels = SeriesLabels(
      {{"path", "C:\\a\"b\nc"}, {"http.route", "x"}, {"2nd", "y"}, {"signal", "own"}}, "s");
  const std::string page = RenderSignalSeries(set);
  CHECK(page.find(R"(quell_signal_value{_2nd="y",exported_signal="own",http_route="x",)"
                  R"(path="C:\\a\"b\nc",signal="s"})") != std::string::npos);
}

TEST_CASE("Signal series: the score is the negative logarithm, bounded", "[export]") {
  CHECK(ScoreOf(1) == 0);
  CHECK(ScoreOf(1e-3) == Approx(3));
  CHECK(ScoreOf(0) == 300);
  CHECK(ScoreOf(std::nan("")) == 300);
}

TEST_CASE("Signal series: batches are bounded and carry the step's time", "[export]") {
  SignalSeriesSet set = OneSignal();
  set.signals.push_back(set.signals[0]);
  const auto batches = BatchesOf(set, 4);
  REQUIRE(batches.size() == 3);
  size_t samples = 0;
  for (const auto& batch : batches) {
    CHECK(batch.samples.size() <= 4);
    CHECK(batch.series.size() == batch.samples.size());
    for (const auto& sample : batch.samples) CHECK(sample.time == 60000);
    samples += batch.samples.size();
  }
  CHECK(samples == 10);
  CHECK(batches[0].series[0].labels.ToString() ==
        R"(quell_signal_value{psp="acme",signal="payments"})");
}

}  // namespace
}  // namespace quell::exports
