#include "replay/streams/stream_generator.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

namespace quell::streams {
namespace {

std::string Text(const AlertStream& stream) {
  std::string out = stream.name + '\n';
  for (const StreamAlert& alert : stream.alerts) {
    out += alert.labels.ToString() + ' ' + FormatRfc3339(alert.starts_at) + ' ' +
           FormatRfc3339(alert.ends_at) + ' ' + alert.incident;
    for (const float z : alert.residuals) out += ' ' + std::to_string(z);
    out += '\n';
  }
  return out;
}

}  // namespace

TEST_CASE("Streams: the same seed gives the same bytes, another one another house", "[streams]") {
  const bool with_series = GENERATE(false, true);
  const StreamOptions options{.seed = 21, .duration_ms = kDayMs, .with_series = with_series};
  StreamOptions other = options;
  other.seed = 22;
  CHECK(Text(GenerateStream(options)) == Text(GenerateStream(options)));
  CHECK(Text(GenerateStream(options)) != Text(GenerateStream(other)));
}

TEST_CASE("Streams: an alert ends after it began and never fires twice at once", "[streams]") {
  for (const std::uint64_t seed : {31, 32, 33, 34}) {
    const AlertStream stream = GenerateStream({.seed = seed, .duration_ms = 2 * kDayMs});
    REQUIRE(stream.alerts.size() > 50);
    std::map<Labels, TimeMs> until;
    TimeMs before = 0;
    for (const StreamAlert& alert : stream.alerts) {
      CHECK(alert.ends_at > alert.starts_at);
      CHECK(alert.starts_at >= before);
      CHECK(alert.starts_at > until[alert.labels]);
      CHECK_FALSE(alert.labels.Get("alertname").empty());
      CHECK_FALSE(alert.labels.Get("severity").empty());
      until[alert.labels] = alert.ends_at;
      before = alert.starts_at;
    }
  }
}

TEST_CASE("Streams: incidents overlap, cascade over minutes and come with storms and noise",
          "[streams]") {
  std::map<std::string, std::pair<TimeMs, TimeMs>> spans;  // first and last beginning
  std::map<std::string, size_t> sizes;
  std::map<Labels, size_t> background;
  std::set<std::string> label_names;
  for (std::uint64_t seed = 41; seed < 53; ++seed) {
    const AlertStream stream = GenerateStream({.seed = seed});
    label_names.insert(stream.service_label);
    for (const StreamAlert& alert : stream.alerts) {
      if (alert.incident.empty()) {
        ++background[alert.labels];
        continue;
      }
      const std::string id = std::to_string(seed) + ' ' + alert.incident;
      auto& span = spans.try_emplace(id, alert.starts_at, alert.starts_at).first->second;
      span.second = std::max(span.second, alert.starts_at);
      ++sizes[id];
    }
  }
  size_t overlapping = 0, cascades = 0, largest = 0, noisiest = 0;
  for (const auto& [id, span] : spans) {
    if (span.second - span.first >= 5 * kMinuteMs) ++cascades;
    for (const auto& [other, other_span] : spans) {
      const bool same_house = id.substr(0, 2) == other.substr(0, 2);
      if (same_house && id < other && span.first <= other_span.second &&
          other_span.first <= span.second) {
        ++overlapping;
      }
    }
  }
  for (const auto& [id, size] : sizes) largest = std::max(largest, size);
  for (const auto& [labels, count] : background) noisiest = std::max(noisiest, count);
  CHECK(spans.size() > 300);
  CHECK(overlapping > spans.size() / 20);
  CHECK(cascades > spans.size() / 10);
  CHECK(largest > 1000);
  CHECK(noisiest > 50);
  CHECK(label_names.size() >= 3);
}

TEST_CASE("Streams: with series every alert is of a known lane and has residuals", "[streams]") {
  const AlertStream stream =
      GenerateStream({.seed = 61, .duration_ms = kDayMs, .with_series = true});
  const std::set<Labels> population(stream.population.begin(), stream.population.end());
  REQUIRE_FALSE(stream.alerts.empty());
  for (const StreamAlert& alert : stream.alerts) {
    CHECK(population.contains(alert.labels));
    CHECK(alert.residuals.size() == 64);
    CHECK(alert.onset != 0);
    CHECK(alert.onset <= alert.starts_at);
  }
}

}  // namespace quell::streams
