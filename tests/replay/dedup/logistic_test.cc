#include "replay/dedup/logistic.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/random.h"

namespace quell::dedup {

TEST_CASE("Logistic: one binary feature has the odds of its table", "[dedup]") {
  // x = 0: 3 of 10; x = 1: 8 of 10. Without a penalty the fit is exact.
  Eigen::MatrixXd x(20, 1);
  Eigen::VectorXd y(20);
  for (int i = 0; i < 20; ++i) {
    x(i, 0) = i < 10 ? 0 : 1;
    y(i) = i < 10 ? (i < 3 ? 1 : 0) : (i < 18 ? 1 : 0);
  }
  const LogisticFit fit = FitLogistic(x, y, 1e-9);
  CHECK(fit.converged);
  CHECK(fit.intercept == Approx(std::log(3.0 / 7)).epsilon(1e-6));
  CHECK(fit.weights(0) == Approx(std::log(8.0 / 2) - std::log(3.0 / 7)).epsilon(1e-6));
}

// Hosmer and Lemeshow's example in short: scikit-learn's LogisticRegression(C=1/l2) minimises the
// same objective; at its minimum the gradient is zero, which is checked directly.
TEST_CASE("Logistic: with a penalty the gradient vanishes, the intercept's without one",
          "[dedup]") {
  Random random(7);
  const int n = 400;
  Eigen::MatrixXd x(n, 3);
  Eigen::VectorXd y(n);
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < 3; ++k) x(i, k) = random.Normal();
    const double z = 0.5 + 1.5 * x(i, 0) - 2 * x(i, 1);
    y(i) = random.Uniform() < 1 / (1 + std::exp(-z)) ? 1 : 0;
  }
  const double l2 = 3;
  const LogisticFit fit = FitLogistic(x, y, l2);
  REQUIRE(fit.converged);
  const Eigen::VectorXd z = (x * fit.weights).array() + fit.intercept;
  const Eigen::VectorXd off = (1 / (1 + (-z.array()).exp())).matrix() - y;
  CHECK(std::abs(off.sum()) < 1e-5);
  CHECK((x.transpose() * off + l2 * fit.weights).norm() < 1e-5);
  CHECK(fit.weights(0) > 1);
  CHECK(fit.weights(1) < -1.4);
  CHECK(std::abs(fit.weights(2)) < 0.4);
}

TEST_CASE("Logistic: separable classes and a single class stay finite", "[dedup]") {
  Eigen::MatrixXd x(4, 1);
  x << -2, -1, 1, 2;
  Eigen::VectorXd y(4);
  y << 0, 0, 1, 1;
  const LogisticFit apart = FitLogistic(x, y, 0.1);
  CHECK(apart.converged);
  CHECK(std::isfinite(apart.weights(0)));
  CHECK(apart.weights(0) > 1);
  const LogisticFit single = FitLogistic(x, Eigen::VectorXd::Ones(4), 0.1);
  CHECK(std::isfinite(single.intercept));
  CHECK(single.intercept > 3);
}

TEST_CASE("Logistic: the loss of certainty does not overflow", "[dedup]") {
  CHECK(LogLoss(0, true) == Approx(std::log(2.0)));
  CHECK(LogLoss(1000, true) == Approx(0).margin(1e-12));
  CHECK(LogLoss(1000, false) == Approx(1000));
  CHECK(LogLoss(-1000, true) == Approx(1000));
}

}  // namespace quell::dedup
