// CSV in any layout: what was read, written in the long form, reads the same.
#include <set>

#include "ingest/csv_reader.h"
#include "ingest/line_source.h"
#include "ingest/prometheus_api.h"
#include "tests/fuzz/history_property.h"

namespace quell::fuzz {
namespace {

bool Parse(std::string_view text, ListSink& sink) {
  ingest::HistoryCounters counters;
  ingest::CsvReader reader(sink, counters);
  reader.BeginFile();
  const auto source = ingest::LineSource::OverText(text);
  std::string_view line;
  for (;;) {
    const Result<bool> more = source->Next(line);
    FUZZ_REQUIRE(more.ok());
    if (!*more) break;
    size_t column = 0;
    if (!reader.TakeLine(line, column).ok()) {
      FUZZ_REQUIRE(column >= 1);
      return false;
    }
  }
  FUZZ_REQUIRE(counters.samples == sink.entries.size());
  return reader.EndFile().ok();
}

std::string Quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

// A line feed survives inside quotes, a carriage return before one does not; times near the
// border between seconds and milliseconds are ambiguous; blanks around a name are cut.
bool SurvivesCsv(const ListSink::Entry& entry, const std::set<std::string>& names) {
  if (entry.time > 90'000'000'000'000 || entry.time < -90'000'000'000'000) return false;
  for (const Label& label : entry.labels) {
    if (label.value.find('\r') != std::string::npos) return false;
    if (label.name != kMetricName && names.count(label.name) == 0) return false;
  }
  return true;
}

}  // namespace

std::vector<std::string> Seeds() {
  return {"timestamp,metric,region,value\n1755856800,up,eu,1.5\n1755856800500,up,\"e,\"\"u\",2\n",
          "ts_ms,\"a{b=\"\"c\"\"}\",d\n1755856800000,0.25,\n1755856830000,,7\n",
          "time,labels,value\n2025-08-22T10:00:00Z,\"a=\"\"1\"\"\",3\n"
          "2025-08-22 10:00:01,\"a=\"\"x\ny\"\"\",4\n"};
}

}  // namespace quell::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  const std::set<std::string> names{"a", "b", "region"};
  fuzz::ListSink first;
  fuzz::Parse(fuzz::View(data, size), first);
  std::string text = "time,__name__";
  for (const std::string& name : names) text += ',' + name;
  text += ",value\n";
  std::vector<fuzz::ListSink::Entry> expected;
  for (const auto& entry : first.entries) {
    if (!fuzz::SurvivesCsv(entry, names)) continue;
    expected.push_back(entry);
    text += ingest::FormatSeconds(entry.time) + ',' + fuzz::Quote(entry.labels.MetricName());
    for (const std::string& name : names) text += ',' + fuzz::Quote(entry.labels.Get(name));
    text += ',' + fuzz::NumberText(entry.value) + '\n';
  }
  fuzz::ListSink second;
  FUZZ_REQUIRE(fuzz::Parse(text, second));
  fuzz::RequireSame(expected, second.entries);
  return 0;
}
