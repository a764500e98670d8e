// Differences: what only one of two pipelines pages or alerts on, of the same journal.
//
// A page of the one and a page of the other are the same where an alert of both is of one signal
// and they are at most kApart apart; alerts are the same where their signal is. What has waited so
// long in vain is a difference. Each is matched with the earliest that fits. A function of the
// effects alone, in whatever portions they come. Bounded: the newest kRowsMax differences;
// kWaitingMax that wait, the oldest of which are then left out and counted. Thread-compatible.
// State: part of the models' (docs/formats/snapshot.md).
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/time.h"
#include "engine/store/store.h"

namespace quell::models {

enum class Side : std::uint8_t { kActive, kCandidate };
enum class Happening : std::uint8_t { kPage, kAlert };

struct Difference {
  Happening what = Happening::kPage;
  Side only = Side::kActive;
  TimeMs at = 0;
  std::string id;    // of the incident (its key) or the alert, in the pipeline that has it
  std::string text;  // of a page its summary, of an alert its signal and labels
};

// Of one kind of happening.
struct DifferenceCounts {
  std::uint64_t both = 0, only_active = 0, only_candidate = 0;
  DurationMs lead_ms = 0;  // over those of both: how much earlier the candidate was, summed
};

class Differences {
 public:
  static constexpr DurationMs kApart = 15 * kMinuteMs;
  static constexpr size_t kRowsMax = 500;
  static constexpr size_t kWaitingMax = 10000;
  static constexpr size_t kSubjectsMax = 100;  // of one incident

  // What one side decided, in its order.
  void Take(Side side, const std::vector<store::Effect>& effects);
  // Both sides have decided all up to `known`.
  void Settle(TimeMs known);

  [[nodiscard]] const std::deque<Difference>& rows() const { return rows_; }  // oldest first
  [[nodiscard]] const DifferenceCounts& counts(Happening what) const {
    return counts_.at(static_cast<size_t>(what));
  }
  [[nodiscard]] size_t waiting() const;
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }
  [[nodiscard]] TimeMs known() const { return known_; }

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);  // false where it does not decode

 private:
  struct Waiting {
    Difference difference;
    std::vector<std::uint64_t> subjects;  // ascending: signals, by what they are
  };
  using Queue = std::deque<Waiting>;
  void Await(Waiting waiting);
  Queue& QueueOf(Happening what, Side side) {
    return waiting_.at(static_cast<size_t>(what) * 2 + static_cast<size_t>(side));
  }
  void SettleOne(Happening what, Side side);

  std::array<Queue, 4> waiting_;
  std::array<DifferenceCounts, 2> counts_;
  std::deque<Difference> rows_;
  std::uint64_t left_out_ = 0;
  TimeMs known_ = 0;
};

}  // namespace quell::models
