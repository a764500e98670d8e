// Thin lanes under one parent, through a whole bank.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/random.h"
#include "detectors/bank.h"

namespace quell::detectors {
namespace {

constexpr Slot kThin = 4;
constexpr Slot kBusy = 5;

// Four lanes of three requests a step and five of four hundred, of which one in 200 fails; the busy
// lanes' failures come in swings of `swing` (log).
class Lanes {
 public:
  explicit Lanes(std::uint32_t parent, double swing = 0.1) : random_(5), swing_(swing) {
    for (Slot slot = 0; slot < kThin + kBusy; ++slot) Add(parent);
  }

  Slot Add(std::uint32_t parent) {
    SignalSpec spec;
    spec.kind = SignalKind::kRatio;
    spec.policy = {Direction::kUp, 0.005, 0.5};
    const Slot slot = bank_.AddSignal(spec);
    if (parent != 0) bank_.SetParent(slot, 1, parent);
    swings_.push_back(0);
    return slot;
  }

  // Steps of noise; lane 0 fails `share` of its requests.
  void Run(int steps, double share = 0.005) {
    for (int step = 0; step < steps; ++step) {
      now_ += 30 * kSecondMs;
      std::vector<Point> points;
      for (Slot slot = 0; slot < bank_.size(); ++slot) {
        const bool busy = slot >= kThin && slot < kThin + kBusy;
        swings_[slot] = 0.95 * swings_[slot] + 0.31 * swing_ * random_.Normal();
        const auto n = busy ? 400 : 1 + random_.Poisson(2);
        const double usual = 0.005 * (busy ? std::exp(swings_[slot]) : 1);
        Point point{.slot = slot, .exposure_seconds = 30};
        point.n = static_cast<double>(n);
        point.k = static_cast<double>(random_.Binomial(n, slot == 0 ? share : usual));
        point.value = point.k / point.n;
        points.push_back(point);
      }
      verdicts_.resize(points.size());
      bank_.Observe(now_, points, verdicts_);
    }
  }
  [[nodiscard]] double Surprise(Slot slot) const {
    return -std::log(verdicts_[slot].tail_probability);
  }

  DetectorBank bank_ = *DetectorBank::Create({});
  std::vector<Verdict> verdicts_;
  TimeMs now_ = 1'754'265'600'000;

 private:
  Random random_;
  double swing_;
  std::vector<double> swings_;
};

std::string BytesOf(const DetectorBank& bank) {
  ByteWriter out;
  bank.Save(out);
  return out.Take();
}

}  // namespace

TEST_CASE("Bank: a thin lane's failures count less where its siblings swing", "[detectors]") {
  const auto after = [](std::uint32_t parent) {
    Lanes lanes(parent, 0.9);
    lanes.Run(2 * 2880);
    lanes.Run(10, 0.15);
    return lanes.Surprise(0);
  };
  const double among = after(1);
  const double alone = after(0);
  CHECK(among < 0.9 * alone);
}

TEST_CASE("Bank: a thin lane that is down is found among siblings that swing", "[detectors]") {
  Lanes lanes(1, 0.9);
  lanes.Run(2 * 2880);
  lanes.Run(6, 1);
  CHECK(lanes.Surprise(0) > 18);
}

TEST_CASE("Bank: a new lane knows from its siblings what is usual", "[detectors]") {
  Lanes lanes(1);
  lanes.Run(2880);
  const Slot orphan = lanes.Add(0);
  const Slot young = lanes.Add(1);
  lanes.Run(3);
  CHECK(lanes.bank_.StandingOf(young).points_needed == 24);
  CHECK(lanes.bank_.StandingOf(orphan).points_needed == 240);
  CHECK(lanes.bank_.Expect(young, lanes.now_).expected == Approx(0.005).epsilon(0.4));
  CHECK(lanes.bank_.Expect(orphan, lanes.now_).expected > 0.01);
}

TEST_CASE("Bank: siblings are saved and go on with the same bytes", "[detectors]") {
  Lanes a(1);
  Lanes b(1);
  a.Run(3000);
  b.Run(3000);
  const std::string bytes = BytesOf(b.bank_);
  ByteReader in(bytes);
  auto restored = DetectorBank::Load(in);
  REQUIRE(restored.ok());
  b.bank_ = *std::move(restored);
  a.Run(500, 0.2);
  b.Run(500, 0.2);
  CHECK(BytesOf(a.bank_) == BytesOf(b.bank_));
}

}  // namespace quell::detectors
