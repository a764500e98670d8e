// Against Debian's real Prometheus; scripts/fetch-tools prometheus gets it.
#include <catch2/catch.hpp>
#include <cmath>

#include "core/http_client.h"
#include "ingest/history.h"
#include "ingest/prometheus_api.h"
#include "ingest/remote_read.h"
#include "ingest/remote_write.h"
#include "tests/ingest/collecting_sink.h"
#include "tests/ingest/prometheus_process.h"
#include "tests/ingest/temp_folder.h"

namespace quell::ingest {
namespace {

constexpr TimeMs kStart = 1755856800000;
constexpr int kSamples = 1000;  // over four hours: several chunks and blocks

double ValueAt(int series, int i) { return series == 0 ? i : std::sin(i) * 100; }

std::string History() {
  std::string text = "# TYPE up gauge\n";
  for (int series = 0; series < 2; ++series) {
    for (int i = 0; i < kSamples; ++i) {
      text += "up{psp=\"p" + std::to_string(series) + "\"} " + std::to_string(ValueAt(series, i)) +
              ' ' + FormatSeconds(kStart + i * 15007) + '\n';
    }
  }
  return text + "# EOF\n";
}

void CheckAll(const CollectingSink& sink) {
  REQUIRE(sink.samples.size() == 2);
  for (int series = 0; series < 2; ++series) {
    const auto& samples = sink.samples.at("up{psp=\"p" + std::to_string(series) + "\"}");
    REQUIRE(samples.size() == kSamples);
    for (int i = 0; i < kSamples; ++i) {
      const Sample& sample = samples[static_cast<size_t>(i)];
      REQUIRE(sample.time == kStart + i * 15007);
      REQUIRE(sample.value == std::stod(std::to_string(ValueAt(series, i))));
    }
  }
}

}  // namespace

TEST_CASE("Prometheus: a real server's history is read back exactly, by every lossless way") {
  const auto bin = PrometheusBinFolder();
  if (!bin) {
    WARN("skipped: no prometheus binary; run scripts/fetch-tools prometheus");
    return;
  }
  const TempFolder folder;
  const PrometheusProcess server(*bin, folder.path(), History());
  PrometheusSource source;
  source.url = server.url() + "/";
  source.selector = "up";
  source.start = kStart;
  source.end = kStart + (kSamples - 1) * 15007 + 1;
  source.chunk_ms = 47 * kMinuteMs;  // windows that cut through chunks
  {
    CollectingSink sink;
    const Result<HistoryCounters> counters = ReadPrometheus(source, sink);
    if (!counters.ok()) FAIL(counters.error().message);
    CheckAll(sink);
    CHECK(counters->samples == 2 * kSamples);
    CHECK(counters->series == 2);
    CHECK(sink.done == sink.total);
    CHECK(counters->bytes > 0);
  }
  const Result<Selector> selector = Selector::Parse("up{psp=\"p1\"}");
  HttpClient client;
  const auto read = [&](ReadForm form) {
    HttpRequest request;
    request.method = "POST";
    request.url = server.url() + "/api/v1/read";
    request.headers = {{"Content-Type", "application/x-protobuf"}, {"Content-Encoding", "snappy"}};
    request.body = EncodeReadRequest(*selector, source.start, source.end, form);
    return client.Send(request);
  };
  const auto streamed = read(ReadForm::kStreamedChunks);
  REQUIRE(streamed.ok());
  CHECK_THAT(streamed->Header("content-type"), Catch::StartsWith("application/x-streamed"));
  const auto chunks = DecodeStreamedChunks(streamed->body, source.start, source.end);
  const auto sampled = read(ReadForm::kSamples);
  REQUIRE(sampled.ok());
  const auto samples = DecodeSampledAnswer(sampled->body, source.start, source.end, 1U << 26U);
  REQUIRE(chunks.ok());
  REQUIRE(samples.ok());
  CHECK(chunks->samples.size() == kSamples);
  CHECK(EncodeBatch(*chunks) == EncodeBatch(*samples));
}

TEST_CASE("Prometheus: what the selector does not match is not read; an empty range is nothing") {
  const auto bin = PrometheusBinFolder();
  if (!bin) {
    WARN("skipped: no prometheus binary; run scripts/fetch-tools prometheus");
    return;
  }
  const TempFolder folder;
  const PrometheusProcess server(*bin, folder.path(), History());
  PrometheusSource source;
  source.url = server.url();
  source.selector = R"({__name__=~"u.*",psp!="p1"})";
  source.start = kStart;
  source.end = kStart + kHourMs;
  CollectingSink sink;
  REQUIRE(ReadPrometheus(source, sink).ok());
  CHECK(sink.samples.size() == 1);
  CHECK(sink.samples.begin()->second.size() == 240);
  source.selector = "nothing";
  CollectingSink none;
  REQUIRE(ReadPrometheus(source, none).ok());
  CHECK(none.asked == 0);
}

}  // namespace quell::ingest
