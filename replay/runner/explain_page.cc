#include "replay/runner/explain_page.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "core/hash.h"
#include "engine/incidents/explain.h"
#include "engine/models/governor.h"
#include "engine/pipeline/pipeline.h"
#include "ingest/journal.h"

namespace quell::replay {
namespace {

using store::AuditRow;

constexpr std::string_view kPaged = "incident_page";
constexpr std::string_view kSent = "page_trigger";
constexpr DurationMs kPatienceMs = kHourMs;  // of event time

std::optional<std::uint64_t> EntryNumber(const std::string& text) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::uint64_t Mark(const std::string& what, const std::string& key, TimeMs at,
                   const std::string& digest) {
  Hasher hasher;
  hasher.Add(what);
  hasher.Add(key);
  hasher.Add(std::to_string(at));
  hasher.Add(digest);
  return hasher.Finish();
}

// What the log has of the pipeline's effects, and which of it was decided again.
class Recorded {
 public:
  void Take(const AuditRow& row) {
    if (row.sequence == 0) return;
    const auto mark = Mark(row.what, row.key, row.at, row.digest);
    if (by_mark_.emplace(mark, rows_.size()).second) rows_.push_back({row.entry, false});
  }
  void Again(const store::Effect& effect, const std::string& digest) {
    const auto found = by_mark_.find(Mark(effect.deed.what, effect.id, effect.at, digest));
    if (found != by_mark_.end()) rows_[found->second].again = true;
  }
  void Finish(PageExplained& out) const {
    for (const Row& row : rows_) {
      ++out.effects;
      if (row.again) {
        ++out.effects_again;
      } else if (out.first_other == 0) {
        out.first_other = row.entry;
      }
    }
  }

 private:
  struct Row {
    std::uint64_t entry;
    bool again;
  };
  std::vector<Row> rows_;  // oldest first
  std::unordered_map<std::uint64_t, size_t> by_mark_;
};

// Keeps the incident's first page.
class PageWatch final : public pipeline::PipelineObserver {
 public:
  explicit PageWatch(const AuditRow& page) : key_(page.key), at_(page.at) {}
  void OnPoint(TimeMs /*step_end*/, const signals::SignalEngine::StepPoint& /*point*/,
               const detectors::Verdict& /*verdict*/) override {}
  void OnAlertFired(const incidents::Alert& /*alert*/) override {}
  void OnAlertCleared(const incidents::Alert& /*alert*/) override {}
  void OnIncident(const incidents::IncidentEvent& event) override {
    if (event.kind != incidents::IncidentEventKind::kPage) return;
    if (event.incident.key != key_) {
      const bool near = event.at >= at_ - kPatienceMs && event.at <= at_ + kPatienceMs;
      if (near && nearby_.size() < kPagesNearbyMax) {
        nearby_.push_back({event.incident.key, event.incident.summary, event.at});
      }
    } else if (!event_) {
      event_ = event;
    }
  }
  std::vector<PageNearby> TakeNearby() { return std::move(nearby_); }
  [[nodiscard]] const std::optional<incidents::IncidentEvent>& event() const { return event_; }

 private:
  std::string key_;
  TimeMs at_;
  std::vector<PageNearby> nearby_;
  std::optional<incidents::IncidentEvent> event_;
};

std::vector<std::string> EvidenceInWords(const incidents::IncidentEvent& event) {
  const incidents::Incident& incident = event.incident;
  std::vector<std::string> words = incident.evidence;
  if (const incidents::Alert* leading = incidents::LeadingAlert(incident)) {
    for (std::string& sentence : incidents::ExplanationWords(*leading, event.at)) {
      if (std::find(words.begin(), words.end(), sentence) == words.end()) {
        words.push_back(std::move(sentence));
      }
    }
  }
  return words;
}

// The stretch's effects held against the log.
void Compare(const std::vector<store::Effect>& effects, Recorded& log, PageExplained& out) {
  for (const store::Effect& effect : effects) {
    if (effect.deed.what.empty()) continue;  // the log has nothing of it
    const std::string digest = Sha256Hex(effect.body);
    log.Again(effect, digest);
    if (effect.id != out.recorded.key) continue;
    if (effect.deed.what == kPaged && !out.paged) {
      out.paged = true;
      out.paged_at = effect.at;
      out.body = effect.body;
      out.same = effect.at == out.recorded.at && digest == out.recorded.digest;
    } else if (effect.deed.what == kSent && digest == out.recorded_notice) {
      out.notice = true;
    }
  }
}

Result<Recorded> ReadLog(store::AuditReader& log, PageExplained& out) {
  Recorded recorded;
  QUELL_TRY(log.ForEach([&](const AuditRow& row) {
    if (row.entry <= out.recorded.entry) {
      recorded.Take(row);
      return true;
    }
    // What is sent of a decision follows it.
    if (row.what == kSent && row.key == out.recorded.key && row.at == out.recorded.at) {
      out.recorded_notice = row.digest;
    }
    return out.recorded_notice.empty() && row.at <= out.recorded.at;
  }));
  return recorded;
}

Status DecideAgain(models::Governor& governor, const std::unique_ptr<pipeline::Pipeline>& pipeline,
                   ingest::JournalReader& journal, Recorded& log,
                   PageExplained& out) {
  for (;;) {
    QUELL_ASSIGN(const auto record, journal.Next());
    if (!record) return Ok{};
    if (out.journal_first == 0) {
      out.journal_first = record->sequence;
      out.journal_since = record->received_ms;
      if (!out.reaches_back()) return Ok{};
    }
    governor.Apply(*record);
    Compare(governor.TakeEffects(), log, out);
    if (out.paged || pipeline->event_time() > out.recorded.at + kPatienceMs) return Ok{};
  }
}

}  // namespace

Result<std::optional<AuditRow>> FindPage(store::AuditReader& log, const std::string& page) {
  const auto number = EntryNumber(page);
  std::optional<AuditRow> exact, begins, numbered;
  bool several = false;
  QUELL_TRY(log.ForEach([&](const AuditRow& row) {
    if (number == row.entry && (row.what == kPaged || row.what == kSent)) numbered = row;
    if (row.what != kPaged) return true;
    if (row.key == page) exact = row;
    if (page.size() >= kPageKeyDigitsMin && row.key.starts_with(page)) {
      several = several || (begins && begins->key != row.key);
      if (!begins) begins = row;
    }
    return !exact;
  }));
  if (exact) return exact;
  if (numbered && numbered->what == kSent) return FindPage(log, numbered->key);
  if (numbered) return numbered;
  if (several) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "several pages' keys begin with \"" + page + "\": give more of it");
  }
  return begins;
}

Result<PageExplained> ExplainPage(store::AuditReader& log, const AuditRow& recorded,
                                  const std::string& journal_folder,
                                  const config::Config& config, std::string_view program,
                                  std::string_view commit) {
  PageExplained out;
  out.recorded = recorded;
  QUELL_ASSIGN(auto body, log.BodyOf(recorded.sequence));
  out.recorded_body = std::move(body).value_or("");
  QUELL_ASSIGN(Recorded entries, ReadLog(log, out));
  PageWatch watch(recorded);
  QUELL_ASSIGN(auto pipeline, pipeline::Pipeline::Create(config.pipeline, &watch));
  models::Governor governor(config, program, commit, pipeline, &watch);
  QUELL_ASSIGN(const auto journal, ingest::JournalReader::Open(journal_folder, 1));
  QUELL_TRY(DecideAgain(governor, pipeline, *journal, entries, out));
  out.model = governor.version().id;
  if (!out.reaches_back()) return out;
  entries.Finish(out);
  if (watch.event()) {
    out.incident = watch.event()->incident;
    out.words = EvidenceInWords(*watch.event());
  } else {
    out.nearby = watch.TakeNearby();
  }
  return out;
}

}  // namespace quell::replay
