#include "engine/pipeline/pipeline.h"

#include <algorithm>
#include <cmath>

#include "engine/incidents/change_json.h"
#include "engine/paging/notification.h"
#include "engine/pipeline/records.h"
#include "ingest/remote_write.h"

namespace quell::pipeline {
namespace {

using detectors::Verdict;

// Ticks move event time only while the stream is live, i.e. at most this far behind the wall.
constexpr DurationMs kTickReachMs = 5 * kMinuteMs;
// A tick stands for samples that would have been here by now.
constexpr DurationMs kTickLagMs = 60 * kSecondMs;
// How far a sample may be ahead of its receipt and still move event time.
constexpr DurationMs kAheadMs = kMinuteMs;
// Over a longer hole in the data, steps are not closed one by one.
constexpr DurationMs kHoleMs = 6 * kHourMs;
// Decisions of one signal closer than this are about the same evidence: what is odd for nothing
// comes in runs.
constexpr DurationMs kIndependentMs = 3 * kMinuteMs;
constexpr double kThresholdMax = 1e-3;
// Gauges are the farthest from what a customer feels: a tenth of a signal's share is theirs.
constexpr double kGaugeShare = 0.1;
// Tails know noise, not what no model has heard of (a small promotion, a cold cache, a holiday
// nobody announced): up to seven times as many false pages. Noise has a fifth of the budget:
// docs/quality.md.
constexpr double kNoiseShare = 0.2;
// From so many points on, a step is judged aside.
constexpr size_t kJudgedAside = 256;

bool IsAboutModels(std::string_view operation) {
  return operation.starts_with(R"({"operation":"model",)");
}

}  // namespace

class Pipeline::SignalPopulation final : public incidents::Population {
 public:
  explicit SignalPopulation(const std::vector<Labels>& labels) : labels_(labels) {}
  [[nodiscard]] std::span<const Labels> SignalLabels() const override { return labels_; }

 private:
  const std::vector<Labels>& labels_;
};

Result<std::unique_ptr<Pipeline>> Pipeline::Create(const PipelineOptions& options,
                                                   PipelineObserver* observer) {
  const auto out_of_range = [](const char* field, double value, const char* range) {
    return MakeError(ErrorCode::kOutOfRange,
                     std::string(field) + " is " + std::to_string(value) + ", must be " + range);
  };
  if (options.signals.step_ms < kSecondMs) {
    return out_of_range("step (ms)", static_cast<double>(options.signals.step_ms), ">= 1000");
  }
  if (options.lateness_ms < 0) {
    return out_of_range("lateness (ms)", static_cast<double>(options.lateness_ms), ">= 0");
  }
  if (!(options.false_pages_per_week > 0)) {
    return out_of_range("false_pages_per_week", options.false_pages_per_week, "> 0");
  }
  QUELL_ASSIGN(detectors::DetectorBank bank, detectors::DetectorBank::Create(options.bank));
  return std::unique_ptr<Pipeline>(new Pipeline(options, std::move(bank), observer));
}

Pipeline::Pipeline(const PipelineOptions& options, detectors::DetectorBank bank,
                   PipelineObserver* observer)
    : options_(options),
      observer_(observer),
      signals_(options.definitions, options.signals),
      bank_(std::move(bank)),
      zones_(options.zones),
      policies_(options.policies),
      incidents_(options.incidents),
      received_(options.received),
      digest_(options.digest),
      crew_(options.workers > 0 ? options.workers - 1
                                : std::max(1U, std::thread::hardware_concurrency()) - 1) {}

Pipeline::~Pipeline() = default;

void Pipeline::Apply(const ingest::JournalRecord& record) {
  const TimeMs before = event_time_;
  ApplyOne(record);
  StepReceived(record.received_ms);
  if (event_time_ / kHourMs != before / kHourMs) RetireSeries();
}

void Pipeline::ApplyOne(const ingest::JournalRecord& record) {
  switch (record.kind) {
    case ingest::RecordKind::kSamples: {
      const auto batch = ingest::DecodeBatch(record.payload);
      if (!batch.ok()) {
        ++counters_.bad_records;
        return;
      }
      TimeMs newest = event_time_;
      for (const auto& series : batch->series) newest = std::max(newest, Feed(*batch, series));
      AdvanceTo(Believable(newest, record));
      return;
    }
    case ingest::RecordKind::kTick: {
      const TimeMs stands_for = record.received_ms - kTickLagMs;
      if (event_time_ != 0 && stands_for - event_time_ <= kTickReachMs) {
        AdvanceTo(std::max(event_time_, stands_for));
      }
      return;
    }
    case ingest::RecordKind::kChange: {
      const auto change = incidents::ParseChangeJson(record.payload, "journal");
      if (change.ok()) {
        AddChange(*change);
        TellChange(*change, incidents::AnnouncerOf(record.payload), record.received_ms);
      } else {
        ++counters_.bad_records;
      }
      return;
    }
    case ingest::RecordKind::kSeries:
    case ingest::RecordKind::kBatch:
      ApplyBatch(record);
      return;
    case ingest::RecordKind::kOperation: {
      if (const auto action = paging::ParseHumanAction(record.payload); action.ok()) {
        return ApplyPeople(*action, record.received_ms);
      }
      if (IsAboutModels(record.payload)) return;  // engine/models acts upon it
      if (!ApplyToAdoptions(record).ok()) ++counters_.bad_records;
      return;
    }
    case ingest::RecordKind::kAlerts:
    case ingest::RecordKind::kSilence:
      return ApplyReceived(record);
    case ingest::RecordKind::kConfig:
      return;  // the engine makes a new pipeline for a new configuration
  }
}

// Returns the time of the newest sample that a signal uses; 0 where there is none.
TimeMs Pipeline::Feed(const ingest::SampleBatch& batch, const ingest::SampleBatch::Series& series) {
  TimeMs newest = 0;
  if (series.end > series.begin) {
    const signals::SeriesId id = signals_.Intern(series.labels);
    for (std::uint32_t i = series.begin; i < series.end && id != signals::kIgnoredSeries; ++i) {
      Observe(id, batch.samples[i].time, batch.samples[i].value);
      newest = std::max(newest, batch.samples[i].time);
    }
  }
  if (series.histograms_end > series.histograms_begin) {
    const signals::SeriesId id = signals_.Intern(series.labels, ingest::SeriesType::kHistogram);
    for (std::uint32_t i = series.histograms_begin;
         i < series.histograms_end && id != signals::kIgnoredSeries; ++i) {
      ObserveHistogram(id, batch.histograms[i]);
      newest = std::max(newest, batch.histograms[i].time);
    }
  }
  return newest;
}

// Runs of samples that belong to the open step go on together.
void Pipeline::Observe(std::span<const signals::SeriesSample> samples) {
  if (samples.empty()) return;
  if (next_step_end_ == 0) next_step_end_ = AlignUp(samples.front().time);
  const auto early = [this](const signals::SeriesSample& s) { return s.time > next_step_end_; };
  auto at = samples.begin();
  while (at != samples.end()) {
    const auto now = std::find_if(at, samples.end(), early);
    signals_.Observe({at, now});
    at = std::find_if_not(now, samples.end(), early);
    early_.insert(early_.end(), now, at);
  }
}

void Pipeline::ObserveHistogram(signals::SeriesId series, const ingest::HistogramSample& sample) {
  if (next_step_end_ == 0) next_step_end_ = AlignUp(sample.time);
  if (sample.time <= next_step_end_) {
    signals_.ObserveHistogram(series, sample);
  } else {
    early_histograms_.push_back({series, sample});
  }
}

// A sender's clock that runs ahead moves event time to a minute after receipt, no further: it must
// not close the steps of all others before their samples come.
TimeMs Pipeline::Believable(TimeMs newest, const ingest::JournalRecord& record) const {
  return std::max(event_time_, std::min(newest, record.received_ms + kAheadMs));
}

void Pipeline::AdvanceTo(TimeMs event_time) {
  const DurationMs step = options_.signals.step_ms;
  event_time_ = std::max(event_time_, event_time);
  if (next_step_end_ == 0) return;
  while (next_step_end_ + options_.lateness_ms <= event_time_) {
    TimeMs until = event_time_ - options_.lateness_ms;
    for (const EarlySample& sample : early_) until = std::min(until, sample.time);
    for (const EarlyHistogram& early : early_histograms_)
      until = std::min(until, early.sample.time);
    const DurationMs behind = until - next_step_end_;
    CloseStep(next_step_end_);
    // Over a hole, close one more step near its end and go on there.
    next_step_end_ += behind > kHoleMs ? (behind / step) * step : step;
    FeedEarly();
  }
}

void Pipeline::FeedEarly() {
  const auto later = std::stable_partition(
      early_.begin(), early_.end(), [this](const auto& s) { return s.time <= next_step_end_; });
  signals_.Observe({early_.begin(), later});
  early_.erase(early_.begin(), later);
  size_t kept_histograms = 0;
  for (EarlyHistogram& early : early_histograms_) {
    if (early.sample.time <= next_step_end_) {
      signals_.ObserveHistogram(early.series, early.sample);
    } else {
      std::swap(early_histograms_[kept_histograms++], early);
    }
  }
  early_histograms_.resize(kept_histograms);
}

void Pipeline::Finish(TimeMs last) {
  AdvanceTo(last + options_.lateness_ms + options_.signals.step_ms);
  Settle();
}

void Pipeline::AddNewSignals(TimeMs step_end) {
  const auto& all = signals_.signals();
  for (auto slot = static_cast<std::uint32_t>(bank_.size()); slot < all.size(); ++slot) {
    const signals::SignalDef& def = signals_.Definition(slot);
    detectors::SignalSpec spec;
    spec.kind = def.kind;
    const auto& policy = policies_.Add(def, all[slot].definition, all[slot].labels);
    spec.policy = policy.deviation;
    spec.group = all[slot].group;
    spec.interval_ms = options_.signals.step_ms;
    spec.static_limit = policy.static_limit;
    tells_calls_.push_back(TellsCalls(slot));
    NotePlace(slot);
    spec.utc_offset_ms = zones_.OffsetAt(zone_of_.back(), step_end);
    bank_.AddSignal(spec);
    for (const auto& [child, level, number] : parents_.Add(slot, def.kind, all[slot].labels)) {
      bank_.SetParent(child, level, number);
    }
    population_.push_back(all[slot].labels);
    intervals_.push_back(spec.interval_ms);
    last_verdicts_.emplace_back().slot = slot;
    last_shown_.push_back(0);
  }
}

double Pipeline::Threshold(std::uint32_t slot) const {
  const DurationMs apart = std::max(kIndependentMs, intervals_[slot]);
  const double decisions_per_week = static_cast<double>(kWeekMs) / static_cast<double>(apart);
  const double signals = std::max<double>(1, static_cast<double>(population_.size()));
  const bool gauge = signals_.Definition(slot).kind == detectors::SignalKind::kGauge;
  const double share = kNoiseShare * (gauge ? kGaugeShare : 1);
  return std::min(kThresholdMax,
                  share * options_.false_pages_per_week / (signals * decisions_per_week));
}

void Pipeline::CloseStep(TimeMs step_end) {
  Settle();
  made_ = signals_.CloseStep(step_end);
  TellOffsets(step_end);
  AddNewSignals(step_end);
  TellAnnounced(step_end);
  points_.clear();
  for (const auto& step_point : made_) {
    const std::uint32_t slot = step_point.point.slot;
    const DurationMs interval = std::max(signals_.Interval(slot), options_.signals.step_ms);
    if (interval != intervals_[slot]) {
      bank_.SetInterval(slot, interval);
      intervals_[slot] = interval;
    }
    points_.push_back(step_point.point);
  }
  verdicts_.resize(points_.size());
  const TimeMs now = step_end + options_.lateness_ms;
  seen_.resize(population_.size());
  for (std::uint32_t slot = 0; slot < seen_.size(); ++slot) {
    seen_[slot] = {signals_.LastSeen(slot), signals_.State(slot, now)};
  }
  out_targets_.assign(signals_.Out().begin(), signals_.Out().end());
  unsettled_ = last_step_ = step_end;
  reached_ = event_time_;
  if (points_.size() < kJudgedAside) {
    bank_.Observe(step_end, points_, verdicts_, &crew_);
    Settle();
  } else {
    errand_.Begin([this, step_end] { bank_.Observe(step_end, points_, verdicts_, &crew_); });
  }
}

void Pipeline::Settle() {
  if (unsettled_ == 0) return;
  errand_.End();
  const TimeMs step_end = unsettled_;
  unsettled_ = 0;  // observers may ask back
  if (auto job = bank_.PendingFit()) forest_worker_.Submit(std::move(job));
  const TimeMs now = step_end + options_.lateness_ms;
  step_ = {};
  step_.now = now;
  for (const auto& made : made_) {
    const std::uint32_t slot = made.point.slot;
    relevance_.Observe(signals_.Definition(slot).kind, made.point, made.shown, intervals_[slot],
                       policies_.At(slot).rules);
  }
  LearnCalls(step_end);
  NoteDemand(step_end);
  company_ = HaveCompany();
  for (size_t i = 0; i < made_.size(); ++i) Judge(made_[i], verdicts_[i], step_end);
  for (const detectors::AdoptedShift& adopted : bank_.Adopted()) Adopt(adopted, now);
  AdoptTimes(now);
  CheckMissing(now);
  ++counters_.steps;
  counters_.points += points_.size();
}

void Pipeline::StepIncidents(TimeMs now, bool scrape_outage) {
  incidents_now_ = std::max(incidents_now_, now);
  step_.now = incidents_now_;
  step_.scrape_outage = scrape_outage;
  step_.out_of_sight = target_outages_.Held();
  const SignalPopulation population(population_);
  for (const incidents::IncidentEvent& event : incidents_.Step(std::move(step_), population)) {
    Record(event);
  }
  RecordOutcomes();
  TellDigest(incidents_now_);
  step_ = {};
}

void Pipeline::Record(const incidents::IncidentEvent& event) {
  using incidents::IncidentEventKind;
  const incidents::Incident& incident = event.incident;
  Emit(store::EffectKind::kIncident, event.at, incident.key, IncidentJson(incident));
  Emit(store::EffectKind::kDecision, event.at, incident.key, IncidentDecisionJson(event),
       {.what = "incident_" + std::string(incidents::IncidentEventKindName(event.kind)),
        .detail = incident.members.empty()
                      ? std::string()
                      : std::string(incidents::PageReasonName(incident.members.front().reason))});
  if (observer_ != nullptr) observer_->OnIncident(event);
  digest_.Take(event);
  Send(pages_.Take(event, options_.external_url), event.at);
  switch (event.kind) {
    case IncidentEventKind::kPage:
      ++counters_.pages;
      return;
    case IncidentEventKind::kUpdate:
    case IncidentEventKind::kMerge:
    case IncidentEventKind::kSplit:
      return;
    case IncidentEventKind::kResolve:
      ++counters_.resolves;
      return;
    case IncidentEventKind::kSuppress:
      ++counters_.suppressed;
      CountSilenced(incident);
      return;
  }
}

void Pipeline::AnnounceOpen() {
  Settle();
  for (const incidents::Incident* incident : incidents_.Open()) {
    if (incident->paged_at == 0) continue;
    // What people called over pages nobody again.
    const paging::Attention* attention = people_.Of(incident->key);
    if (attention == nullptr || attention->resolved.at == 0) {
      Record({incidents::IncidentEventKind::kPage, event_time_, *incident});
    }
  }
}

std::vector<store::Effect> Pipeline::TakeEffects() {
  Settle();
  std::vector<store::Effect> out;
  out.swap(effects_);
  return out;
}

Reading Pipeline::LastReading(std::uint32_t slot) {
  Settle();
  return ReadingOf(last_shown_[slot], last_verdicts_[slot]);
}

const Verdict* Pipeline::LastVerdict(std::uint32_t slot) {
  Settle();
  return slot < last_verdicts_.size() ? &last_verdicts_[slot] : nullptr;
}

}  // namespace quell::pipeline
