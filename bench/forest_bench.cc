// Speed of the isolation forest on given rows, for bench/forest: fits on the first, scores all.
//
//   forest_bench ROWS FIT SCORES REPEATS
//
// ROWS: float32, kForestFeatures a row. Prints one JSON object; writes the scores as float64.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <vector>

#include "detectors/isolation_forest.h"

namespace quell::detectors {
namespace {

template <typename Work>
double MedianSeconds(int repeats, const Work& work) {
  std::vector<double> seconds;
  for (int i = 0; i < repeats; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

int Run(const char* rows_path, Eigen::Index fit_rows, const char* scores_path, int repeats) {
  std::vector<FeatureVector> rows;
  std::ifstream in(rows_path, std::ios::binary);
  for (FeatureVector row{}; in.read(reinterpret_cast<char*>(row.data()), sizeof(row));) {
    rows.push_back(row);
  }
  if (fit_rows < 2 || static_cast<size_t>(fit_rows) > rows.size() || repeats < 1) {
    std::cerr << "forest_bench: " << rows.size() << " rows are too few\n";
    return 1;
  }
  const FeatureMatrix learned =
      Eigen::Map<const FeatureMatrix>(rows.front().data(), fit_rows, kForestFeatures);
  IsolationForest forest;
  const double fit = MedianSeconds(repeats, [&] { forest = IsolationForest::Fit(learned, {}, 3); });
  std::vector<double> scores(rows.size());
  const double score = MedianSeconds(repeats, [&] {
    for (size_t i = 0; i < rows.size(); ++i) scores[i] = forest.Score(rows[i]);
  });
  double part = 0;
  const double explain = MedianSeconds(repeats, [&] {
    for (const FeatureVector& row : rows) part += forest.Shortening(row)[0];
  });
  std::ofstream out(scores_path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(scores.data()),
            static_cast<std::streamsize>(scores.size() * sizeof(double)));
  const auto count = static_cast<double>(rows.size());
  std::cout << "{\"fit_ms\": " << fit * 1000 << ", \"rows_per_second\": " << count / score
            << ", \"explained_per_second\": " << count / explain << ", \"digest\": " << part
            << "}\n";
  return out.good() ? 0 : 1;
}

}  // namespace
}  // namespace quell::detectors

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: forest_bench ROWS FIT SCORES REPEATS\n";
    return 2;
  }
  return quell::detectors::Run(argv[1], std::atol(argv[2]), argv[3], std::atoi(argv[4]));
}
