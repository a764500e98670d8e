// What a verdict rests on, held against signals whose windows, history and gaps are known.
#include <catch2/catch.hpp>
#include <span>
#include <vector>

#include "bank_driver.h"

namespace quell::detectors {
namespace {

// One signal whose traffic is the same all day: 300 events a step, 2 % of them bad.
class FlatSignal {
 public:
  explicit FlatSignal(SignalKind kind) : kind_(kind) {
    SignalSpec spec;
    spec.kind = kind;
    bank_.AddSignal(spec);
  }

  // `factor` on the bad share, the volume or the level.
  void Run(DurationMs span, double factor = 1) {
    std::vector<Verdict> verdict(1);
    for (const TimeMs end = now_ + span; now_ < end;) {
      now_ += 30 * kSecondMs;
      Point point{.exposure_seconds = 30};
      point.n =
          static_cast<double>(random_.Poisson(kind_ == SignalKind::kRate ? 300 * factor : 300));
      point.k = kind_ == SignalKind::kRate
                    ? point.n
                    : static_cast<double>(
                          random_.Binomial(static_cast<std::uint64_t>(point.n), 0.02 * factor));
      point.value = kind_ == SignalKind::kRate ? point.k / 30 : point.k / point.n;
      if (kind_ == SignalKind::kGauge) point.value = 20 * factor + random_.Normal();
      bank_.Observe(now_, std::span(&point, 1), verdict);
    }
  }

  DetectorBank& bank() { return bank_; }
  [[nodiscard]] Grounds Ask() const { return bank_.GroundsOf(0, now_); }

 private:
  SignalKind kind_;
  DetectorBank bank_ = *DetectorBank::Create({});
  Random random_{7};
  TimeMs now_ = kDriverStart;
};

}  // namespace

TEST_CASE("Grounds: the windows say what they saw, of how many, over how long", "[detectors]") {
  FlatSignal signal(SignalKind::kRatio);
  signal.Run(2 * kDayMs);
  signal.bank().SetFrozen(0, true);
  signal.Run(25 * kMinuteMs, 10);
  const Grounds::Window fast = signal.Ask().windows[0];
  const Grounds::Window slow = signal.Ask().windows[1];
  CHECK(static_cast<double>(fast.span_ms) == Approx(7.2 * kMinuteMs).epsilon(0.02));
  CHECK(static_cast<double>(slow.span_ms) == Approx(34.6 * kMinuteMs).epsilon(0.02));
  CHECK(fast.expected == Approx(0.02).epsilon(0.1));
  CHECK(fast.seen == Approx(0.2).epsilon(0.1));
  CHECK(slow.seen > 0.1);
  CHECK(slow.seen < 0.9 * fast.seen);  // it remembers how it was before
  CHECK(fast.n == Approx(600 * 7.2).epsilon(0.1));
  CHECK(fast.k == Approx(fast.seen * fast.n));
  CHECK(fast.expected_k == Approx(fast.expected * fast.n));
}

TEST_CASE("Grounds: a gauge's and a volume's windows are in their own unit", "[detectors]") {
  FlatSignal gauge(SignalKind::kGauge);
  gauge.Run(kDayMs);
  gauge.bank().SetFrozen(0, true);
  gauge.Run(20 * kMinuteMs, 3);
  CHECK(gauge.Ask().windows[0].expected == Approx(20).epsilon(0.1));
  CHECK(gauge.Ask().windows[0].seen == Approx(60).epsilon(0.1));
  CHECK(gauge.Ask().windows[0].n == 0);
  FlatSignal rate(SignalKind::kRate);
  rate.Run(kDayMs);
  CHECK(rate.Ask().windows[0].seen == Approx(10).epsilon(0.05));
  CHECK(rate.Ask().windows[0].k == Approx(10 * 7.2 * 60).epsilon(0.05));
  CHECK(rate.Ask().windows[0].n == 0);
}

TEST_CASE("Grounds: how much was learned, and which earlier days and weeks there were",
          "[detectors]") {
  FlatSignal signal(SignalKind::kRate);
  CHECK(signal.Ask().learned_ms == 0);
  CHECK(signal.Ask().arrived == 0);
  signal.Run(20 * kHourMs);
  CHECK(signal.Ask().learned_ms == 20 * kHourMs);
  CHECK(signal.Ask().earlier_days == 0);
  CHECK(signal.Ask().earlier_weeks == 0);
  signal.Run(3 * kDayMs);
  CHECK(signal.Ask().earlier_days == 3);
  CHECK(signal.Ask().earlier_weeks == 0);
  signal.Run(12 * kDayMs);
  CHECK(signal.Ask().earlier_weeks == 2);
  CHECK(signal.Ask().usual == Approx(10).epsilon(0.05));
  // A lean hour: what is expected follows, what is usual at this time does not.
  signal.Run(kHourMs, 0.8);
  CHECK(signal.Ask().usual > 9);
  CHECK(signal.Ask().windows[0].expected < signal.Ask().usual);
}

TEST_CASE("Grounds: points that did not come are missing from the share that arrived",
          "[detectors]") {
  DetectorBank bank = *DetectorBank::Create({});
  SignalSpec spec;
  spec.kind = SignalKind::kRatio;
  bank.AddSignal(spec);
  TimeMs now = kDriverStart;
  std::vector<Verdict> verdict(1);
  const std::vector<Point> point = {{.value = 0.02, .k = 2, .n = 100, .exposure_seconds = 30}};
  const auto run = [&](int steps, int every) {
    for (int i = 0; i < steps; ++i) {
      now += spec.interval_ms;
      if (i % every == 0) bank.Observe(now, point, verdict);
    }
  };
  run(400, 1);
  CHECK(bank.GroundsOf(0, now).arrived == Approx(1).epsilon(0.01));
  run(400, 2);
  CHECK(bank.GroundsOf(0, now).arrived == Approx(0.5).epsilon(0.05));
  now += 2 * kHourMs;  // and nothing since
  CHECK(bank.GroundsOf(0, now).arrived < 0.01);
}

}  // namespace quell::detectors
