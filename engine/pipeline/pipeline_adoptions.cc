// What the pipeline does when a lasting shift became the new normal, and when that is undone.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/pipeline/adoptions.h"
#include "engine/pipeline/pipeline.h"

namespace quell::pipeline {

using detectors::AdoptedShift;
using detectors::ShiftKind;
using detectors::SignalKind;

namespace {

bool IsLevel(ShiftKind kind) { return kind == ShiftKind::kLevel || kind == ShiftKind::kNewNormal; }

}  // namespace

AdoptionRow Pipeline::RowOf(const Adoption& adoption) const {
  const std::uint32_t slot = adoption.what.slot;
  const signals::SignalDef& def = signals_.Definition(slot);
  // But for levels a latency is told by its share of slow requests: no latency stands for it.
  const bool of_share = !IsLevel(adoption.what.what) && def.kind == SignalKind::kQuantile;
  return {adoption, def.name, def.what, of_share ? "ratio" : def.unit,
          signals_.signals()[slot].labels};
}

void Pipeline::Adopt(const AdoptedShift& adopted, TimeMs now, const std::string& by) {
  const bool level = IsLevel(adopted.what);
  ++(level ? counters_.adopted : counters_.rescaled);
  Adoption adoption;
  adoption.at = now;
  adoption.what = adopted;
  if (level && signals_.Definition(adopted.slot).kind == SignalKind::kQuantile) {
    // Verdicts about latency are about a share of requests; what is told is a latency.
    adoption.what.from = signals_.Usual(adopted.slot, 0, 0).expected;
    adoption.what.to = relevance_.LatestShown(adopted.slot, adoption.what.from);
  }
  const AdoptionRow row =
      RowOf(adoptions_.Add(std::move(adoption), signals_.signals()[adopted.slot].labels));
  Emit(store::EffectKind::kDecision, now, row.adoption.id, AdoptionJson("adopted", now, row),
       {.what = "adopted", .actor = by, .by_people = adopted.what == ShiftKind::kNewNormal});
  if (!level) return;
  // What is beyond an absolute limit stays an alert, however usual it is.
  if (last_verdicts_[adopted.slot].reason == detectors::VerdictReason::kBeyondLimit) return;
  if (tracker_.Abandon(adopted.slot) == AlarmDecision::kClosed) Clear(adopted.slot, now);
}

void Pipeline::AdoptTimes(TimeMs now) {
  for (auto& [slot, run] : time_runs_.TakeEnded(now)) {
    Adoption adoption;
    adoption.at = now;
    adoption.quarters = run.quarters;
    adoption.cells = std::move(run.cells);
    AdoptedShift& what = adoption.what;
    what = {.slot = slot, .what = ShiftKind::kTime, .from = run.from, .to = run.to};
    // Learned on the third day in a row at the latest; alerts may have come weekly.
    what.since = std::min(run.begins - 2 * kDayMs,
                          recurrence_.FirstLike(slot, run.begins, run.to - run.from));
    if (adoptions_.Continue(adoption)) continue;
    ++counters_.retimed;
    const AdoptionRow row =
        RowOf(adoptions_.Add(std::move(adoption), signals_.signals()[slot].labels));
    Emit(store::EffectKind::kDecision, now, row.adoption.id, AdoptionJson("adopted", now, row),
         {"adopted"});
  }
  for (const detectors::RetaughtQuarter& quarter : bank_.Retaught()) time_runs_.Add(quarter, now);
}

std::vector<AdoptionRow> Pipeline::LatestAdoptions(size_t limit) {
  Settle();
  std::vector<AdoptionRow> out;
  const auto& latest = adoptions_.latest();
  for (auto at = latest.rbegin(); at != latest.rend() && out.size() < limit; ++at) {
    out.push_back(RowOf(*at));
  }
  return out;
}

Status Pipeline::CheckAdoption(std::string_view id) {
  Settle();
  const auto found = adoptions_.InForce(id);
  return found.ok() ? Status(Ok{}) : Status(found.error());
}

Status Pipeline::UndoAdoption(std::string_view id, const std::string& by) {
  Settle();
  QUELL_ASSIGN(const Adoption* found, adoptions_.InForce(id));
  const AdoptedShift& what = found->what;
  switch (what.what) {
    case ShiftKind::kLevel:
    case ShiftKind::kNewNormal:
      bank_.UndoLevel(what.slot, what.shift, what.variance);
      break;
    case ShiftKind::kScale:
      bank_.UndoScale(what.slot, what.noises);
      break;
    case ShiftKind::kTime:
      bank_.UndoTime(what.slot, found->cells);
      break;
  }
  const AdoptionRow row = RowOf(adoptions_.MarkUndone(id, event_time_));
  Emit(store::EffectKind::kDecision, event_time_, row.adoption.id,
       AdoptionJson("adoption_undone", event_time_, row),
       {.what = "adoption_undone", .actor = by, .by_people = true});
  return Ok{};
}

Result<std::vector<NewNormalRow>> Pipeline::PreviewNormal(std::string_view incident) {
  Settle();
  const auto open = incidents_.Open();
  const auto found = std::find_if(open.begin(), open.end(), [&](const incidents::Incident* one) {
    return one->key == incident;
  });
  if (found == open.end()) {
    return MakeError(ErrorCode::kNotFound, "incident " + std::string(incident) + " is not open");
  }
  std::vector<NewNormalRow> rows;
  for (const auto& [slot, alert] : open_alerts_) {
    const auto& members = (*found)->members;
    const bool of_it = std::any_of(members.begin(), members.end(),
                                   [id = alert.id](const auto& it) { return it.alert.id == id; });
    if (!of_it) continue;
    NewNormalRow row{alert.signal, alert.what, alert.unit, alert.unit, alert.fingerprint,
                     alert.labels, 0,          {},         false};
    row.preview = bank_.PreviewLevel(slot, next_step_end_);
    row.now = LastReading(slot).value;
    row.stays = last_verdicts_[slot].reason == detectors::VerdictReason::kBeyondLimit;
    if (alert.kind == SignalKind::kQuantile) {
      row.band_unit = "ratio";
      row.preview.adopted.from = signals_.Usual(slot, 0, 0).expected;
      row.preview.adopted.to = relevance_.LatestShown(slot, row.preview.adopted.from);
    }
    if (row.preview.adopted.since != 0) rows.push_back(std::move(row));
  }
  if (!rows.empty()) return rows;
  return MakeError(ErrorCode::kInvalidArgument,
                   "incident " + std::string(incident) +
                       ": none of its signals deviates now from what is expected of it");
}

Status Pipeline::SayNormal(const SaidNormal& said, TimeMs received) {
  QUELL_ASSIGN(const std::vector<NewNormalRow> rows, PreviewNormal(said.incident));
  const TimeMs at = std::max(received, incidents_now_);
  const nlohmann::ordered_json told = {{"at", FormatRfc3339(at)},
                                       {"decision", "people_new_normal"},
                                       {"incident", said.incident},
                                       {"by", said.by},
                                       {"signals", rows.size()}};
  Emit(store::EffectKind::kDecision, at, said.incident,
       told.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace),
       {.what = "people_new_normal",
        .actor = said.by,
        .detail = std::to_string(rows.size()) + " signals",
        .by_people = true});
  step_ = {};
  step_.between = true;
  for (const NewNormalRow& row : rows) {
    Adopt(bank_.AdoptLevel(row.preview.adopted.slot), event_time_, said.by);
  }
  StepIncidents(event_time_, false);  // what is normal is over
  return Ok{};
}

Status Pipeline::ApplyToAdoptions(const ingest::JournalRecord& record) {
  if (const auto said = ParseSaidNormal(record.payload); said.ok()) {
    return SayNormal(*said, record.received_ms);
  }
  QUELL_ASSIGN(const UndoneAdoption undo, ParseUndoAdoption(record.payload));
  return UndoAdoption(undo.id, undo.by);
}

}  // namespace quell::pipeline
