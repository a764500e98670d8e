// One platform, its latencies told as classic buckets or as native histograms: both find the slow
// processor, and a pipeline restarted in the middle decides the same.
#include <snappy.h>

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "ingest/proto/remote_write_v2.pb.h"
#include "ingest/remote_write.h"
#include "ingest/series_records.h"
#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

constexpr int kSteps = 1560;
constexpr int kSlowFrom = 1500;
constexpr std::array<double, 8> kEdges = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
constexpr int kSchema = 5;  // finer than what is kept
// globex is scraped in the middle of a step: its samples are ahead of the open one.
constexpr DurationMs kAheadMs = 20 * kSecondMs;

// Log-normal latencies; acme's are three times as long from kSlowFrom on.
class Processor {
 public:
  Processor(std::string psp, std::uint64_t seed, double slow)
      : psp_(std::move(psp)), random_(seed), slow_(slow) {}

  void Live(int step) {
    const double median = psp_ == "acme" && step >= kSlowFrom ? slow_ : 0.15;
    for (std::uint64_t i = random_.Poisson(60); i > 0; --i) {
      const double seconds = median * std::exp(0.5 * random_.Normal());
      for (size_t e = 0; e < kEdges.size(); ++e) classic_[e] += seconds <= kEdges[e] ? 1 : 0;
      ++native_[static_cast<int>(std::ceil(std::log2(seconds) * (1 << kSchema)))];
      ++count_;
    }
  }

  void WriteClassic(ingest::SampleBatch& batch, int step) const {
    for (size_t e = 0; e <= kEdges.size(); ++e) {
      const bool last = e == kEdges.size();
      const std::string le = last ? "+Inf" : std::to_string(kEdges[e]);
      const auto at = static_cast<std::uint32_t>(batch.samples.size());
      batch.series.push_back(
          {{{"__name__", "call_duration_seconds_bucket"}, {"psp", psp_}, {"le", le}}, at, at + 1});
      batch.samples.push_back({Time(step), static_cast<double>(last ? count_ : classic_[e])});
    }
  }

  // As a client library and Prometheus send it: an integer histogram, one span a run.
  void WriteNative(wire::v2::Request& request, int step) const {
    auto* series = request.add_timeseries();
    for (const std::string& text : {std::string("__name__"), std::string("call_duration_seconds"),
                                    std::string("psp"), psp_}) {
      series->add_labels_refs(static_cast<std::uint32_t>(request.symbols_size()));
      request.add_symbols(text);
    }
    auto* histogram = series->add_histograms();
    histogram->set_timestamp(Time(step));
    histogram->set_schema(kSchema);
    histogram->set_zero_threshold(std::ldexp(1, -128));
    histogram->set_count_int(static_cast<std::uint64_t>(count_));
    int next = 0;
    std::int64_t before = 0;
    for (const auto& [index, count] : native_) {
      if (histogram->positive_spans_size() == 0 || index != next) {
        histogram->add_positive_spans()->set_offset(index - next);
      }
      auto* span = histogram->mutable_positive_spans(histogram->positive_spans_size() - 1);
      span->set_length(span->length() + 1);
      histogram->add_positive_deltas(count - before);
      before = count;
      next = index + 1;
    }
  }

 private:
  [[nodiscard]] TimeMs Time(int step) const {
    return kMonday + step * kStep + (psp_ == "globex" ? kAheadMs : 0);
  }

  std::string psp_;
  Random random_;
  double slow_;  // acme's median from kSlowFrom on, seconds
  std::array<std::int64_t, kEdges.size()> classic_{};
  std::map<int, std::int64_t> native_;
  std::int64_t count_ = 0;
};

ingest::SampleBatch Received(const wire::v2::Request& request, TimeMs now) {
  std::string body;
  const std::string message = request.SerializeAsString();
  snappy::Compress(message.data(), message.size(), &body);
  auto outcome = ingest::RemoteWriteDecoder(ingest::RemoteWriteLimits{})
                     .Decode(ingest::WriteProtocol::kV2, body, now);
  INFO(outcome.message);
  REQUIRE(outcome.status == 204);
  REQUIRE(outcome.histograms_written == 2);
  return std::move(outcome.batch);
}

std::vector<ingest::JournalRecord> Records(bool native, double slow = 0.45) {
  std::vector<Processor> processors = {{"acme", 71, slow}, {"globex", 72, slow}};
  std::vector<ingest::JournalRecord> out;
  for (int step = 0; step < kSteps; ++step) {
    const TimeMs received = kMonday + step * kStep + kAheadMs;
    ingest::SampleBatch batch;
    wire::v2::Request request;
    request.add_symbols("");
    for (Processor& processor : processors) {
      processor.Live(step);
      native ? processor.WriteNative(request, step) : processor.WriteClassic(batch, step);
    }
    if (native) batch = Received(request, received);
    out.push_back(SamplesRecord(static_cast<std::uint64_t>(step) + 1, received, batch));
  }
  return out;
}

// The same samples as the journal has them since format 2: series defined once, samples by number.
std::vector<ingest::JournalRecord> ByNumber(const std::vector<ingest::JournalRecord>& records) {
  std::map<std::string, std::uint32_t> numbers;
  std::vector<ingest::JournalRecord> out;
  for (const ingest::JournalRecord& record : records) {
    const auto batch = ingest::DecodeBatch(record.payload);
    REQUIRE(batch.ok());
    std::string defined;
    std::string written;
    ingest::BatchWriter writer(written, 0);
    writer.Histograms(batch->histograms.size());
    for (const auto& series : batch->series) {
      const auto number = static_cast<std::uint32_t>(numbers.size());
      const auto [at, added] = numbers.try_emplace(series.labels.ToString(), number);
      if (added) {
        ingest::AppendDefinition(number, ingest::SeriesType::kHistogram, series.labels, defined);
      }
      for (std::uint32_t i = series.histograms_begin; i < series.histograms_end; ++i) {
        writer.Histogram(at->second, batch->histograms[i]);
      }
    }
    if (!defined.empty()) {
      out.push_back({record.sequence, ingest::RecordKind::kSeries, record.received_ms, defined});
    }
    out.push_back({record.sequence, ingest::RecordKind::kBatch, record.received_ms, written});
  }
  return out;
}

std::vector<store::Effect> Decide(Pipeline& pipeline,
                                  const std::vector<ingest::JournalRecord>& records, size_t from) {
  for (size_t i = from; i < records.size(); ++i) pipeline.Apply(records[i]);
  return pipeline.TakeEffects();
}

}  // namespace

TEST_CASE("Native latency: the slow processor pages, told in either way", "[pipeline]") {
  const bool native = GENERATE(false, true);
  CAPTURE(native);
  const auto pipeline = MakePipeline();
  const auto sent = Notifications(Decide(*pipeline, Records(native), 0));
  REQUIRE(CountAction(sent, "trigger") == 1);
  CHECK(sent[0].at > kMonday + kSlowFrom * kStep);
  CHECK(sent[0].at <= kMonday + kSlowFrom * kStep + 3 * kMinuteMs);
  CHECK_THAT(sent[0].body, Catch::Contains("p95 latency of psp=acme"));
  CHECK_THAT(sent[0].body, Catch::Contains("acme"));
  // Usually 341 ms, then 1.02 s; classic buckets are coarser.
  CHECK_THAT(sent[0].body, Catch::Contains(native ? "893 ms seen, 347 ms expected"
                                                  : "944 ms seen, 430 ms expected"));
  CHECK_THAT(sent[0].body, !Catch::Contains("globex"));
  CHECK(pipeline->signals().counters().histograms == (native ? 2 * kSteps : 0));
  CHECK(pipeline->counters().bad_records == 0);
}

TEST_CASE("Native latency: a fifth slower is no page, however sure", "[pipeline]") {
  const bool native = GENERATE(false, true);
  CAPTURE(native);
  const auto pipeline = MakePipeline();
  CHECK(Notifications(Decide(*pipeline, Records(native, 0.18), 0)).empty());
}

TEST_CASE("Native latency: histograms by number decide the same", "[pipeline]") {
  const auto records = Records(true);
  const auto by_labels = MakePipeline();
  const auto by_number = MakePipeline();
  const std::string expected = Text(Decide(*by_labels, records, 0));
  CHECK_FALSE(expected.empty());
  CHECK(Text(Decide(*by_number, ByNumber(records), 0)) == expected);
  CHECK(by_number->Save() == by_labels->Save());
}

TEST_CASE("Native latency: restarted at any record, the effects and the state are the same",
          "[pipeline]") {
  const auto records = Records(true);
  const auto straight = MakePipeline();
  std::vector<store::Effect> expected = Decide(*straight, records, 0);
  for (const size_t cut : {size_t{1}, size_t{700}, size_t{kSlowFrom + 3}}) {
    CAPTURE(cut);
    const auto before = MakePipeline();
    auto effects = Decide(*before, {records.begin(), records.begin() + static_cast<int>(cut)}, 0);
    const std::string snapshot = before->Save();
    const auto after = MakePipeline();
    const Status loaded = after->Load(snapshot);
    INFO((loaded.ok() ? "" : loaded.error().message));
    REQUIRE(loaded.ok());
    CHECK(after->Save() == snapshot);
    for (auto& effect : Decide(*after, records, cut)) effects.push_back(std::move(effect));
    CHECK(Text(effects) == Text(expected));
    CHECK(after->Save() == straight->Save());
  }
}

}  // namespace quell::pipeline
