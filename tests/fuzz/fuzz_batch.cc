// The journal's samples payload: what decodes is stable, encode(decode(x)) decodes to the same.
#include "ingest/remote_write.h"
#include "tests/fuzz/remote_write_property.h"

namespace quell::fuzz {

std::vector<std::string> Seeds() {
  ingest::SampleBatch batch;
  batch.samples = {{1, 1.5}, {2, ingest::StaleMarker()}, {0, -0.0}, {9, 0}};
  batch.series = {{Labels{{"__name__", "a"}, {"l", "x"}}, 0, 2},
                  {Labels{{"__name__", "b"}, {"m", "x"}}, 2, 4}};
  batch.histograms = {{7, 3, 1.5, true, false, {{0.1, 1}, {0.5, 2}}}};
  batch.series.push_back({Labels{{"__name__", "h"}}, 4, 4, 0, 1});
  return {ingest::EncodeBatch(batch), ingest::EncodeBatch(ingest::SampleBatch{})};
}

}  // namespace quell::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  const Result<ingest::SampleBatch> batch = ingest::DecodeBatch(fuzz::View(data, size));
  if (!batch.ok()) {
    FUZZ_REQUIRE(batch.error().code == ErrorCode::kCorrupt);
    return 0;
  }
  const std::string bytes = ingest::EncodeBatch(*batch);
  const Result<ingest::SampleBatch> again = ingest::DecodeBatch(bytes);
  FUZZ_REQUIRE(again.ok());
  FUZZ_REQUIRE(ingest::EncodeBatch(*again) == bytes);
  FUZZ_REQUIRE(again->series.size() == batch->series.size());
  FUZZ_REQUIRE(again->samples.size() == batch->samples.size());
  FUZZ_REQUIRE(again->histograms.size() == batch->histograms.size());
  for (const ingest::HistogramSample& histogram : batch->histograms) {
    fuzz::CheckHistogramIsSound(histogram);
  }
  for (size_t i = 0; i < batch->series.size(); ++i) {
    FUZZ_REQUIRE(again->series[i].labels == batch->series[i].labels);
  }
  return 0;
}
