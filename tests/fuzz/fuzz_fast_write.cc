// The fast path against the reference decoder: whatever the fast path takes, the reference takes as
// a whole and alike, sample by sample; on first sight and when the series are known. The first
// byte chooses the protocol, and whether the rest is the unpacked message or a program that writes
// one: mostly valid messages with a twist, which random bytes would hardly ever be.
#include <bit>
#include <memory>
#include <tuple>
#include <vector>

#include "ingest/fast_decoder.h"
#include "ingest/proto/remote_write_v1.pb.h"
#include "ingest/proto/remote_write_v2.pb.h"
#include "ingest/series_records.h"
#include "ingest/wire_cursor.h"
#include "tests/fuzz/fuzz_target.h"

namespace quell::fuzz {
namespace {

constexpr TimeMs kNow = 1755856800000;

class AdmitAll final : public ingest::SeriesPolicy {
 public:
  bool Admit(Labels&, ingest::SeriesType) override { return true; }
};

// Series (as its definition), time and value bits.
using Rows = std::vector<std::tuple<std::string, TimeMs, std::uint64_t>>;

void AddHistogram(Rows& rows, std::string_view definition, const ingest::HistogramSample& from) {
  std::string text;
  ingest::BatchWriter writer(text, 0);
  writer.Histograms(1);
  writer.Histogram(0, from);
  rows.emplace_back(std::string(definition) + text, from.time, from.buckets.size());
}

Rows RowsOf(const ingest::KeptBatch& batch) {
  Rows rows;
  for (const auto& entry : batch.samples) {
    rows.emplace_back(entry.series->definition, entry.time,
                      std::bit_cast<std::uint64_t>(entry.value));
  }
  for (const auto& entry : batch.histograms)
    AddHistogram(rows, entry.series->definition, entry.histogram);
  return rows;
}

Rows RowsOf(const ingest::SampleBatch& batch) {
  Rows rows;
  for (const auto& series : batch.series) {
    const std::string definition =
        ingest::DefinitionBody(ingest::SeriesType::kFloat, series.labels);
    for (std::uint32_t i = series.begin; i < series.end; ++i) {
      rows.emplace_back(definition, batch.samples[i].time,
                        std::bit_cast<std::uint64_t>(batch.samples[i].value));
    }
  }
  for (const auto& series : batch.series) {
    const std::string definition =
        ingest::DefinitionBody(ingest::SeriesType::kHistogram, series.labels);
    for (std::uint32_t i = series.histograms_begin; i < series.histograms_end; ++i) {
      AddHistogram(rows, definition, batch.histograms[i]);
    }
  }
  return rows;
}

void Check(ingest::WriteProtocol protocol, std::string_view message) {
  constexpr int kRunsOfARegistry = 512;
  static AdmitAll policy;
  static std::unique_ptr<ingest::SeriesRegistry> registry;
  static int runs = 0;
  if (runs++ % kRunsOfARegistry == 0) {
    registry = std::make_unique<ingest::SeriesRegistry>(ingest::SeriesLimits{}, policy, 7);
  }
  static ingest::FastDecoder fast{ingest::RemoteWriteLimits{}};
  static ingest::RemoteWriteDecoder reference{ingest::RemoteWriteLimits{}};
  for (int pass = 0; pass < 2; ++pass) {
    ingest::KeptBatch batch;
    ingest::WriteTally tally;
    if (!fast.Decode(protocol, message, kNow, *registry, batch, tally)) return;
    const ingest::WriteOutcome outcome = reference.DecodeMessage(protocol, message, kNow);
    FUZZ_REQUIRE(outcome.status == 204);
    FUZZ_REQUIRE(tally.series_refused == 0);
    FUZZ_REQUIRE(outcome.samples_written == tally.samples_written);
    FUZZ_REQUIRE(outcome.histograms_written == tally.histograms_written);
    FUZZ_REQUIRE(outcome.exemplars_written == tally.exemplars_written);
    FUZZ_REQUIRE(RowsOf(batch) == RowsOf(outcome.batch));
  }
}

// A program's bytes, one at a time; zeros behind its end.
class Program {
 public:
  explicit Program(std::string_view bytes) : rest_(bytes) {}
  unsigned Next() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  [[nodiscard]] bool AtEnd() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

const char* const kTexts[] = {"__name__", "a", "b", "c", "", "x", "\xff", "psp", "\xc3\xa9", "le"};
constexpr unsigned kTextCount = 10;

// A nested message; now and then with an odd field in it.
void Nested(ingest::WireWriter& out, std::uint32_t number, std::string inner, unsigned twist) {
  ingest::WireWriter more(inner);
  if (twist == 1) more.Bytes(15, "odd");
  if (twist == 2) more.Double(1, 2.5);
  if (twist == 3) more.Varint(0x10), more.Varint(3);
  if (twist == 4) inner.append("\x10\x81\x80\x00", 4);
  if (twist == 5 && !inner.empty()) inner.pop_back();
  out.Bytes(number, inner);
}

std::string SampleOf(Program& program, bool v2) {
  std::string sample;
  ingest::WireWriter out(sample);
  const unsigned choice = program.Next();
  const auto time = static_cast<std::uint64_t>(
      choice % 16 == 15 ? -5 : kNow + (choice % 16 == 14 ? 11 * kMinuteMs : choice));
  const auto write_time = [&] { out.Varint(0x10), out.Varint(time); };
  if (choice % 16 == 13) write_time();
  if (choice % 16 != 12) out.Double(1, choice);
  if (choice % 16 != 11) write_time();
  if (choice % 16 == 10 && v2) out.Varint(0x18), out.Varint(9);
  return sample;
}

// An integer histogram with two buckets, and the oddities of a byte.
std::string HistogramOf(Program& program) {
  std::string histogram;
  ingest::WireWriter out(histogram);
  const unsigned choice = program.Next();
  out.Varint(0x08), out.Varint(choice % 16 == 1 ? 4 : 3);  // count
  out.Double(3, choice);                                   // sum
  out.Varint(0x20), out.Varint(choice % 16 == 2 ? 200 : 2 * (choice % 8));
  std::string span("\x08\x02\x10\x02", 4);
  out.Bytes(11, span);
  out.Bytes(12, std::string("\x02\x02", 2));
  if (choice % 16 == 3) out.Bytes(8, span);
  out.Varint(0x78), out.Varint(choice % 16 == 4 ? 1ULL << 62U : kNow);
  return histogram;
}

std::string ExemplarOf(Program& program, bool v2) {
  std::string exemplar;
  ingest::WireWriter out(exemplar);
  const unsigned choice = program.Next();
  if (v2) {
    std::string refs;
    ingest::WireWriter packed(refs);
    for (unsigned i = 0; i < choice % 5; ++i) packed.Varint((choice / 4 + i) % 14);
    if (choice % 32 != 31) out.Bytes(1, refs);
  } else if (choice % 4 != 0) {
    std::string label;
    ingest::WireWriter pair(label);
    pair.Bytes(1, kTexts[choice % kTextCount]);
    pair.Bytes(2, kTexts[choice / 16 % kTextCount]);
    out.Bytes(1, label);
  }
  if (choice % 8 != 7) out.Double(2, choice);
  out.Varint(0x18), out.Varint(choice % 64 == 63 ? 1ULL << 62U : kNow);
  return exemplar;
}

// Exemplars and histograms of a series, in the order of the protocol's field numbers.
void Extras(ingest::WireWriter& out, Program& program, bool v2, unsigned twist) {
  const auto exemplars = [&] {
    if (twist % 4 == 1) Nested(out, v2 ? 4 : 3, ExemplarOf(program, v2), program.Next() % 32);
  };
  if (!v2) exemplars();
  if (twist % 8 >= 5) Nested(out, v2 ? 3 : 4, HistogramOf(program), program.Next() % 32);
  if (v2) exemplars();
}

std::string SeriesV1(Program& program) {
  std::string series;
  ingest::WireWriter out(series);
  const unsigned labels = program.Next() % 5;
  for (unsigned i = 0; i < labels; ++i) {
    std::string label;
    ingest::WireWriter pair(label);
    const unsigned choice = program.Next();
    pair.Bytes(1, i == 0 && choice < 250 ? "__name__" : kTexts[choice % kTextCount]);
    if (choice % 16 != 15) pair.Bytes(2, kTexts[choice / 16 % kTextCount]);
    Nested(out, 1, label, choice == 7 ? program.Next() : 0);
  }
  const unsigned samples = program.Next() % 4;
  for (unsigned i = 0; i < samples; ++i) {
    Nested(out, 2, SampleOf(program, false), program.Next() % 32);
  }
  Extras(out, program, false, program.Next());
  return series;
}

std::string SeriesV2(Program& program) {
  std::string series;
  std::string refs;
  ingest::WireWriter out(series);
  ingest::WireWriter packed(refs);
  const unsigned labels = program.Next() % 5;
  for (unsigned i = 0; i < labels; ++i) {
    const unsigned choice = program.Next();
    packed.Varint(i == 0 && choice < 250 ? 1 : choice % (kTextCount + 2));
    if (choice != 77) packed.Varint(choice / 8 % (kTextCount + 1));
  }
  const unsigned twist = program.Next() % 32;
  if (twist != 1) out.Bytes(1, refs);
  if (twist == 2) out.Bytes(1, refs);
  if (twist == 3) out.Varint(0x08), out.Varint(1);
  const unsigned samples = program.Next() % 4;
  for (unsigned i = 0; i < samples; ++i) {
    Nested(out, 2, SampleOf(program, true), program.Next() % 32);
  }
  Extras(out, program, true, program.Next());
  if (twist > 16) {
    std::string metadata;
    ingest::WireWriter inner(metadata);
    const unsigned choice = program.Next();
    if (choice % 2 == 0) inner.Varint(0x08), inner.Varint(choice % 9);
    inner.Varint(0x18), inner.Varint(choice % 13);
    if (choice % 4 == 0) inner.Varint(0x20), inner.Varint(choice / 16);
    Nested(out, 5, metadata, choice % 16);
  }
  if (twist == 20) out.Varint(0x30), out.Varint(kNow);
  return series;
}

std::string Written(Program program, bool v2) {
  std::string message;
  ingest::WireWriter out(message);
  if (v2) {
    out.Bytes(4, "");
    for (const char* text : kTexts) out.Bytes(4, text);
  }
  while (!program.AtEnd()) {
    const unsigned twist = program.Next() % 32;
    if (twist == 1) out.Bytes(3, "metadata");
    if (twist == 2) out.Bytes(4, "late");
    if (twist == 3) out.Varint(0x38), out.Varint(1);
    if (v2) {
      Nested(out, 5, SeriesV2(program), twist == 4 ? program.Next() : 0);
    } else {
      Nested(out, 1, SeriesV1(program), twist == 4 ? program.Next() : 0);
    }
  }
  return message;
}

std::string SeedV1() {
  wire::v1::WriteRequest request;
  for (int i = 0; i < 3; ++i) {
    auto* series = request.add_timeseries();
    for (const auto* name : {"__name__", "instance", "job"}) {
      auto* label = series->add_labels();
      label->set_name(name);
      label->set_value("v" + std::to_string(i));
    }
    for (int j = 0; j <= i; ++j) {
      auto* sample = series->add_samples();
      sample->set_value(i - 1);
      sample->set_timestamp(kNow - j);
    }
  }
  return request.SerializeAsString();
}

std::string SeedV2() {
  wire::v2::Request request;
  for (const auto* symbol : {"", "__name__", "up", "job", "psp", "help"}) {
    request.add_symbols(symbol);
  }
  for (const std::uint32_t value : {2U, 4U}) {
    auto* series = request.add_timeseries();
    for (const std::uint32_t ref : {1U, value, 3U, 4U}) series->add_labels_refs(ref);
    auto* sample = series->add_samples();
    sample->set_value(0.5);
    sample->set_timestamp(kNow);
    series->mutable_metadata()->set_help_ref(5);
  }
  return request.SerializeAsString();
}

}  // namespace

std::vector<std::string> Seeds() {
  std::string program = "\2";
  for (int i = 0; i < 120; ++i) program += static_cast<char>(i * 37 % 251);
  std::string other = program;
  other[0] = '\3';
  return {'\0' + SeedV1(),
          '\1' + SeedV2(),
          std::string("\0\x1a\x05\x08\x01\x12\x01x", 8),
          std::string("\1\x22\x00", 3),
          program,
          other};
}

}  // namespace quell::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = quell::fuzz::View(data, size);
  if (input.empty()) return 0;
  const bool v2 = input[0] % 2 != 0;
  const bool is_program = (input[0] & 2) != 0;
  const std::string_view rest = input.substr(1);
  quell::fuzz::Check(
      v2 ? quell::ingest::WriteProtocol::kV2 : quell::ingest::WriteProtocol::kV1,
      is_program ? quell::fuzz::Written(quell::fuzz::Program(rest), v2) : std::string(rest));
  return 0;
}
