// A property that is false: no input repeats its first four bytes. The driver must find it out.
#include "tests/fuzz/fuzz_target.h"

namespace quell::fuzz {
std::vector<std::string> Seeds() { return {"abcdefgh", "0123456789"}; }
}  // namespace quell::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = quell::fuzz::View(data, size);
  if (size >= 8) FUZZ_REQUIRE(input.find(input.substr(0, 4), 4) == std::string_view::npos);
  return 0;
}
