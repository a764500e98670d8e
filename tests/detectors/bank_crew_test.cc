#include <catch2/catch.hpp>
#include <vector>

#include "core/bytes.h"
#include "core/random.h"
#include "detectors/bank.h"
#include "detectors/kind_priors.h"

namespace quell::detectors {
namespace {

constexpr Slot kSlots = 5000;  // more than one range of a crew

// A bank after some steps of noise, in which one signal in fifty breaks and is frozen.
std::string AfterSteps(Crew* crew, std::vector<Verdict>& verdicts) {
  BankOptions options;
  options.adopt_after_ms = 10 * kMinuteMs;
  DetectorBank bank = *DetectorBank::Create(options);
  for (Slot slot = 0; slot < kSlots; ++slot) {
    SignalSpec spec;
    spec.kind = static_cast<SignalKind>(slot % kSignalKinds);
    spec.group = slot / kSignalKinds;
    if (IsShare(spec.kind)) spec.parents = {1 + slot / 100, 60};
    bank.AddSignal(spec);
  }
  Random random(7);
  verdicts.resize(kSlots);
  std::vector<Point> points(kSlots);
  TimeMs now = 1'754'265'600'000;
  for (int step = 0; step < 90; ++step) {
    now += 30 * kSecondMs;
    for (Slot slot = 0; slot < kSlots; ++slot) {
      Point& point = points[slot];
      point.slot = slot;
      point.exposure_seconds = 30;
      const double factor = slot % 50 == 3 && step > 40 ? 4 : 1;
      point.n = static_cast<double>(random.Poisson(100 * factor));
      point.k =
          slot % kSignalKinds == static_cast<Slot>(SignalKind::kRate) ? point.n : point.n / 50;
      point.value = factor * (1 + 0.1 * random.Uniform());
      if (slot % 50 == 3 && step == 42) bank.SetFrozen(slot, true);
    }
    bank.Observe(now, points, verdicts, crew);
  }
  ByteWriter out;
  bank.Save(out);
  return out.Take();
}

TEST_CASE("Bank: a crew of any size leaves the same bytes and the same verdicts", "[detectors]") {
  std::vector<Verdict> alone;
  const std::string expected = AfterSteps(nullptr, alone);
  for (const size_t helpers : {1U, 3U}) {
    INFO(helpers);
    Crew crew(helpers);
    std::vector<Verdict> together;
    CHECK(AfterSteps(&crew, together) == expected);
    bool same = true;
    for (Slot slot = 0; slot < kSlots; ++slot) {
      same = same && together[slot].tail_probability == alone[slot].tail_probability &&
             together[slot].reason == alone[slot].reason;
    }
    CHECK(same);
  }
}

}  // namespace
}  // namespace quell::detectors
