// IsolationForest scores a vector by how few random cuts separate it from a sample of the past.
//
// Model    trees of uniformly random cuts on uniformly random features, grown on small samples to
//          depth ceil(log2(sample)); score = 2^(-E[path length] / c(sample)), with c(n) the mean
//          path of an unsuccessful search in a binary search tree of n keys.
// Input    vectors of kForestFeatures finite floats.
// Output   a score in (0, 1): about 0.5 for ordinary vectors, towards 1 for isolated ones.
// Cost     fit: trees x sample x depth; score: trees x depth (about 5 us for 100 trees).
// Threads  Fit is a pure function; a fitted forest is immutable.
// State    flat arrays, part of "detector_bank".
// Source   Liu, Ting and Zhou (2008), Isolation Forest, ICDM. Shortening() telescopes their path
//          length; own design.
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/bytes.h"
#include "core/random.h"
#include "detectors/grounds.h"

namespace quell::detectors {

using FeatureVector = std::array<float, kForestFeatures>;
using FeatureMatrix = Eigen::Matrix<float, Eigen::Dynamic, kForestFeatures, Eigen::RowMajor>;

struct ForestOptions {
  int trees = 100;   // > 0
  int sample = 256;  // > 1; vectors a tree is grown on
};

// Mean path length of an unsuccessful search among n keys; 0 for n < 2.
double AveragePathLength(double n);

class IsolationForest {
 public:
  IsolationForest() = default;

  // Grows each tree on `options.sample` rows drawn without replacement.
  // REQUIRES: at least two rows.
  static IsolationForest Fit(const FeatureMatrix& rows, const ForestOptions& options,
                             std::uint64_t seed);

  [[nodiscard]] bool fitted() const { return !roots_.empty(); }
  // REQUIRES: fitted().
  [[nodiscard]] double Score(const FeatureVector& vector) const;
  // By how much each feature shortens the vector's mean path. A cut that takes it from n rows to m
  // of them costs a step and leaves c(m) to go where c(n) was expected: it shortens by
  // c(n) - c(m) - 1, on average over the rows by nothing. The sum over the features is c(sample)
  // less the mean path, so that Score = 2^(sum / c(sample) - 1). REQUIRES: fitted().
  [[nodiscard]] std::array<double, kForestFeatures> Shortening(const FeatureVector& vector) const;

  void Save(ByteWriter& out) const;
  // False if the arrays cannot be a forest; the forest is then empty.
  bool Load(ByteReader& in);

 private:
  struct Node {
    float cut = 0;           // inner: go left if below; leaf: path length to add
    std::int32_t left = -1;  // inner: index of the left child, the right one follows; leaf: -1
    std::uint16_t feature = 0;
    std::uint16_t rows = 0;  // of the sample that come here
  };
  class Grower;

  std::vector<Node> nodes_;
  std::vector<std::int32_t> roots_;
  double normal_path_ = 1;  // c(sample)
};

}  // namespace quell::detectors
