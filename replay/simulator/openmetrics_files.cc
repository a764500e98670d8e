#include "replay/simulator/openmetrics_files.h"

#include <cstdio>
#include <map>

#include "core/file.h"
#include "ingest/sample.h"
#include "replay/scoring/incident_history.h"
#include "replay/simulator/text_format.h"

namespace quell::simulator {
namespace {

constexpr size_t kBufferBytes = 1U << 20U;

std::string MetricsName(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return "metrics.om.gz";
    case Compression::kZstd:
      return "metrics.om.zst";
    case Compression::kNone:
      break;
  }
  return "metrics.om";
}

}  // namespace

Status OpenMetricsFiles::Accept(const ScrapeView& scrape, const SeriesTable& table) {
  if (logs_.size() < table.size()) logs_.resize(table.size());
  for (size_t i = 0; i < scrape.series.size(); ++i) {
    if (ingest::IsStale(scrape.values[i])) continue;
    logs_[scrape.series[i]].Append(scrape.time, scrape.values[i]);
    ++samples_;
  }
  if (samples_ <= samples_max_) return Ok{};
  return MakeError(ErrorCode::kResourceExhausted,
                   "the run has more than " + std::to_string(samples_max_) +
                       " samples; shorten --duration, lower --series or use --remote-write");
}

Status OpenMetricsFiles::WriteMetrics(const SeriesTable& table, CompressedFile& file) const {
  std::map<Family, std::vector<std::uint32_t>> families;
  for (std::uint32_t series = 0; series < logs_.size(); ++series) {
    if (logs_[series].size() > 0) {
      families[FamilyOf(table.at(series).MetricName())].push_back(series);
    }
  }
  std::string buffer;
  buffer.reserve(kBufferBytes + 4096);
  for (const auto& [family, members] : families) {
    buffer += "# TYPE " + family.name + " ";
    buffer += family.type;
    buffer += '\n';
    for (const std::uint32_t series : members) {
      const std::string head = SeriesText(table.at(series)) + " ";
      SeriesLog::Reader reader(logs_[series]);
      TimeMs time = 0;
      double value = 0;
      while (reader.Next(time, value)) {
        buffer += head;
        AppendNumber(value, buffer);
        buffer += ' ';
        AppendSeconds(time, buffer);
        buffer += '\n';
        if (buffer.size() < kBufferBytes) continue;
        QUELL_TRY(file.Write(buffer));
        buffer.clear();
      }
    }
  }
  buffer += "# EOF\n";
  return file.Write(buffer);
}

Result<RunCounts> OpenMetricsFiles::Write(const Simulator& simulator, const std::string& folder,
                                          Compression compression) const {
  QUELL_TRY(MakeFolders(folder));
  for (const auto other : {Compression::kNone, Compression::kGzip, Compression::kZstd}) {
    if (other != compression) std::remove((folder + "/" + MetricsName(other)).c_str());
  }
  QUELL_ASSIGN(auto file,
               CompressedFile::Create(folder + "/" + MetricsName(compression), compression));
  QUELL_TRY(WriteMetrics(simulator.table(), *file));
  QUELL_TRY(file->Finish());
  RunCounts counts;
  counts.samples = samples_;
  for (const SeriesLog& log : logs_) counts.series += log.size() > 0 ? 1 : 0;
  QUELL_TRY(
      WriteFileAtomic(folder + "/incidents.json", replay::IncidentsToJson(simulator.incidents())));
  QUELL_TRY(WriteFileAtomic(folder + "/changes.json", replay::ChangesToJson(simulator.changes())));
  QUELL_TRY(WriteFileAtomic(folder + "/manifest.json", ManifestJson(simulator, counts)));
  return counts;
}

}  // namespace quell::simulator
