// Tails against summation of the exact laws.
#include "detectors/count_tails.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "detectors/normal_tail.h"

namespace quell::detectors {
namespace {

double PoissonTerm(int k, double m) { return std::exp(k * std::log(m) - m - std::lgamma(k + 1.0)); }

// Normal score of the mid-p tail on the side of k, by summation.
double ExactPoissonZ(int k, double m) {
  double below = 0;
  for (int i = 0; i < k; ++i) below += PoissonTerm(i, m);
  double above = 0;
  for (int i = k + 1; i < k + 400; ++i) above += PoissonTerm(i, m);
  const double half = 0.5 * PoissonTerm(k, m);
  if (k > m) return ZOfSurprise(-std::log(2 * (above + half)));
  return -ZOfSurprise(-std::log(2 * (below + half)));
}

double ExactBinomialZ(int k, int n, double p) {
  double above = 0;
  double at = 0;
  for (int i = k; i <= n; ++i) {
    const double term =
        std::exp(std::lgamma(n + 1.0) - std::lgamma(i + 1.0) - std::lgamma(n - i + 1.0) +
                 i * std::log(p) + (n - i) * std::log1p(-p));
    (i == k ? at : above) += term;
  }
  return ZOfSurprise(-std::log(2 * (above + 0.5 * at)));
}

}  // namespace

TEST_CASE("Normal tail: surprise and its inverse agree with the error function", "[detectors]") {
  for (const double z : {0.1, 1.0, 2.5, 5.0, 7.99, 8.01, 12.0, 25.0}) {
    CHECK(Surprise(z) == Approx(-std::log(std::erfc(z / std::sqrt(2.0)))).epsilon(1e-3));
    CHECK(ZOfSurprise(Surprise(z)) == Approx(z).epsilon(1e-6));
  }
  CHECK(std::isfinite(Surprise(1e9)));
  CHECK(Surprise(-3) == Surprise(3));
}

TEST_CASE("Count tails: Poisson scores match the mid-p tail by summation", "[detectors]") {
  for (const double m : {0.5, 2.0, 5.0, 14.0, 40.0}) {
    for (const double factor : {1.8, 2.5, 4.0}) {
      const int k = static_cast<int>(std::ceil(m * factor)) + 1;
      CHECK(PoissonZ(k, m, 0) == Approx(ExactPoissonZ(k, m)).margin(0.12));
    }
  }
  CHECK(PoissonZ(0, 5, 0) == Approx(ExactPoissonZ(0, 5)).margin(0.15));
  CHECK(PoissonZ(3, 14, 0) == Approx(ExactPoissonZ(3, 14)).margin(0.1));
  CHECK(PoissonZ(8, 40, 0) == Approx(ExactPoissonZ(8, 40)).margin(0.1));
}

TEST_CASE("Count tails: an empty interval is nothing at night and an outage by day",
          "[detectors]") {
  CHECK(std::fabs(PoissonZ(0, 0.5, 0.01)) < 1);
  CHECK(PoissonZ(0, 40, 0.01) < -6);
}

TEST_CASE("Count tails: binomial scores match the mid-p tail by summation", "[detectors]") {
  CHECK(BinomialZ(3, 12 * 0.015, 12, 0) == Approx(ExactBinomialZ(3, 12, 0.015)).margin(0.15));
  CHECK(BinomialZ(30, 6, 400, 0) == Approx(ExactBinomialZ(30, 400, 0.015)).margin(0.1));
  CHECK(BinomialZ(70, 50, 100, 0) == Approx(ExactBinomialZ(70, 100, 0.5)).margin(0.1));
  CHECK(BinomialZ(12, 0.18, 12, 0) == Approx(ExactBinomialZ(12, 12, 0.015)).margin(0.3));
}

TEST_CASE("Count tails: with many events the process noise alone decides", "[detectors]") {
  // Ten million expected, log noise of 0.1, half of them seen: ln 2 / 0.1 standard deviations.
  CHECK(PoissonZ(5e6, 1e7, 0.01) == Approx(-std::log(2.0) / 0.1).epsilon(0.01));
  const double logit = std::log(0.06 / 0.94) - std::log(0.015 / 0.985);
  CHECK(BinomialZ(6e5, 1.5e5, 1e7, 0.04) == Approx(logit / 0.2).epsilon(0.01));
}

TEST_CASE("Count tails: scores grow with the count, shrink with noise, and stay finite",
          "[detectors]") {
  double last = -100;
  for (int k = 0; k < 200; k += 5) {
    const double z = PoissonZ(k, 50, 0.02);
    CHECK(z > last - 0.35);  // the quick and the exact form meet within this step
    last = std::max(last, z);
    CHECK(std::fabs(z) <= std::fabs(PoissonZ(k, 50, 0)) + 0.3);
  }
  CHECK(PoissonZ(1e15, 1e-9, 0) == kMaxZ);
  CHECK(std::isfinite(PoissonZ(0, 1e15, 1e-12)));
  CHECK(std::isfinite(BinomialZ(1e12, 1, 1e12, 1e-6)));
  CHECK(PoissonZ(0, 0, 0.1) == 0);
}

TEST_CASE("Count tails: Student's t at few degrees is heavier than the normal", "[detectors]") {
  // P(|t| > 4) with 5 degrees of freedom is 0.01032.
  CHECK(Surprise(StudentZ(4, 5)) == Approx(-std::log(0.01032)).epsilon(0.03));
  CHECK(StudentZ(-4, 5) == -StudentZ(4, 5));
  CHECK(StudentZ(4, 1e9) == Approx(4).epsilon(0.001));
}

}  // namespace quell::detectors
