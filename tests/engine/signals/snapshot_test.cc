#include <catch2/catch.hpp>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "core/random.h"
#include "ingest/sample.h"
#include "tests/engine/signals/signal_bench.h"

namespace quell::signals {
namespace {

// A restless platform: counters with outcomes, a histogram, a gauge; resets, gaps, duplicates,
// late and stale samples, series that come and go.
class Restless {
 public:
  explicit Restless(std::uint64_t seed) : random_(seed) {
    for (const char* psp : {"acme", "other"}) {
      for (const char* outcome : {"ok", "declined", "error"}) {
        series_.push_back({{"__name__", "pay_total"}, {"psp", psp}, {"outcome", outcome}});
      }
      for (const char* le : {"0.1", "0.5", "1", "+Inf", "broken"}) {
        series_.push_back({{"__name__", "call_seconds_bucket"}, {"psp", psp}, {"le", le}});
      }
      series_.push_back({{"__name__", "queue_depth"}, {"psp", psp}});
      series_.push_back({{"__name__", "go_threads"}, {"psp", psp}});
      natives_.push_back({{{"__name__", "call_seconds"}, {"psp", psp}}, {}});
      natives_.push_back({{{"__name__", "auth_seconds"}, {"psp", psp}, {"code", "500"}}, {}});
    }
    values_.resize(series_.size());
  }

  void Step(SignalEngine& engine, int step) {
    for (size_t i = 0; i < series_.size(); ++i) {
      const TimeMs time = kStart + step * 30000 + static_cast<TimeMs>(random_.Below(1000));
      const double dice = random_.Uniform();
      values_[i] = dice < 0.01 ? 0 : values_[i] + static_cast<double>(random_.Below(40));
      if (dice > 0.95 || static_cast<size_t>(step) < i) continue;  // a gap, or not yet born
      const SeriesId id = engine.Intern(series_[i]);
      engine.Observe(id, time - (dice > 0.9 ? 45000 : 0), values_[i]);
      if (dice > 0.85) engine.Observe(id, time, values_[i]);
      if (dice > 0.84) engine.Observe(id, time + 1, ingest::StaleMarker());
    }
    for (Native& native : natives_) StepNative(engine, native, step);
  }

 private:
  struct Native {
    Labels labels;
    std::map<double, double> counts;  // by upper bound, appearing as they are met
  };

  void StepNative(SignalEngine& engine, Native& native, int step) {
    const double dice = random_.Uniform();
    if (dice < 0.02) native.counts.clear();
    for (int i = 0; i < 20; ++i)
      native.counts[0.05 * static_cast<double>(1 + random_.Below(30))] += 1;
    if (dice > 0.95) return;
    ingest::HistogramSample sample;
    sample.time = kStart + step * 30000 + static_cast<TimeMs>(random_.Below(1000));
    sample.gauge = dice > 0.93;
    for (const auto& [upper, count] : native.counts) {
      sample.buckets.push_back({upper, count});
      sample.count += count;
    }
    const SeriesId id = engine.Intern(native.labels, ingest::SeriesType::kHistogram);
    engine.ObserveHistogram(id, sample);
    if (dice > 0.9) engine.ObserveHistogram(id, sample);
  }

  Random random_;
  std::vector<Labels> series_;
  std::vector<double> values_;
  std::vector<Native> natives_;
};

std::string Bytes(std::span<const SignalEngine::StepPoint> points) {
  ByteWriter out;
  for (const auto& point : points) {
    out.Put(point.point.slot);
    for (const double number : {point.point.value, point.point.k, point.point.n,
                                point.point.exposure_seconds, point.shown}) {
      out.Put(number);
    }
  }
  return out.Take();
}

std::string Snapshot(const SignalEngine& engine) {
  ByteWriter out;
  engine.Save(out);
  return out.Take();
}

TEST_CASE("Signals: a restored engine continues with the same bytes", "[signals]") {
  for (const int cut : {0, 1, 5, 17, 40, 99}) {
    INFO(cut);
    Restless platform(5);
    SignalEngine straight({}, {});
    for (int step = 0; step <= cut; ++step) {
      platform.Step(straight, step);
      (void)straight.CloseStep(kStart + step * 30000);
    }
    const std::string saved = Snapshot(straight);
    SignalEngine restored({}, {});
    ByteReader in(saved);
    REQUIRE(restored.Load(in).ok());
    REQUIRE(in.AtEnd());
    REQUIRE(Snapshot(restored) == saved);
    REQUIRE(restored.signals().size() == straight.signals().size());
    for (std::uint32_t slot = 0; slot < straight.signals().size(); ++slot) {
      const TimeMs now = kStart + cut * 30000;
      CHECK(restored.signals()[slot].labels == straight.signals()[slot].labels);
      CHECK(restored.State(slot, now) == straight.State(slot, now));
      CHECK(restored.LastSeen(slot) == straight.LastSeen(slot));
    }

    Restless twin = platform;
    for (int step = cut + 1; step < cut + 60; ++step) {
      platform.Step(straight, step);
      twin.Step(restored, step);
      const std::string expected = Bytes(straight.CloseStep(kStart + step * 30000));
      REQUIRE(Bytes(restored.CloseStep(kStart + step * 30000)) == expected);
    }
    CHECK(Snapshot(restored) == Snapshot(straight));
  }
}

TEST_CASE("Signals: a bucket without a number makes no signal", "[signals]") {
  SignalEngine engine({}, {});
  const Labels broken{{"__name__", "call_seconds_bucket"}, {"psp", "acme"}, {"le", "broken"}};
  CHECK(engine.Intern(broken) == kIgnoredSeries);
  CHECK(engine.signals().empty());
}

TEST_CASE("Signals: a bound that was configured anew holds after a restore", "[signals]") {
  const Labels series{{"__name__", "call_seconds_bucket"}, {"le", "0.5"}};
  SignalEngine before({QuantileOf("latency", "call_seconds_bucket", 0.25)}, {});
  (void)before.Intern(series);
  const std::string saved = Snapshot(before);
  SignalEngine after({QuantileOf("latency", "call_seconds_bucket", 0.5)}, {});
  ByteReader in(saved);
  REQUIRE(after.Load(in).ok());
  CHECK(after.Bound(0) == 0.5);
}

TEST_CASE("Signals: every cut of a snapshot is refused", "[signals]") {
  Restless platform(6);
  SignalEngine engine({}, {});
  for (int step = 0; step < 30; ++step) {
    platform.Step(engine, step);
    (void)engine.CloseStep(kStart + step * 30000);
  }
  const std::string saved = Snapshot(engine);
  for (size_t cut = 0; cut < saved.size(); cut += 7) {
    SignalEngine other({}, {});
    const std::string exact = saved.substr(0, cut);
    ByteReader in(exact);
    const auto status = other.Load(in);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().code == ErrorCode::kCorrupt);
  }
}

TEST_CASE("Signals: two engines fed alike agree byte for byte", "[signals]") {
  SignalEngine a({}, {});
  SignalEngine b({}, {});
  Restless platform_a(9);
  Restless platform_b(9);
  for (int step = 0; step < 50; ++step) {
    platform_a.Step(a, step);
    platform_b.Step(b, step);
    const std::string expected = Bytes(a.CloseStep(kStart + step * 30000));
    REQUIRE(Bytes(b.CloseStep(kStart + step * 30000)) == expected);
  }
  CHECK(Snapshot(a) == Snapshot(b));
}

}  // namespace
}  // namespace quell::signals
