// TargetOutages: targets that nobody sees, job by job, and the alerts that are theirs.
//
// One outage a job: its targets that are out (engine/signals/scrape_targets.h), since when, what
// signals nobody sees, and what of the same job is still seen. It is told of by one alert,
// `quell:scrape_outage`, whose severity is
//   error    nothing of the job is seen any more, and scrapes fail
//   warning  signals are blind, or all of the job has fallen silent and no scrape says why
//   info     others see all of it (nobody is paged)
//   critical it stands for a critical alert of somebody else, who said so
// Its alerts are held back while it lasts: our own that a blind signal is missing, and others' that
// say that something is absent, began no sooner, and name the target (job and instance; the job
// alone where nothing of it is seen). An alert on what was measured is never one of them.
//
// Bounded by the targets that are known and the alerts that are live. Thread-compatible.
// State: part of the pipeline's (docs/formats/snapshot.md).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "engine/incidents/alert.h"
#include "engine/signals/scrape_targets.h"

namespace quell::pipeline {

inline constexpr std::string_view kScrapeOutageName = "quell:scrape_outage";

// Whether an alert of others is about something that is not there, by its rule's expression where
// it came along, else by its name: absent(), up == 0, a rate that is 0.
bool SpeaksOfAbsence(const incidents::Alert& alert);

struct JobOutage {
  std::string job;  // "" of targets without: then `instances` has the one
  TimeMs since = 0;
  std::vector<std::string> instances;  // that are out, ascending
  std::uint32_t others_seen = 0;       // targets of the job
  std::vector<std::uint32_t> blind;    // slots, ascending
  std::uint32_t still_seen = 0;        // signals that the targets fed, and others feed

  bool failing = false;  // some of them by `up`; else all fell silent
  bool asked = false;    // an alert is held back because of it
  incidents::Severity stands_for = incidents::Severity::kInfo;  // the gravest such
  std::optional<incidents::Alert> alert;                        // that it is told of by
};

class TargetOutages {
 public:
  // As of a step. Returns the alerts of outages that are over, as they were.
  std::vector<incidents::Alert> Update(std::span<const signals::OutTarget> out);

  // Whether an alert is one that an outage explains. It is held back from now on.
  bool HoldMissing(const incidents::Alert& alert);   // ours, of a signal's slot
  bool HoldReceived(const incidents::Alert& alert);  // others'
  void Forget(incidents::AlertId alert) { held_.erase(alert); }
  // Alerts of outages that last.
  [[nodiscard]] std::set<incidents::AlertId> Held() const;

  [[nodiscard]] std::map<std::string, JobOutage>& outages() { return by_key_; }
  [[nodiscard]] const std::map<std::string, JobOutage>& outages() const { return by_key_; }

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);

 private:
  void Hold(const std::string& key, JobOutage& outage, const incidents::Alert& alert);

  std::map<std::string, JobOutage> by_key_;  // job, or instance where there is none
  std::map<incidents::AlertId, std::string> held_;
};

// Whether it is told of by itself once it has lasted.
bool TellsItself(const JobOutage& outage);
incidents::Severity SeverityOf(const JobOutage& outage);
// "payments-api 10.0.0.1:8080 not seen since 10:02 UTC; 12 signals blind (...); ..."
std::string WordsOf(const JobOutage& outage, std::span<const std::string> blind_names);

}  // namespace quell::pipeline
