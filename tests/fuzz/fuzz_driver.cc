// Runs a fuzz target on the files of a folder and on a fixed sequence of mutated seeds:
//   fuzz_NAME RUNS [FOLDER]
// No coverage feedback; the same binary does the same every time. Prints the input that broke a
// property. `fuzz_NAME --seeds FOLDER` writes the seeds into files for libFuzzer.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/hash.h"
#include "core/random.h"
#include "tests/fuzz/fuzz_target.h"

namespace quell::fuzz {
namespace {

constexpr size_t kInputBytesMax = 4096;
constexpr size_t kBytesShown = 512;

const std::string* running = nullptr;
long running_number = 0;

void OnAbort(int) {
  std::fprintf(stderr, "property broken by run %ld, input:\n", running_number);
  for (size_t i = 0; i < running->size() && i < kBytesShown; ++i) {
    std::fprintf(stderr, "%02x", static_cast<unsigned char>((*running)[i]));
  }
  std::fprintf(stderr, "\n");
  ::_exit(1);
}

// One small change somewhere.
void Mutate(std::string& input, const std::vector<std::string>& seeds, Random& random) {
  constexpr std::array<unsigned char, 12> kBytes{0,    1,   0x7F, 0x80, 0xFF, '"',
                                                 '\\', '{', '}',  '\n', ',',  ' '};
  const size_t at = random.Below(input.size() + 1);
  const size_t count = 1 + random.Below(8);
  switch (random.Below(7)) {
    case 0:
      if (at < input.size()) {
        input[at] =
            static_cast<char>(static_cast<unsigned char>(input[at]) ^ (1U << random.Below(8)));
      }
      break;
    case 1:
      if (at < input.size()) input[at] = static_cast<char>(kBytes[random.Below(kBytes.size())]);
      break;
    case 2:
      input.insert(at, count, static_cast<char>(random.Below(256)));
      break;
    case 3:
      input.erase(at, count);
      break;
    case 4:
      input.insert(at, input.substr(random.Below(input.size() + 1), 4 * count));
      break;
    case 5: {
      const std::string& other = seeds[random.Below(seeds.size())];
      input = input.substr(0, at) + other.substr(random.Below(other.size() + 1));
      break;
    }
    default:
      input.resize(at);
      break;
  }
  if (input.size() > kInputBytesMax) input.resize(kInputBytesMax);
}

void RunOne(const std::string& input, long number) {
  running = &input;
  running_number = number;
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

// The files' contents, by name; none where there is no such folder.
std::vector<std::string> Corpus(const std::string& folder) {
  std::vector<std::string> out;
  const auto files = ListFiles(folder);
  if (!files.ok()) return out;
  for (const std::string& file : *files) {
    auto content = ReadFile(file);
    if (content.ok()) out.push_back(*std::move(content));
  }
  return out;
}

int WriteSeeds(const std::string& folder) {
  if (!MakeFolders(folder).ok()) return 1;
  for (const std::string& seed : Seeds()) {
    if (!WriteFileAtomic(folder + '/' + Sha256Hex(seed).substr(0, 16), seed).ok()) return 1;
  }
  return 0;
}

void RunAll(long runs, const std::vector<std::string>& corpus) {
  const std::vector<std::string> seeds = Seeds();
  long number = 0;
  for (const std::string& input : corpus) RunOne(input, number++);
  for (const std::string& seed : seeds) RunOne(seed, number++);
  RunOne("", number++);
  Random random(20260822);
  for (; number < runs; ++number) {
    std::string input = seeds[random.Below(seeds.size())];
    for (std::uint64_t left = 1 + random.Below(6); left > 0; --left) Mutate(input, seeds, random);
    RunOne(input, number);
  }
}

}  // namespace
}  // namespace quell::fuzz

int main(int argc, char** argv) {
  const std::string folder = argc == 3 ? argv[2] : "";
  if (argc == 3 && std::string_view(argv[1]) == "--seeds") return quell::fuzz::WriteSeeds(folder);
  const long runs = argc == 2 || argc == 3 ? std::strtol(argv[1], nullptr, 10) : 0;
  if (runs <= 0) {
    std::fprintf(stderr, "usage: %s RUNS [FOLDER] | --seeds FOLDER\n", argv[0]);
    return 2;
  }
  ::signal(SIGABRT, &quell::fuzz::OnAbort);
  const std::vector<std::string> corpus = quell::fuzz::Corpus(folder);
  quell::fuzz::RunAll(runs, corpus);
  std::printf("%ld runs, %zu inputs of the corpus among them, the property held\n", runs,
              corpus.size());
  return 0;
}
