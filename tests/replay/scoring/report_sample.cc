#include <cstdio>

#include "tests/replay/scoring/sample_replay.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: report_sample FOLDER\n");
    return 2;
  }
  const quell::replay::SampleReplay sample = quell::replay::MakeSampleReplay(7);
  const quell::replay::Report report = quell::replay::Score(sample.result, sample.incidents, {});
  const quell::Status written =
      quell::replay::WriteOutputs(sample.result, report, sample.incidents, argv[1]);
  if (!written.ok()) {
    std::fprintf(stderr, "%s\n", written.error().message.c_str());
    return 1;
  }
  std::fputs(quell::replay::FormatReport(sample.result, report).c_str(), stdout);
  return 0;
}
