#include "replay/dedup/logistic.h"

#include <algorithm>
#include <cmath>

namespace quell::dedup {
namespace {

constexpr int kIterationsMax = 100;
constexpr int kHalvingsMax = 40;
constexpr double kToleranceOfGradient = 1e-9;  // an example

double Objective(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, double l2,
                 const Eigen::VectorXd& beta) {
  const Eigen::VectorXd z = x * beta;
  double loss = 0.5 * l2 * beta.tail(beta.size() - 1).squaredNorm();
  for (Eigen::Index i = 0; i < z.size(); ++i) loss += LogLoss(z(i), y(i) > 0.5);
  return loss;
}

}  // namespace

double LogLoss(double z, bool y) {
  const double against = y ? -z : z;
  return std::max(0.0, against) + std::log1p(std::exp(-std::abs(against)));
}

LogisticFit FitLogistic(const Eigen::MatrixXd& features, const Eigen::VectorXd& y, double l2) {
  const Eigen::Index n = features.rows();
  const Eigen::Index p = features.cols() + 1;
  Eigen::MatrixXd x(n, p);
  x.col(0).setOnes();
  x.rightCols(p - 1) = features;
  Eigen::VectorXd penalty = Eigen::VectorXd::Constant(p, l2);
  penalty(0) = 0;

  Eigen::VectorXd beta = Eigen::VectorXd::Zero(p);
  double objective = Objective(x, y, l2, beta);
  LogisticFit out;
  for (; out.iterations < kIterationsMax; ++out.iterations) {
    const Eigen::VectorXd mean = (1.0 / (1.0 + (-(x * beta).array()).exp())).matrix();
    const Eigen::VectorXd gradient = x.transpose() * (mean - y) + penalty.cwiseProduct(beta);
    const double scale = std::max<double>(1, static_cast<double>(n));
    if (gradient.lpNorm<Eigen::Infinity>() <= kToleranceOfGradient * scale) {
      out.converged = true;
      break;
    }
    const Eigen::VectorXd weight = (mean.array() * (1 - mean.array())).matrix();
    Eigen::MatrixXd hessian = x.transpose() * weight.asDiagonal() * x;
    hessian.diagonal() += penalty;
    hessian(0, 0) += 1e-9;  // all of one class: the intercept would leave for infinity
    Eigen::VectorXd step = hessian.ldlt().solve(gradient);
    double next = Objective(x, y, l2, beta - step);
    for (int k = 0; k < kHalvingsMax && !(next < objective); ++k) {
      step *= 0.5;
      next = Objective(x, y, l2, beta - step);
    }
    if (!(next < objective)) {
      out.converged = true;  // as near as doubles can tell
      break;
    }
    beta -= step;
    objective = next;
  }
  out.intercept = beta(0);
  out.weights = beta.tail(p - 1);
  return out;
}

}  // namespace quell::dedup
