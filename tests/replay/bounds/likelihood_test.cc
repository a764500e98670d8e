#include "replay/bounds/likelihood.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace quell::replay {
namespace {

using detectors::SignalKind;

TEST_CASE("a point's log ratio is the textbook's for each kind") {
  // 30 of 100 failed where 2 % were expected and 2 % + 30 % of the rest if changed.
  const TracePoint share{0.3F, 0.3F, 0.02F, 100};
  const double q = 0.02 + 0.3 * 0.98;
  CHECK(LogRatio(SignalKind::kRatio, 0, share, 0.3, 2) ==
        Approx((30 * std::log(q / 0.02) + 70 * std::log((1 - q) / 0.98)) / 2).epsilon(1e-5));
  // 150 events in 30 s where 10 a second were expected, and half of it if changed.
  const TracePoint rate{5, 5, 10, 30};
  CHECK(LogRatio(SignalKind::kRate, 0, rate, std::log(0.5), 1) ==
        Approx(150 * std::log(0.5) + 150));
  const TracePoint gauge{99, 99, 49, 1};
  CHECK(LogRatio(SignalKind::kGauge, 1, gauge, std::log(2.0), 0.01) ==
        Approx(0.5 * std::pow(std::log(2.0), 2) / 0.01));
}

TEST_CASE("a change's size is read back from its points") {
  ChangeSize share(SignalKind::kRatio, 0);
  ChangeSize rate(SignalKind::kRate, 0);
  ChangeSize gauge(SignalKind::kGauge, 1);
  CHECK(share.Size() == 0);
  for (int i = 0; i < 5; ++i) {
    share.Add({0.51F, 0.51F, 0.02F, 100});
    rate.Add({0, 0, 10, 30});
    gauge.Add({99, 99, 49, 1});
  }
  CHECK(share.Size() == Approx(0.5));
  CHECK(rate.Size() == Approx(std::log(0.02)));  // nothing at all counts as a fiftieth
  CHECK(gauge.Size() == Approx(std::log(2)));
  CHECK(Times(SignalKind::kRatio, 0.2, 2) == Approx(0.4));
  CHECK(Times(SignalKind::kRate, std::log(3), 0.5) == Approx(std::log(2)));
}

TEST_CASE("numbers stay finite where nothing was expected or everything failed") {
  for (const SignalKind kind :
       {SignalKind::kRatio, SignalKind::kQuantile, SignalKind::kRate, SignalKind::kGauge}) {
    for (const TracePoint point : {TracePoint{0, 0, 0, 0}, TracePoint{1, 1, 0, 50},
                                   TracePoint{1, 1, 1, 50}, TracePoint{-5, 0, -5, 1}}) {
      CHECK(std::isfinite(LogRatio(kind, 1e-9, point, 0.99, 1e-6)));
      CHECK(std::isfinite(LogRatio(kind, 1e-9, point, -3, 1e-6)));
      CHECK(std::isfinite(Dispersion(kind, 1e-9, point)));
    }
  }
}

}  // namespace
}  // namespace quell::replay
