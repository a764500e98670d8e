// Adoptions: the latest lasting shifts that became the new normal, so that each can be undone.
//
// Bounded: the latest kAdoptionsMax; an older one can no longer be undone. An id follows from the
// signal and the time, so that a history learned again gives the same ids. Thread-compatible.
// State: part of kind "pipeline".
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/labels.h"
#include "core/result.h"
#include "core/time.h"
#include "detectors/bank.h"
#include "detectors/types.h"

namespace quell::pipeline {

inline constexpr size_t kAdoptionsMax = 256;

struct Adoption {
  std::string id;                               // 16 hexadecimal digits
  TimeMs at = 0;                                // when it was adopted, event time
  TimeMs undone_at = 0;                         // 0 = in force
  detectors::AdoptedShift what;                 // from and to as people read them
  std::uint32_t quarters = 0;                   // times of day: from the first to the last, and ...
  std::vector<detectors::QuarterBefore> cells;  // ... what is to be restored, first the first
};

class Adoptions {
 public:
  // Gives it its id; the oldest goes where there are too many.
  const Adoption& Add(Adoption adoption, const Labels& labels);
  // kNotFound where it is unknown (or too old), kInvalidArgument where it was undone already.
  [[nodiscard]] Result<const Adoption*> InForce(std::string_view id) const;
  // A time of day that goes on being learned: within a week, half of the cells known already. It is
  // continued, its latest `to` that of `more`. False if there is none such.
  bool Continue(const Adoption& more);
  // REQUIRES: InForce(id).
  const Adoption& MarkUndone(std::string_view id, TimeMs at);
  // Oldest first.
  [[nodiscard]] const std::deque<Adoption>& latest() const { return latest_; }

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);  // false: does not decode

 private:
  std::deque<Adoption> latest_;
};

// An adoption with its signal, as the API and the command line show it.
struct AdoptionRow {
  Adoption adoption;
  std::string signal, what, unit;  // the unit of from and to
  Labels labels;
};
// `decision`: "adopted" or "adoption_undone" for a line of decisions.jsonl; "" for a list.
std::string AdoptionJson(std::string_view decision, TimeMs at, const AdoptionRow& row);

// What a person's "this is the new normal" would make of a signal (docs/detection.md).
struct NewNormalRow {
  std::string signal, what, unit, band_unit;  // bands of latencies are of the share of slow ones
  std::uint64_t fingerprint = 0;              // of the signal's alerts
  Labels labels;
  double now = 0;  // the latest value
  detectors::DetectorBank::NewNormal preview;
  bool stays = false;  // beyond an absolute limit: an alert however usual it is
};
std::string NewNormalJson(std::string_view incident, const std::vector<NewNormalRow>& rows);

// What an operator asks of the pipeline, as the journal keeps it.
struct UndoneAdoption {
  std::string id;
  std::string by;  // who asked; "" = not known
};
std::string UndoAdoptionJson(std::string_view id, std::string_view by = "");
// kInvalidArgument where the operation is another one.
Result<UndoneAdoption> ParseUndoAdoption(std::string_view json);

// The present level of an incident's signals that are odd is normal from now on.
struct SaidNormal {
  std::string incident;
  std::string by;  // who said so; "" = not known
};
std::string SaidNormalJson(std::string_view incident, std::string_view by = "");
// kInvalidArgument where the operation is another one.
Result<SaidNormal> ParseSaidNormal(std::string_view json);

}  // namespace quell::pipeline
