#include <catch2/catch.hpp>

#include "bank_driver.h"

namespace quell::detectors {
namespace {

std::string BytesOf(const DetectorBank& bank) {
  ByteWriter out;
  bank.Save(out);
  return out.Take();
}

BankDriver Platform() {
  BankDriver driver;
  for (std::uint32_t group = 0; group < 4; ++group) {
    driver.Add(ShapeOf(SignalKind::kRatio, 200), {}, group);
    driver.Add(ShapeOf(SignalKind::kQuantile, 200), {}, group);
    driver.Add(ShapeOf(SignalKind::kRate, 200), {}, group);
    driver.Add(ShapeOf(SignalKind::kGauge, 200), {}, group);
  }
  return driver;
}

DetectorBank Restored(const DetectorBank& bank) {
  const std::string bytes = BytesOf(bank);
  ByteReader in(bytes);
  auto restored = DetectorBank::Load(in);
  REQUIRE(restored.ok());
  REQUIRE(in.AtEnd());
  return *std::move(restored);
}

// Runs to the first step at which a fit is under way.
void RunToPendingFit(BankDriver& driver) {
  while (driver.bank().PendingFit() == nullptr) driver.Run(30 * kSecondMs);
}

}  // namespace

TEST_CASE("Snapshot: a restored bank continues with the same bytes", "[detectors]") {
  BankDriver a = Platform();
  BankDriver b = Platform();
  a.Run(30 * kHourMs);
  b.Run(30 * kHourMs);
  b.Replace(Restored(b.bank()));
  a.Run(26 * kHourMs, 5);
  b.Run(26 * kHourMs, 5);
  CHECK(BytesOf(a.bank()) == BytesOf(b.bank()));
}

TEST_CASE("Snapshot: a fit under way is finished and installed at the same step", "[detectors]") {
  BankDriver a = Platform();
  BankDriver b = Platform();
  a.Run(3 * kHourMs);
  b.Run(3 * kHourMs);
  RunToPendingFit(a);
  RunToPendingFit(b);
  b.Replace(Restored(b.bank()));
  a.Run(2 * kHourMs);
  b.Run(2 * kHourMs);
  CHECK(BytesOf(a.bank()) == BytesOf(b.bank()));
}

TEST_CASE("Snapshot: it does not matter who runs the fit, nor when", "[detectors]") {
  BankDriver a = Platform();
  BankDriver b = Platform();
  a.Run(3 * kHourMs);
  b.Run(3 * kHourMs);
  RunToPendingFit(a);
  RunToPendingFit(b);
  DetectorBank::Run(*b.bank().PendingFit());
  CHECK(b.bank().PendingFit() == nullptr);
  a.Run(kHourMs);
  b.Run(kHourMs);
  CHECK(BytesOf(a.bank()) == BytesOf(b.bank()));
}

TEST_CASE("Snapshot: an unknown version is refused, naming both", "[detectors]") {
  BankDriver driver = Platform();
  std::string bytes = BytesOf(driver.bank());
  const size_t version_at = 4 + 4 + std::string("detector_bank").size();
  bytes[version_at] = 77;
  ByteReader in(bytes);
  const auto bank = DetectorBank::Load(in);
  REQUIRE_FALSE(bank.ok());
  CHECK(bank.error().code == ErrorCode::kUnsupported);
  CHECK(bank.error().message.find("version 77") != std::string::npos);
  CHECK(bank.error().message.find("version 11") != std::string::npos);
}

TEST_CASE("Snapshot: bytes cut off anywhere are an error, not a bank", "[detectors]") {
  BankDriver driver = Platform();
  driver.Run(4 * kHourMs);
  const std::string bytes = BytesOf(driver.bank());
  for (size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 97) {
    ByteReader in(std::string_view(bytes).substr(0, size));
    CHECK_FALSE(DetectorBank::Load(in).ok());
  }
}

TEST_CASE("Snapshot: a signal's verdicts do not depend on the slots beside it", "[detectors]") {
  // The same signal as the first of one bank and the last of another, calibrated on nothing else:
  // before the pooled tails refit, verdicts are equal.
  auto alone = DetectorBank::Create({});
  auto among = DetectorBank::Create({});
  alone->AddSignal({.kind = SignalKind::kRatio});
  among->AddSignal({.kind = SignalKind::kRate, .group = 1});
  among->AddSignal({.kind = SignalKind::kRatio, .group = 2});
  SimulatedSignal signal(ShapeOf(SignalKind::kRatio, 200), 4);
  SimulatedSignal other(ShapeOf(SignalKind::kRate, 200), 5);
  for (int i = 1; i < 2000; ++i) {
    const TimeMs at = kDriverStart + i * 30 * kSecondMs;
    Point point = signal.Next(0, at);
    Verdict first;
    alone->Observe(at, {&point, 1}, {&first, 1});
    std::vector<Point> both = {other.Next(0, at), point};
    both[1].slot = 1;
    std::vector<Verdict> verdicts(2);
    among->Observe(at, both, verdicts);
    REQUIRE(verdicts[1].z == first.z);
    REQUIRE(verdicts[1].tail_probability == first.tail_probability);
  }
}

}  // namespace quell::detectors
