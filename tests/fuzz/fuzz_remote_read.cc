// Streamed chunks of a Prometheus server. Mutated frames get a right checksum, else nothing would
// reach the decoder behind it.
#include "core/hash.h"
#include "ingest/proto/remote_read.pb.h"
#include "ingest/remote_read.h"
#include "ingest/wire_cursor.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/ingest/xor_encoder.h"

namespace quell::fuzz {

std::vector<std::string> Seeds() {
  std::vector<std::string> out;
  for (const int count : {1, 3, 40}) {
    std::vector<ingest::Sample> samples;
    for (int i = 0; i < count; ++i) samples.push_back({1000 + i * 15000 + i % 7, i * 0.37});
    wire::read::ChunkedReadResponse message;
    auto* series = message.add_chunked_series();
    auto* label = series->add_labels();
    label->set_name("__name__");
    label->set_value("up");
    auto* chunk = series->add_chunks();
    chunk->set_type(1);
    chunk->set_data(ingest::XorEncoder(samples).bytes);
    out.push_back(message.SerializeAsString());
  }
  return out;
}

}  // namespace quell::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  constexpr TimeMs kStart = 1000;
  constexpr TimeMs kEnd = 100000;
  const std::string_view message = fuzz::View(data, size);
  std::string body;
  ingest::WireWriter(body).Varint(message.size());
  const std::uint32_t checksum = Crc32c(message);
  for (int shift = 24; shift >= 0; shift -= 8) body += static_cast<char>(checksum >> shift);
  body += message;
  const Result<ingest::SampleBatch> batch = ingest::DecodeStreamedChunks(body, kStart, kEnd);
  if (!batch.ok()) return 0;
  std::uint32_t at = 0;
  for (const auto& series : batch->series) {
    FUZZ_REQUIRE(series.begin == at && series.end > at);
    at = series.end;
  }
  FUZZ_REQUIRE(at == batch->samples.size());
  for (const ingest::Sample& sample : batch->samples) {
    FUZZ_REQUIRE(sample.time >= kStart && sample.time < kEnd);
  }
  return 0;
}
