// Logistic regression with an L2 penalty, by Newton's method (iteratively reweighted least
// squares).
//
// Minimises -log likelihood + l2 / 2 * |w|^2; the intercept is not penalised. Steps are halved
// until the objective falls, so it converges for every l2 > 0, separable classes included. Source:
// Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 4.4.1.
#pragma once

#include <Eigen/Dense>

namespace quell::dedup {

struct LogisticFit {
  double intercept = 0;
  Eigen::VectorXd weights;
  int iterations = 0;
  bool converged = false;
};

// One row an example; `y` is 0 or 1. REQUIRES: finite input, l2 > 0, as many y as rows.
LogisticFit FitLogistic(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, double l2);

// -log P(y) of one example with log odds `z`, without overflow.
double LogLoss(double z, bool y);

}  // namespace quell::dedup
