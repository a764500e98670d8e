// The configuration: errors name file, line and column on one line; what parses describes itself
// alike when it is parsed again.
#include <cctype>

#include "engine/config/config.h"
#include "tests/engine/config/describe_config.h"
#include "tests/fuzz/fuzz_target.h"

namespace quell::fuzz {
namespace {

const std::string kFile = "fuzz.yaml";

// "fuzz.yaml:LINE:COLUMN: what", inside the text.
void CheckError(const std::string& message, std::string_view text) {
  FUZZ_REQUIRE(message.rfind(kFile + ':', 0) == 0);
  size_t at = kFile.size() + 1;
  size_t line = 0;
  size_t column = 0;
  for (size_t* number : {&line, &column}) {
    FUZZ_REQUIRE(at < message.size() && std::isdigit(static_cast<unsigned char>(message[at])));
    for (; at < message.size() && std::isdigit(static_cast<unsigned char>(message[at])); ++at) {
      *number = 10 * *number + static_cast<size_t>(message[at] - '0');
    }
    FUZZ_REQUIRE(at < message.size() && message[at] == ':');
    ++at;
  }
  FUZZ_REQUIRE(at + 1 < message.size());
  // Columns count bytes of UTF-8; the text may be UTF-16, two bytes for up to three of those.
  FUZZ_REQUIRE(line >= 1 && line <= text.size() + 2);
  FUZZ_REQUIRE(column >= 1 && column <= 2 * text.size() + 2);
}

}  // namespace

std::vector<std::string> Seeds() {
  return {"",
          "listen: '[::1]:1234'\ndata_dir: /d\nlog: {level: debug, format: json}\n"
          "limits:\n  request_bytes_max: 2MiB\n  future_max: 19s\n  connections_max: 20\n",
          "journal: {fsync: never, fsync_interval: 21ms, segment_bytes_max: 1MiB}\nstep: 10s\n"
          "incidents: {join_window: 25s, age_max: 26m, hold: 27s, resolve_after: 28s}\n",
          "signals:\n  - {name: r, type: ratio, bad: 'x{a=\"b\"}', total: x, by: [p, q]}\n"
          "  - {name: l, type: quantile, selector: y_bucket, quantile: 0.5, bound_seconds: 4}\n"
          "  - name: g\n    type: gauge\n    selector: z{a=~\"b|c\"}\n    aggregate: max\n",
          "redaction:\n  detect: {card_numbers: drop}\n  rules:\n    - {label: \"a.*\", action: "
          "hash}\n",
          "receivers:\n  - {name: f, type: file, path: p.jsonl}\n  - &c {name: c, type: console}\n",
          "a: &x [1, *x]\n? {b: c}\n: |\n  text\n--- second\n"};
}

}  // namespace quell::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  const std::string text(fuzz::View(data, size));
  const auto config = config::ParseConfig(text, fuzz::kFile);
  if (!config.ok()) {
    fuzz::CheckError(config.error().message, text);
    return 0;
  }
  const auto again = config::ParseConfig(text, fuzz::kFile);
  FUZZ_REQUIRE(again.ok());
  FUZZ_REQUIRE(config::Describe(*again) == config::Describe(*config));
  FUZZ_REQUIRE(!config->receivers.empty());
  FUZZ_REQUIRE(config->source == text);
  return 0;
}
