// Save and Load of the pipeline: header, then every part in one order.
#include "core/hash.h"
#include "engine/incidents/snapshot_fields.h"
#include "engine/pipeline/pipeline.h"

namespace quell::pipeline {
namespace {

constexpr std::string_view kMagic = "QSNP";
// 1 knew no native histograms, 2 no retired series, 3 no relevance, 4 no policy counters,
// 5 no forecasts, 6 no drift, 7 no adoptions, 8 no explanations, 9 not what subsided, 10 no
// flatlines, 11 no adopted scales, 12 no alerts of others, 13 no pages, 14 not when alerts of
// others were decided upon, 15 no adopted times of day,
// 16 no calendar, 17 no outcomes, 18 no demand of a place, 19 no bounds of mutes, no digest and no
// outage of monitoring, 20 not what people did, 21 no scrape targets, 22 nothing held
// for want of evidence.
constexpr std::uint32_t kVersion = 23;

}  // namespace

std::string Pipeline::OptionsDigest() const {
  // What changes the meaning of saved slots: the grid and the definitions in order.
  std::string text = std::to_string(options_.signals.step_ms) + '/' +
                     std::to_string(options_.signals.discover ? 1 : 0);
  for (const signals::SignalDef& def : options_.definitions) {
    text += '/' + def.name + '|' + std::to_string(static_cast<int>(def.kind));
    for (const auto* selector : {&def.bad, &def.total, &def.selector}) {
      text += '|' + (selector->has_value() ? (*selector)->ToString() : std::string());
    }
    for (const std::string& label : def.by) text += '|' + label;
  }
  text += zones_.Digest();
  return Sha256Hex(text);
}

void Pipeline::SaveAlerts(ByteWriter& out) const {
  for (const auto* alerts : {&open_alerts_, &missing_alerts_, &flat_alerts_}) {
    out.Put(static_cast<std::uint64_t>(alerts->size()));
    for (const auto& [slot, alert] : *alerts) {
      out.Put(slot);
      incidents::PutAlert(out, alert);
    }
  }
  out.Put(outage_since_);
  out.Put(static_cast<std::uint8_t>(outage_alert_.has_value()));
  if (outage_alert_) incidents::PutAlert(out, *outage_alert_);
  target_outages_.Save(out);
  weak_.Save(out);
}

bool Pipeline::LoadAlerts(ByteReader& in) {
  for (auto* alerts : {&open_alerts_, &missing_alerts_, &flat_alerts_}) {
    const size_t count = in.GetCount(8);
    for (size_t i = 0; i < count && in.ok(); ++i) {
      const auto slot = in.Get<std::uint32_t>();
      (*alerts)[slot] = incidents::GetAlert(in);
    }
  }
  outage_since_ = in.Get<TimeMs>();
  if (in.Get<std::uint8_t>() != 0) outage_alert_ = incidents::GetAlert(in);
  return target_outages_.Load(in) && weak_.Load(in);
}

void Pipeline::SaveEarly(ByteWriter& out) const {
  out.PutArray(early_);
  out.Put(static_cast<std::uint64_t>(early_histograms_.size()));
  for (const EarlyHistogram& early : early_histograms_) {
    out.Put(early.series);
    out.Put(early.sample.time);
    out.Put(early.sample.count);
    out.Put(early.sample.sum);
    out.Put(early.sample.gauge);
    out.Put(early.sample.stale);
    out.PutArray(early.sample.buckets);
  }
}

void Pipeline::LoadEarly(ByteReader& in) {
  early_ = in.GetArray<EarlySample>();
  early_histograms_.resize(in.GetCount(38));
  for (EarlyHistogram& early : early_histograms_) {
    early.series = in.Get<signals::SeriesId>();
    early.sample.time = in.Get<TimeMs>();
    early.sample.count = in.Get<double>();
    early.sample.sum = in.Get<double>();
    early.sample.gauge = in.Get<bool>();
    early.sample.stale = in.Get<bool>();
    early.sample.buckets = in.GetArray<ingest::HistogramBucket>();
  }
}

std::vector<std::uint64_t*> Pipeline::CounterFields() {
  PipelineCounters& c = counters_;
  PolicyCounters& p = policy_counters_;
  std::vector<std::uint64_t*> out = {&c.steps,
                                     &c.points,
                                     &c.alerts,
                                     &c.pages,
                                     &c.resolves,
                                     &c.suppressed,
                                     &c.rests_on_one_point,
                                     &c.above_threshold,
                                     &c.subsided,
                                     &c.gradual,
                                     &c.few_requests,
                                     &c.adopted,
                                     &c.rescaled,
                                     &c.retimed,
                                     &c.bad_records,
                                     &p.wrong_direction,
                                     &p.below_min_deviation,
                                     &p.hardly_slower,
                                     &p.nobody_cares,
                                     &p.outside_hours,
                                     &p.flatline,
                                     &p.regional_demand};
  for (std::uint64_t& outcome : c.outcomes) out.push_back(&outcome);
  return out;
}

void Pipeline::SaveReceived(ByteWriter& out) const {
  received_.Save(out);
  out.Put(received_used_);
  out.Put(silences_moved_);
  out.Put(incidents_now_);
  out.Put(received_stepped_);
  out.Put(counters_.received_alerts);
  out.Put(counters_.silenced);
}

bool Pipeline::LoadReceived(ByteReader& in) {
  if (!received_.Load(in)) return false;
  received_used_ = in.Get<std::uint8_t>() != 0;
  silences_moved_ = in.Get<std::uint8_t>() != 0;
  incidents_now_ = in.Get<TimeMs>();
  received_stepped_ = in.Get<TimeMs>();
  counters_.received_alerts = in.Get<std::uint64_t>();
  counters_.silenced = in.Get<std::uint64_t>();
  return true;
}

std::string Pipeline::Save() {
  Settle();
  ByteWriter out;
  out.PutString(kMagic);
  out.PutString("pipeline");
  out.Put(kVersion);
  out.PutString(OptionsDigest());
  out.Put(event_time_);
  out.Put(next_step_end_);
  out.Put(next_alert_);
  out.Put(next_effect_);
  SaveEarly(out);
  signals_.Save(out);
  out.PutArray(intervals_);
  bank_.Save(out);
  tracker_.Save(out);
  recurrence_.Save(out);
  relevance_.Save(out);
  demand_.Save(out);
  adoptions_.Save(out);
  time_runs_.Save(out);
  incidents_.Save(out);
  pages_.Save(out);
  digest_.Save(out);
  people_.Save(out);
  SaveAlerts(out);
  forecasts_.Save(out);
  drifts_.Save(out);
  flatlines_.Save(out);
  SaveReceived(out);
  for (const std::uint64_t* value : CounterFields()) out.Put(*value);
  out.Put(Crc32c(out.bytes()));
  return out.Take();
}

Status Pipeline::Load(std::string_view snapshot) {
  const Error corrupt = MakeError(ErrorCode::kCorrupt, "snapshot does not decode");
  if (snapshot.size() < 4) return corrupt;
  ByteReader crc(snapshot.substr(snapshot.size() - 4));
  snapshot.remove_suffix(4);
  if (crc.Get<std::uint32_t>() != Crc32c(snapshot)) {
    return MakeError(ErrorCode::kCorrupt, "snapshot checksum does not match");
  }
  ByteReader in(snapshot);
  if (in.GetString() != kMagic || in.GetString() != "pipeline") return corrupt;
  const auto version = in.Get<std::uint32_t>();
  if (version != kVersion) {
    return MakeError(ErrorCode::kUnsupported, "snapshot version " + std::to_string(version) +
                                                  ", this program reads version " +
                                                  std::to_string(kVersion));
  }
  if (in.GetString() != OptionsDigest()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "snapshot was taken under other signal definitions or another step");
  }
  event_time_ = in.Get<TimeMs>();
  next_step_end_ = in.Get<TimeMs>();
  next_alert_ = in.Get<incidents::AlertId>();
  next_effect_ = in.Get<std::uint64_t>();
  LoadEarly(in);
  QUELL_TRY(signals_.Load(in));
  const std::vector<DurationMs> intervals = in.GetArray<DurationMs>();
  QUELL_ASSIGN(detectors::DetectorBank bank, detectors::DetectorBank::Load(in));
  bank_ = std::move(bank);
  if (bank_.size() != intervals.size() || bank_.size() > signals_.signals().size()) return corrupt;
  intervals_ = intervals;
  for (std::uint32_t slot = 0; slot < bank_.size(); ++slot) {
    population_.push_back(signals_.signals()[slot].labels);
    last_verdicts_.emplace_back().slot = slot;
    last_shown_.push_back(0);
    tells_calls_.push_back(TellsCalls(slot));
    NotePlace(slot);
    parents_.Add(slot, signals_.Definition(slot).kind, signals_.signals()[slot].labels);
    // What an operator may have edited since.
    const signals::SignalDef& def = signals_.Definition(slot);
    const auto& policy =
        policies_.Add(def, signals_.signals()[slot].definition, signals_.signals()[slot].labels);
    bank_.SetPolicy(slot, policy.deviation, policy.static_limit);
  }
  tracker_.Load(in);
  recurrence_.Load(in);
  relevance_.Load(in);
  demand_.Load(in);
  if (!adoptions_.Load(in) || !time_runs_.Load(in, bank_.size())) return corrupt;
  QUELL_ASSIGN(incidents_, incidents::IncidentEngine::Load(in, options_.incidents));
  if (!pages_.Load(in) || !digest_.Load(in) || !people_.Load(in)) return corrupt;
  if (!LoadAlerts(in)) return corrupt;
  if (!forecasts_.Load(in, signals_) || !drifts_.Load(in, bank_.size()) ||
      !flatlines_.Load(in, bank_.size()) || !LoadReceived(in)) {
    return corrupt;
  }
  for (std::uint64_t* value : CounterFields()) *value = in.Get<std::uint64_t>();
  if (!in.ok() || !in.AtEnd()) return corrupt;
  return Ok{};
}

}  // namespace quell::pipeline
