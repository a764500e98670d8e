// Redaction: no detector fires on what comes out, doing it again changes nothing, and what is
// planted between blanks is always found. Labels are the lines "name=value"; the first byte
// chooses the options.
#include <algorithm>

#include "ingest/redaction.h"
#include "tests/fuzz/fuzz_target.h"

namespace quell::fuzz {
namespace {

using ingest::RedactAction;
using ingest::RedactionCounters;
using ingest::RedactionOptions;
using ingest::Redactor;
using ingest::SensitiveKind;

constexpr SensitiveKind kKinds[] = {SensitiveKind::kCardNumber, SensitiveKind::kIban,
                                    SensitiveKind::kEmail};

Redactor Make(int which) {
  RedactionOptions options;
  if (which == 1) options.card_numbers = options.ibans = options.emails = RedactAction::kDrop;
  if (which == 2) options.rules = {{"a.*", RedactAction::kHash}, {"b", RedactAction::kDrop}};
  auto made = Redactor::Create(options, std::string(Redactor::kKeyBytes, 'k'));
  FUZZ_REQUIRE(made.ok());
  return *std::move(made);
}

const Redactor& Chosen(std::uint8_t byte) {
  static const Redactor redactors[] = {Make(0), Make(1), Make(2)};
  return redactors[byte % 3];
}

void RequireClean(std::string_view text) {
  for (const SensitiveKind kind : kKinds) FUZZ_REQUIRE(!NextSensitive(kind, text));
}

void CheckText(const Redactor& redactor, std::string_view text) {
  const ingest::SensitiveKinds may = ingest::MayHold(text);
  for (const SensitiveKind kind : kKinds) {
    size_t from = 0;
    for (auto at = NextSensitive(kind, text); at; at = NextSensitive(kind, text, from)) {
      FUZZ_REQUIRE(may.Has(kind));
      FUZZ_REQUIRE(at->begin >= from && at->begin < at->end && at->end <= text.size());
      from = at->end;
    }
  }
  const std::string masked = redactor.Text(text);
  RequireClean(masked);
  FUZZ_REQUIRE(redactor.Text(masked) == masked);
  for (const std::string planted :
       {"4111111111111111", "5555 5555 5555 4444", "GB82WEST12345698765432", "x@example.com"}) {
    // In the middle of the text, between blanks.
    std::string with(text.substr(0, text.size() / 2));
    with += ' ' + planted + ' ';
    with += text.substr(text.size() / 2);
    FUZZ_REQUIRE(redactor.Text(with).find(planted) == std::string::npos ||
                 text.find(planted) != std::string_view::npos);
  }
}

void CheckLabels(const Redactor& redactor, std::string_view text) {
  std::vector<Label> labels;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    labels.push_back({std::string(line.substr(0, equals)), std::string(line.substr(equals + 1))});
  }
  const Labels before(labels);
  Labels after = before;
  RedactionCounters counters;
  FUZZ_REQUIRE(redactor.Apply(after, counters) == (after != before));
  for (const Label& label : after) {
    FUZZ_REQUIRE(!label.value.empty());
    RequireClean(label.name);
    RequireClean(label.value);
  }
  FUZZ_REQUIRE(before.MetricName().empty() == after.MetricName().empty());
  const Labels once = after;
  FUZZ_REQUIRE(!redactor.Apply(after, counters));
  FUZZ_REQUIRE(after == once);
}

}  // namespace

std::vector<std::string> Seeds() {
  return {
      std::string("\0", 1) + "__name__=pay_4111111111111111_total\npath=/pay/378282246310005/x\n",
      "\1a=5555 5555 5555 4444\nb=GB82 WEST 1234 5698 7654 32\njane%40example.com=x\n",
      "\2abc=redacted-0123456789abcdef\nb=1\nc=de89370400440532013000 x@example.com\n",
      std::string("\0", 1) + "4111111111111111.5555555555554444",
      "\1le=0.6400000000000001\nid=3f2504e0-4f89-41d3-9a0c-0305e82c3301\nat=1755856800000\n"};
}

}  // namespace quell::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const quell::ingest::Redactor& redactor = quell::fuzz::Chosen(data[0]);
  const std::string_view text = quell::fuzz::View(data + 1, size - 1);
  quell::fuzz::CheckText(redactor, text);
  quell::fuzz::CheckLabels(redactor, text);
  return 0;
}
