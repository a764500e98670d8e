#include "detectors/isolation_forest.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace quell::detectors {
namespace {

constexpr double kEulerGamma = 0.57721566490153286;

}  // namespace

double AveragePathLength(double n) {
  if (n < 2) return 0;
  if (n < 3) return 1;
  return 2 * (std::log(n - 1) + kEulerGamma) - 2 * (n - 1) / n;
}

// Grows one tree at a time into the forest's flat node array.
class IsolationForest::Grower {
 public:
  Grower(const FeatureMatrix& rows, Random& random, std::vector<Node>& nodes)
      : rows_(rows), random_(random), nodes_(nodes), order_(static_cast<size_t>(rows.rows())) {
    std::iota(order_.begin(), order_.end(), 0);
  }

  std::int32_t Grow(int sample, int depth_max) {
    for (size_t i = 0; i < static_cast<size_t>(sample); ++i) {
      std::swap(order_[i], order_[i + random_.Below(order_.size() - i)]);
    }
    const auto root = static_cast<std::int32_t>(nodes_.size());
    nodes_.emplace_back();
    Split(root, std::span(order_).first(static_cast<size_t>(sample)), 0, depth_max);
    return root;
  }

 private:
  void Split(std::int32_t at, std::span<int> rows, int depth, int depth_max) {
    nodes_[static_cast<size_t>(at)].rows = static_cast<std::uint16_t>(rows.size());
    Eigen::Matrix<float, 1, kForestFeatures> low = rows_.row(rows[0]);
    Eigen::Matrix<float, 1, kForestFeatures> high = low;
    for (const int row : rows) {
      low = low.cwiseMin(rows_.row(row));
      high = high.cwiseMax(rows_.row(row));
    }
    std::array<int, kForestFeatures> varied{};
    size_t count = 0;
    for (int f = 0; f < kForestFeatures; ++f) {
      if (high[f] > low[f]) varied[count++] = f;
    }
    if (depth >= depth_max || rows.size() < 2 || count == 0) {
      const double more = depth + AveragePathLength(static_cast<double>(rows.size()));
      nodes_[static_cast<size_t>(at)].cut = static_cast<float>(more);
      return;
    }
    const int feature = varied[random_.Below(count)];
    const auto cut =
        static_cast<float>(low[feature] + random_.Uniform() * (high[feature] - low[feature]));
    const auto middle = std::partition(rows.begin(), rows.end(),
                                       [&](int row) { return rows_(row, feature) < cut; });
    const auto left_size = static_cast<size_t>(middle - rows.begin());
    if (left_size == 0 || left_size == rows.size()) {
      Split(at, rows, depth + 1, depth_max);  // the cut fell on the edge: it separates nobody
      return;
    }
    const auto left = static_cast<std::int32_t>(nodes_.size());
    nodes_.resize(nodes_.size() + 2);
    nodes_[static_cast<size_t>(at)] = {cut, left, static_cast<std::uint16_t>(feature),
                                       static_cast<std::uint16_t>(rows.size())};
    Split(left, rows.first(left_size), depth + 1, depth_max);
    Split(left + 1, rows.subspan(left_size), depth + 1, depth_max);
  }

  const FeatureMatrix& rows_;
  Random& random_;
  std::vector<Node>& nodes_;
  std::vector<int> order_;
};

IsolationForest IsolationForest::Fit(const FeatureMatrix& rows, const ForestOptions& options,
                                     std::uint64_t seed) {
  const int sample = std::min(options.sample, static_cast<int>(rows.rows()));
  const int depth_max = static_cast<int>(std::ceil(std::log2(sample)));
  IsolationForest forest;
  forest.normal_path_ = AveragePathLength(sample);
  forest.nodes_.reserve(static_cast<size_t>(options.trees) * static_cast<size_t>(sample));
  Random random(seed);
  Grower grower(rows, random, forest.nodes_);
  for (int i = 0; i < options.trees; ++i) {
    forest.roots_.push_back(grower.Grow(sample, depth_max));
  }
  return forest;
}

double IsolationForest::Score(const FeatureVector& vector) const {
  double path = 0;
  for (const std::int32_t root : roots_) {
    const Node* node = &nodes_[static_cast<size_t>(root)];
    while (node->left >= 0) {
      const bool right = vector[static_cast<size_t>(node->feature)] >= node->cut;
      node = &nodes_[static_cast<size_t>(node->left) + (right ? 1U : 0U)];
    }
    path += node->cut;
  }
  return std::exp2(-path / static_cast<double>(roots_.size()) / normal_path_);
}

std::array<double, kForestFeatures> IsolationForest::Shortening(const FeatureVector& vector) const {
  std::array<double, kForestFeatures> out{};
  for (const std::int32_t root : roots_) {
    const Node* node = &nodes_[static_cast<size_t>(root)];
    double left_to_go = AveragePathLength(node->rows);
    while (node->left >= 0) {
      const size_t feature = node->feature;
      const bool right = vector[feature] >= node->cut;
      node = &nodes_[static_cast<size_t>(node->left) + (right ? 1U : 0U)];
      const double then = AveragePathLength(node->rows);
      out[feature] += left_to_go - then - 1;
      left_to_go = then;
    }
  }
  for (double& shortening : out) shortening /= static_cast<double>(roots_.size());
  return out;
}

void IsolationForest::Save(ByteWriter& out) const {
  out.PutArray(nodes_);
  out.PutArray(roots_);
  out.Put(normal_path_);
}

bool IsolationForest::Load(ByteReader& in) {
  nodes_ = in.GetArray<Node>();
  roots_ = in.GetArray<std::int32_t>();
  normal_path_ = in.Get<double>();
  const auto count = static_cast<std::int32_t>(nodes_.size());
  bool valid = in.ok() && normal_path_ > 0;
  for (const std::int32_t root : roots_) valid = valid && root >= 0 && root < count;
  // Children come after their parent, so every walk ends.
  for (std::int32_t i = 0; i < count; ++i) {
    const Node& node = nodes_[static_cast<size_t>(i)];
    valid = valid && node.left < count - 1 && (node.left < 0 || node.left > i) && node.rows > 0 &&
            node.feature < kForestFeatures;
  }
  if (!valid) *this = IsolationForest();
  return valid;
}

}  // namespace quell::detectors
