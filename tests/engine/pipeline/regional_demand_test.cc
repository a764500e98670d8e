#include "engine/pipeline/regional_demand.h"

#include <catch2/catch.hpp>
#include <vector>

namespace quell::pipeline {
namespace {

constexpr DurationMs kStep = 30 * kSecondMs;

// A place with some volumes, each of `usual` events a step.
class Place {
 public:
  explicit Place(std::vector<double> usual) : usual_(std::move(usual)) {
    number_ = demand_.PlaceOf(Labels{{"region", "eu"}, {"service", "checkout"}});
  }
  void Run(DurationMs span, std::vector<double> factors) {
    for (const TimeMs end = now_ + span; now_ < end;) {
      now_ += kStep;
      demand_.BeginStep(number_, now_, now_ - kStep / 2);
      for (size_t i = 0; i < usual_.size(); ++i) {
        demand_.Note(number_, usual_[i] * factors[i % factors.size()], usual_[i]);
      }
    }
  }
  [[nodiscard]] bool Explains() const { return demand_.FactorsOf(number_).has_value(); }
  [[nodiscard]] double Now() const { return (*demand_.FactorsOf(number_))[0]; }

  RegionalDemand demand_;
  std::uint32_t number_ = 0;
  TimeMs now_ = 12 * kHourMs;

 private:
  std::vector<double> usual_;
};

const std::vector<double> kFive = {4, 8, 12, 16, 20};

}  // namespace

TEST_CASE("RegionalDemand: signals of one place share a number, those of none have none",
          "[pipeline]") {
  RegionalDemand demand;
  const auto eu = demand.PlaceOf(Labels{{"region", "eu"}, {"psp", "acme"}});
  CHECK(eu != 0);
  CHECK(demand.PlaceOf(Labels{{"region", "eu"}, {"service", "ledger"}}) == eu);
  CHECK(demand.PlaceOf(Labels{{"region", "us"}}) != eu);
  CHECK(demand.PlaceOf(Labels{{"psp", "acme"}}) == 0);
  CHECK_FALSE(demand.FactorsOf(0).has_value());
  CHECK_FALSE(demand.FactorsOf(eu).has_value());  // nothing was noted
}

TEST_CASE("RegionalDemand: what all volumes have lost for a while is their demand", "[pipeline]") {
  Place place(kFive);
  place.Run(3 * kHourMs, {1});
  CHECK(place.Now() == Approx(1));
  place.Run(40 * kMinuteMs, {0.5});
  REQUIRE(place.Explains());
  CHECK(place.Now() == Approx(0.5).margin(0.01));
}

TEST_CASE("RegionalDemand: what all volumes lose within minutes is an outage", "[pipeline]") {
  Place place(kFive);
  place.Run(3 * kHourMs, {1});
  place.Run(5 * kMinuteMs, {0.4});
  CHECK_FALSE(place.Explains());
  place.Run(10 * kMinuteMs, {0.4});
  CHECK_FALSE(place.Explains());
  // Next to nothing is no demand, however long it lasts.
  place.Run(2 * kHourMs, {0.1});
  CHECK_FALSE(place.Explains());
}

TEST_CASE("RegionalDemand: at its midnight a place starts afresh", "[pipeline]") {
  Place place(kFive);
  place.Run(12 * kHourMs, {1});
  place.Run(2 * kMinuteMs, {0.5});
  REQUIRE(place.Explains());
  CHECK(place.Now() == Approx(0.5));
}

TEST_CASE("RegionalDemand: few volumes, or few events, speak for no place", "[pipeline]") {
  Place few({10, 10, 10, 10});
  few.Run(3 * kHourMs, {0.5});
  CHECK_FALSE(few.Explains());
  Place thin({0.1, 0.1, 0.1, 0.1, 0.1});
  thin.Run(3 * kHourMs, {0.5});
  CHECK_FALSE(thin.Explains());
}

TEST_CASE("RegionalDemand: one large volume does not speak for the others", "[pipeline]") {
  Place place({10000, 20, 20, 20, 20});
  place.Run(3 * kHourMs, {0.3, 1, 1, 1, 1});
  REQUIRE(place.Explains());
  CHECK(place.Now() == Approx(0.86));
}

TEST_CASE("RegionalDemand: it goes on after a restart", "[pipeline]") {
  Place place(kFive);
  place.Run(3 * kHourMs, {0.7});
  ByteWriter out;
  place.demand_.Save(out);
  RegionalDemand again;
  const auto number = again.PlaceOf(Labels{{"region", "eu"}});
  ByteReader in(out.bytes());
  again.Load(in);
  CHECK(again.FactorsOf(number) == place.demand_.FactorsOf(place.number_));
}

}  // namespace quell::pipeline
