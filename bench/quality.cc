// quality SEED...: how well Quell pages, beside static rules, robust z-scores and the clairvoyant.
//
// Each seed is a platform of its own; naming, noise, interval and size take turns. 16 days, the
// first 8 without events; 14 incidents and 14 look-alikes a week; a budget of 1 false page a week.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/quality_table.h"

namespace quell::bench {
namespace {

simulator::SimulatorOptions Platform(std::uint64_t seed, size_t turn) {
  simulator::SimulatorOptions options;
  options.seed = seed;
  options.duration_ms = 16 * kDayMs;
  options.quiet_start_ms = 8 * kDayMs;
  options.incidents_per_week = options.lookalikes_per_week = 14;
  switch (turn % 3) {
    case 0:
      options.dialect = "payments";
      options.series = 700;
      options.noise = 1.15;
      options.scrape_jitter_ms = kSecondMs;
      break;
    case 1:
      options.dialect = "gateway";
      options.regions = 4;
      options.psps = 5;
      options.interval_ms = 15 * kSecondMs;
      options.instances = 1;
      options.swing = 1.25;
      break;
    default:
      options.dialect = "otel";
      options.regions = 2;
      options.services = 8;
      options.noise = 0.9;
      options.burst = 0.05;
      break;
  }
  return options;
}

int Run(const std::vector<std::uint64_t>& seeds) {
  std::vector<QualitySet> sets;
  QualitySet all;
  all.name = "all";
  for (size_t i = 0; i < seeds.size(); ++i) {
    const simulator::SimulatorOptions options = Platform(seeds[i], i);
    const auto folder = std::filesystem::temp_directory_path() /
                        ("quell-quality-" + std::to_string(seeds[i]) + "-" + options.dialect);
    std::fprintf(stderr, "seed %llu, %s\n", static_cast<unsigned long long>(seeds[i]),
                 options.dialect.c_str());
    auto set = RunQualitySet(options, folder.string());
    std::error_code gone;
    std::filesystem::remove_all(folder, gone);
    if (!set.ok()) {
      std::fprintf(stderr, "quality: %s\n", set.error().message.c_str());
      return 1;
    }
    set->name = std::to_string(seeds[i]) + ", " + options.dialect;
    Join(*set, all);
    sets.push_back(*std::move(set));
  }
  std::printf("%s\n%s\n%s", FormatSets(sets, all).c_str(), FormatKinds(all).c_str(),
              FormatTargets(sets, all).c_str());
  return 0;
}

}  // namespace
}  // namespace quell::bench

int main(int argc, char** argv) {
  std::vector<std::uint64_t> seeds;
  for (int i = 1; i < argc; ++i) {
    char* end = nullptr;
    seeds.push_back(std::strtoull(argv[i], &end, 10));
    if (end == argv[i] || *end != '\0') seeds.clear();
    if (seeds.empty()) break;
  }
  if (seeds.empty()) {
    std::fputs("usage: quality SEED...\n", stderr);
    return 2;
  }
  return quell::bench::Run(seeds);
}
