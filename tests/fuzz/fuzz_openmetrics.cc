// OpenMetrics: what was read, written again, reads the same; errors point into the line.
#include "ingest/line_source.h"
#include "ingest/openmetrics_parser.h"
#include "ingest/prometheus_api.h"
#include "tests/fuzz/history_property.h"

namespace quell::fuzz {
namespace {

// False at the first malformed line.
bool Parse(std::string_view text, ListSink& sink) {
  ingest::HistoryCounters counters;
  ingest::OpenMetricsParser parser(sink, counters);
  const auto source = ingest::LineSource::OverText(text);
  std::string_view line;
  for (;;) {
    const Result<bool> more = source->Next(line);
    FUZZ_REQUIRE(more.ok());
    if (!*more) break;
    const Status taken = parser.TakeLine(line);
    if (!taken.ok()) {
      FUZZ_REQUIRE(parser.column() >= 1 && parser.column() <= line.size() + 1);
      return false;
    }
  }
  FUZZ_REQUIRE(counters.samples == sink.entries.size());
  return true;
}

}  // namespace

std::vector<std::string> Seeds() {
  return {"# TYPE a counter\na{b=\"c\",d=\"e\\\"\\n\"} 1.5 1755856800.123\na 2 1e9\n# EOF\n",
          "{__name__=\"x\",y=\"\\u00e4\\x41\"} NaN 1755856800000\nx +Inf 17 # {t=\"1\"} 2 3\n",
          "a{b=\"c\"} 1 1\na{b=\"c\"} 2 2\na{b=\"cd\"} -3e5 3\n{\"q.r\",\"s t\"=\"u\"} 0x 1\n"};
}

}  // namespace quell::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  fuzz::ListSink first;
  fuzz::Parse(fuzz::View(data, size), first);
  std::string text;
  for (const auto& entry : first.entries) {
    text += "{";
    for (const Label& label : entry.labels) {
      // Names may be any text: Labels' own quoting of a value serves for both.
      const auto quoted = [](std::string_view raw) {
        const std::string one = Labels{{"v", std::string(raw)}}.ToString();
        return one.substr(3, one.size() - 4);
      };
      text += quoted(label.name) + '=' + quoted(label.value) + ',';
    }
    text += "} " + fuzz::NumberText(entry.value) + ' ' + ingest::FormatSeconds(entry.time) + '\n';
  }
  fuzz::ListSink second;
  FUZZ_REQUIRE(fuzz::Parse(text, second));
  fuzz::RequireSame(first.entries, second.entries);
  return 0;
}
