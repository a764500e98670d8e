#include <cmath>

#include "engine/incidents/snapshot_fields.h"
#include "engine/incidents/state.h"

namespace quell::incidents {
namespace {

constexpr std::string_view kKind = "incident_engine";
constexpr std::uint32_t kVersion = 15;
constexpr size_t kRecordBytesMin = 100;  // far below any written record

void PutRecord(ByteWriter& out, const Record& record) {
  PutIncident(out, record.incident);
  for (const auto& [id, state] : record.member_states) {  // one a member, in member order
    out.Put(state.facet);
    out.Put(state.scrape_outage);
    out.Put(state.unseen_at);
    out.Put(static_cast<std::uint8_t>(state.told.has_value()));
    out.Put(state.told.value_or(PageReason::kPaged));
  }
  out.Put(static_cast<std::uint64_t>(record.firing));
  out.Put(record.clear_at);
  out.Put(record.overflow);
  out.Put(static_cast<std::uint64_t>(record.overflow_firing.size()));
  for (const AlertId id : record.overflow_firing) out.Put(id);
  out.Put(static_cast<std::uint64_t>(record.inhibited.size()));
  for (const AlertId id : record.inhibited) out.Put(id);
  out.Put(record.set_apart.has_value());
  out.Put(record.set_apart.value_or(PageReason::kPaged));
  out.Put(record.changed);
  out.Put(record.news);
  out.Put(record.muted);
  out.Put(record.whole);
  out.Put(record.splits);
  out.Put(record.doubts);
  out.Put(record.split_look);
}

Record GetRecord(ByteReader& in) {
  Record record;
  record.incident = GetIncident(in);
  for (const Member& member : record.incident.members) {
    MemberState& state = record.member_states[member.alert.id];
    state.facet = in.Get<std::uint32_t>();
    state.scrape_outage = in.Get<std::uint8_t>() != 0;
    state.unseen_at = in.Get<TimeMs>();
    const bool told = in.Get<std::uint8_t>() != 0;
    const PageReason reason = GetReason(in);
    if (told) state.told = reason;
  }
  record.firing = in.Get<std::uint64_t>();
  record.clear_at = in.Get<TimeMs>();
  record.overflow = in.Get<std::uint64_t>();
  const size_t overflow_firing = in.GetCount(sizeof(AlertId));
  for (size_t i = 0; i < overflow_firing; ++i) record.overflow_firing.insert(in.Get<AlertId>());
  const size_t inhibited = in.GetCount(sizeof(AlertId));
  for (size_t i = 0; i < inhibited; ++i) record.inhibited.insert(in.Get<AlertId>());
  const bool set_apart = in.Get<std::uint8_t>() != 0;
  const PageReason reason = GetReason(in);
  if (set_apart) record.set_apart = reason;
  record.changed = in.Get<std::uint8_t>() != 0;
  record.news = in.Get<std::uint8_t>() != 0;
  record.muted = in.Get<std::uint8_t>() != 0;
  record.whole = in.Get<std::uint8_t>() != 0;
  record.splits = in.Get<std::uint32_t>();
  record.doubts = in.Get<std::uint32_t>();
  record.split_look = in.Get<TimeMs>();
  return record;
}

// What the code relies on, so that damaged bytes do no more than fail to load.
bool Sound(const Record& record) {
  const std::vector<Member>& members = record.incident.members;
  size_t firing = 0;
  AlertId before = 0;
  for (const Member& member : members) {
    if (member.alert.id <= before) return false;
    before = member.alert.id;
    if (member.alert.ends_at == 0) ++firing;
    if (record.member_states.at(member.alert.id).facet > members.size()) return false;
  }
  const bool open = record.incident.state == IncidentState::kHeld ||
                    record.incident.state == IncidentState::kOpen;
  return !members.empty() && firing == record.firing && open;
}

Error Damaged(std::string_view what) {
  return MakeError(ErrorCode::kCorrupt, "incident_engine state: " + std::string(what));
}

}  // namespace

void IncidentEngine::State::Save(ByteWriter& out) const {
  out.PutString(kKind);
  out.Put(kVersion);
  out.Put(now);
  out.Put(step_ms);
  out.Put(grid_now);
  out.Put(next_id);
  out.Put(scrape_outage_at);
  out.Put(groups_lately.value);
  out.Put(groups_lately.at);
  out.Put(static_cast<std::uint64_t>(open.size()));
  for (const auto& [id, record] : open) PutRecord(out, record);
  out.Put(static_cast<std::uint64_t>(by_fingerprint.size()));
  for (const auto& [fingerprint, last] : by_fingerprint) {
    out.Put(fingerprint);
    out.Put(last.incident);
    out.Put(last.alert);
  }
  out.Put(static_cast<std::uint64_t>(apart.size()));
  for (const auto& [elder, younger] : apart) {
    out.Put(elder);
    out.Put(younger);
  }
  changes.Save(out);
  silences.Save(out);
  flaps.Save(out);
  history.Save(out);
  received.Save(out);
  feedback.Save(out);
  topology.Save(out);
  suppression.Save(out);
}

Status IncidentEngine::State::Load(ByteReader& in) {
  if (in.GetString() != kKind) return Damaged("not a snapshot of this kind");
  const auto version = in.Get<std::uint32_t>();
  if (in.ok() && version != kVersion) {
    return MakeError(ErrorCode::kUnsupported,
                     "incident_engine state has version " + std::to_string(version) +
                         ", this program reads " + std::to_string(kVersion));
  }
  now = in.Get<TimeMs>();
  step_ms = in.Get<DurationMs>();
  grid_now = in.Get<TimeMs>();
  next_id = in.Get<IncidentId>();
  scrape_outage_at = in.Get<TimeMs>();
  groups_lately.value = in.Get<double>();
  groups_lately.at = in.Get<TimeMs>();
  if (!std::isfinite(groups_lately.value)) return Damaged("the count of groups is not a number");
  const size_t records = in.GetCount(kRecordBytesMin);
  for (size_t i = 0; i < records && in.ok(); ++i) {
    Record record = GetRecord(in);
    if (!in.ok() || !Sound(record)) return Damaged("an incident does not decode");
    const IncidentId id = record.incident.id;
    for (const Member& member : record.incident.members) incident_of[member.alert.id] = id;
    for (const AlertId alert : record.overflow_firing) incident_of[alert] = id;
    if (!open.emplace(id, std::move(record)).second) return Damaged("an incident appears twice");
  }
  const size_t fingerprints = in.GetCount(24);
  for (size_t i = 0; i < fingerprints && in.ok(); ++i) {
    const auto fingerprint = in.Get<std::uint64_t>();
    Last last;
    last.incident = in.Get<IncidentId>();
    last.alert = in.Get<AlertId>();
    if (!open.contains(last.incident)) return Damaged("a fingerprint points nowhere");
    by_fingerprint[fingerprint] = last;
  }
  const size_t pairs = in.GetCount(16);
  for (size_t i = 0; i < pairs && in.ok(); ++i) {
    const auto elder = in.Get<IncidentId>();
    apart.emplace(elder, in.Get<IncidentId>());
  }
  changes.Load(in);
  if (!silences.Load(in)) return Damaged("a silence does not decode");
  flaps.Load(in);
  history.Load(in);
  if (!received.Load(in)) return Damaged("lanes of received alerts do not decode");
  if (!feedback.Load(in)) return Damaged("feedback does not decode");
  if (!topology.Load(in)) return Damaged("the topology does not decode");
  noise.Learn(feedback);
  suppression.Load(in);
  if (!in.ok()) return Damaged("it is cut short");
  return Ok{};
}

}  // namespace quell::incidents
