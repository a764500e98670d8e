// State of a bank as bytes: docs/formats/detector_bank.md.
#include "detectors/bank_state.h"

namespace quell::detectors {
namespace {

constexpr std::uint32_t kMagic = 0x424C4C51;  // "QLLB"
constexpr std::string_view kKind = "detector_bank";
// 1 knew no offset of logarithms, 2 no undoing, 3 no rows of a node, 4 no siblings; 5 had wide
// seasons, 6 knew no scale, 7 no lessons that wait, 8 no undoing of a time of day,
// 9 no calendar, 10 nothing of what was announced.
constexpr std::uint32_t kVersion = 11;
constexpr size_t kSpecBytes = 1 + 1 + 8 + 8 + 4 + 8 + 8 + 8 + 8;

Error Corrupt(const std::string& what) {
  return MakeError(ErrorCode::kCorrupt, "detector bank: " + what);
}

void SaveOptions(const BankOptions& o, ByteWriter& out) {
  out.Put(o.seed);
  for (const DurationMs span : {o.fast_half_life_ms, o.slow_half_life_ms, o.adopt_after_ms,
                                o.forest_refit_ms, o.forest_install_delay_ms}) {
    out.Put(span);
  }
  out.Put(static_cast<std::int32_t>(o.forest_trees));
  out.Put(static_cast<std::int32_t>(o.forest_sample));
}

BankOptions LoadOptions(ByteReader& in) {
  BankOptions o;
  o.seed = in.Get<std::uint64_t>();
  for (DurationMs* span : {&o.fast_half_life_ms, &o.slow_half_life_ms, &o.adopt_after_ms,
                           &o.forest_refit_ms, &o.forest_install_delay_ms}) {
    *span = in.Get<DurationMs>();
  }
  o.forest_trees = in.Get<std::int32_t>();
  o.forest_sample = in.Get<std::int32_t>();
  return o;
}

void SaveSpec(const SignalSpec& spec, ByteWriter& out) {
  out.Put(spec.kind);
  out.Put(spec.policy.direction);
  out.Put(spec.policy.min_abs_deviation);
  out.Put(spec.policy.min_rel_deviation);
  out.Put(spec.group);
  out.Put(spec.interval_ms);
  out.Put(spec.utc_offset_ms);
  out.Put(spec.static_limit);
  for (const std::uint32_t parent : spec.parents) out.Put(parent);
}

bool LoadSpec(ByteReader& in, SignalSpec& spec) {
  const auto kind = in.Get<std::uint8_t>();
  const auto direction = in.Get<std::uint8_t>();
  spec.policy.min_abs_deviation = in.Get<double>();
  spec.policy.min_rel_deviation = in.Get<double>();
  spec.group = in.Get<std::uint32_t>();
  spec.interval_ms = in.Get<DurationMs>();
  spec.utc_offset_ms = in.Get<DurationMs>();
  spec.static_limit = in.Get<double>();
  for (std::uint32_t& parent : spec.parents) parent = in.Get<std::uint32_t>();
  if (kind >= kSignalKinds || direction > static_cast<std::uint8_t>(Direction::kBoth)) return false;
  spec.kind = static_cast<SignalKind>(kind);
  spec.policy.direction = static_cast<Direction>(direction);
  return in.ok() && spec.interval_ms > 0;
}

Status CheckHeader(ByteReader& in) {
  if (in.Get<std::uint32_t>() != kMagic) return Corrupt("no such state (magic differs)");
  const std::string kind = in.GetString();
  if (kind != kKind)
    return Corrupt("state is of kind '" + kind + "', not '" + std::string(kKind) + "'");
  const auto version = in.Get<std::uint32_t>();
  if (!in.ok()) return Corrupt("header is cut off");
  if (version == kVersion) return Ok{};
  return MakeError(ErrorCode::kUnsupported,
                   "detector bank: state has version " + std::to_string(version) +
                       ", this program reads version " + std::to_string(kVersion));
}

}  // namespace

void DetectorBank::Save(ByteWriter& out) const {
  const State& s = *state_;
  out.Put(kMagic);
  out.PutString(kKind);
  out.Put(kVersion);
  SaveOptions(s.options, out);
  out.Put(static_cast<std::uint64_t>(s.specs.size()));
  for (const SignalSpec& spec : s.specs) SaveSpec(spec, out);
  out.PutArray(s.slots);
  out.PutArray(s.cells);
  out.PutArray(s.recent_z);
  for (const TailCalibrator& calibrator : s.detector_tails) calibrator.Save(out);
  for (const TailCalibrator& calibrator : s.fused_tails) calibrator.Save(out);
  out.PutArray(s.families);
  out.PutArray(s.calendars);
  out.PutArray(s.announced);
  s.lessons.Save(out);
  s.forest.Save(out);
  out.Put(s.last_step);
  out.PutArray(s.adopted);
}

Result<DetectorBank> DetectorBank::Load(ByteReader& in) {
  QUELL_TRY(CheckHeader(in));
  QUELL_ASSIGN(DetectorBank bank, Create(LoadOptions(in)));
  State& s = *bank.state_;
  const size_t count = in.GetCount(kSpecBytes);
  for (size_t i = 0; i < count; ++i) {
    SignalSpec spec;
    if (!LoadSpec(in, spec)) return Corrupt("signal " + std::to_string(i) + " does not decode");
    if (std::max(spec.parents[0], spec.parents[1]) > 2 * count) {
      return Corrupt("signal " + std::to_string(i) + " has a parent beyond all numbers");
    }
    s.AddSpec(spec);
  }
  const size_t families = s.families.size();
  const size_t calendars = s.calendars.size();
  const size_t groups = s.forest.size();
  s.slots = in.GetArray<SlotState>();
  s.cells = in.GetArray<SeasonCell>();
  s.recent_z = in.GetArray<float>();
  if (!in.ok() || s.slots.size() != count || s.cells.size() != count * kSeasonCells ||
      s.recent_z.size() != count * kRecentZ) {
    return Corrupt("arrays do not fit " + std::to_string(count) + " signals");
  }
  for (TailCalibrator& calibrator : s.detector_tails) {
    if (!calibrator.Load(in)) return Corrupt("a detector's calibration does not decode");
  }
  for (TailCalibrator& calibrator : s.fused_tails) {
    if (!calibrator.Load(in)) return Corrupt("the joint calibration does not decode");
  }
  s.families = in.GetArray<SiblingPool>();
  if (s.families.size() != families) return Corrupt("siblings do not fit the signals");
  s.calendars = in.GetArray<CalendarPool>();
  if (s.calendars.size() != calendars ||
      !std::all_of(s.calendars.begin(), s.calendars.end(),
                   [](const CalendarPool& pool) { return pool.Sane(); })) {
    return Corrupt("calendars do not fit the signals");
  }
  s.announced = in.GetArray<AnnouncedPool>();
  if (s.announced.size() != calendars ||
      !std::all_of(s.announced.begin(), s.announced.end(),
                   [](const AnnouncedPool& pool) { return pool.Sane(); }) ||
      !std::all_of(s.slots.begin(), s.slots.end(),
                   [](const SlotState& slot) { return slot.announced <= Announced::kHoliday; })) {
    return Corrupt("what was announced does not fit the signals");
  }
  if (!s.lessons.Load(in, s.detector_tails.size() + s.fused_tails.size())) {
    return Corrupt("what is to teach the calibrations does not fit");
  }
  if (!s.forest.Load(in) || s.forest.size() != groups) return Corrupt("the forest does not decode");
  s.last_step = in.Get<TimeMs>();
  s.adopted = in.GetArray<AdoptedShift>();
  if (!in.ok()) return Corrupt("the end is missing");
  s.adopted.reserve(s.slots.size());
  s.retaught_now.reserve(s.slots.size());
  s.scratch.resize(s.slots.size());
  return bank;
}

}  // namespace quell::detectors
