// SeriesRegistry: what is known of the series that senders write, found by a hash of the raw bytes
// of their labels as they stood on the wire. Labels are decoded, checked, redacted and matched
// against the signals once, when a series is first seen; from then on a sample costs a hash and a
// look-up, and a series that no signal uses costs nothing more.
//
// Bounded: `series_max` live series, `series_per_metric_max` of one metric; a series is live until
// nothing came for `idle_ms`. Memory: 24 bytes a slot (1.4 to 2.9 slots a series), and for a
// series that is kept its labels once more.
//
// Thread-safe: hold a Session for as long as series are looked up. Sessions exclude each other.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory_resource>
#include <mutex>
#include <string>
#include <vector>

#include "core/flat_map.h"
#include "core/hash.h"
#include "core/labels.h"
#include "core/result.h"
#include "core/time.h"
#include "ingest/sample.h"

namespace quell::ingest {

struct SeriesLimits {
  size_t series_max = 2000000;             // live; above it new series are refused
  size_t series_per_metric_max = 1000000;  // live, of one metric name
  DurationMs idle_ms = kHourMs;            // a series that was not written for so long is not live

  bool operator==(const SeriesLimits&) const = default;
};

// A series whose samples are kept. Its address and number stay the same while requests that saw it
// are under way.
struct KeptSeries {
  explicit KeptSeries(std::pmr::memory_resource* memory) : definition(memory) {}

  std::uint32_t id = 0;
  std::uint32_t metric = 0;                     // the registry's
  std::uint32_t keys = 0;                       // raw forms that lead here; the registry's
  std::atomic<std::uint64_t> defined_epoch{0};  // the journal's: where it was last defined
  std::pmr::string definition;                  // as DefinitionBody makes it
};

// Decides about a series when it is first seen. Thread-safe; called without locks.
class SeriesPolicy {
 public:
  virtual ~SeriesPolicy() = default;
  // Whether its samples are wanted. May change the labels (redaction).
  virtual bool Admit(Labels& labels, SeriesType type) = 0;
};

struct RegistryCounters {
  std::uint64_t live = 0, kept = 0, first_seen = 0, expired = 0, refused = 0, refused_of_metric = 0,
                bytes = 0;
};

class SeriesRegistry {
 public:
  SeriesRegistry(const SeriesLimits& limits, SeriesPolicy& policy, std::uint64_t seed);

  // The hash by which a raw label set is known; `bytes` differ between protocols and encodings.
  [[nodiscard]] Hash128 Key(std::string_view bytes, SeriesType type) const {
    Hash128 key = WideHash(bytes, seed_ + static_cast<std::uint64_t>(type));
    key.low |= 1U;  // zero marks a free slot
    return key;
  }

  // What a key is the hash of: bytes as a sender wrote them, or the labels as DefinitionBody has
  // them.
  enum class Form : std::uint8_t { kRaw, kCanonical };

  class Session {
   public:
    Session(SeriesRegistry& registry, TimeMs now_ms)
        : registry_(registry),
          lock_(registry.mutex_),
          minute_(static_cast<std::uint32_t>(now_ms / kMinuteMs)) {}
    // Known: true, and `kept` is the series, or null where its samples are not wanted.
    bool Find(const Hash128& key, KeptSeries*& kept) {
      Slot& slot = registry_.slots_[registry_.Probe(key)];
      if (slot.key.low == 0) return false;
      if (slot.seen_minute != minute_) slot.seen_minute = minute_;
      kept = (slot.reference & kIgnoredBit) != 0 ? nullptr : &registry_.kept_[slot.reference];
      return true;
    }
    // Brings the place where `key` would stand into the cache.
    // (Inlined by force: g++ takes it for a function without effects, and drops calls of it.)
    [[gnu::always_inline]] void Prefetch(const Hash128& key) const {
      __builtin_prefetch(&registry_.slots_[key.high & (registry_.slots_.size() - 1)]);
    }
    // REQUIRES: labels are valid. kResourceExhausted naming the limit. A series that is not wanted
    // is remembered by its raw form alone.
    Status Add(const Hash128& key, Form form, Labels labels, SeriesType type, KeptSeries*& kept);

    // The same in parts, for several at once. Lets other sessions in while `work` runs.
    template <typename Work>
    void Without(const Work& work) {
      lock_.unlock();
      work();
      lock_.lock();
    }
    bool Admit(Labels& labels, SeriesType type) { return registry_.policy_.Admit(labels, type); }
    Status AddJudged(const Hash128& key, Form form, const Labels& labels, SeriesType type,
                     bool wanted, KeptSeries*& kept);

   private:
    SeriesRegistry& registry_;
    std::unique_lock<std::mutex> lock_;
    std::uint32_t minute_;
  };

  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] RegistryCounters counters() const;

 private:
  static constexpr std::uint32_t kIgnoredBit = 0x80000000U;
  struct Slot {
    Hash128 key;                  // low 0 = free
    std::uint32_t reference = 0;  // into kept_; or, with kIgnoredBit, into metrics_
    std::uint32_t seen_minute = 0;
  };
  struct Metric {
    std::uint64_t name_hash = 0;
    std::uint32_t live = 0;
  };

  [[nodiscard]] size_t Probe(const Hash128& key) const {
    const size_t mask = slots_.size() - 1;
    size_t i = key.high & mask;
    while (slots_[i].key.low != 0 && !(slots_[i].key == key)) i = (i + 1) & mask;
    return i;
  }
  Status InsertKept(const Hash128& key, const Labels& labels, SeriesType type, std::uint32_t minute,
                    KeptSeries*& kept);
  Status InsertIgnored(const Hash128& key, const Labels& labels, std::uint32_t minute);
  Slot& FreeSlot(const Hash128& key, std::uint32_t minute);
  Status CheckRoom(const Labels& labels, std::uint64_t name_hash, std::uint32_t minute);
  std::uint32_t MetricOf(std::uint64_t name_hash);
  KeptSeries& NewKept(std::string_view definition, std::uint64_t hash);
  void Release(std::uint32_t metric);
  [[nodiscard]] size_t live() const { return counters_.kept + ignored_; }
  void Rebuild(size_t slots, std::uint32_t idle_before_minute);
  void Drop(const Slot& slot);
  void Sweep(std::uint32_t minute);

  const SeriesLimits limits_;
  SeriesPolicy& policy_;
  const std::uint64_t seed_;

  mutable std::mutex mutex_;  // guards everything below
  std::vector<Slot> slots_;   // a power of two, at most 70 % full
  size_t used_ = 0;
  size_t ignored_ = 0;  // of used_
  // Texts of about one size, by the million: a heap would ask the system for each page of them.
  std::pmr::unsynchronized_pool_resource definitions_;
  std::deque<KeptSeries> kept_;                         // by id
  FlatMap<std::uint64_t, std::uint32_t> kept_by_hash_;  // high half of the canonical key
  struct Resting {
    std::uint32_t id = 0, since_minute = 0;
  };
  std::deque<Resting> resting_;  // numbers to be used again once no request can hold them
  std::vector<Metric> metrics_;
  std::vector<std::uint32_t> free_metrics_;
  FlatMap<std::uint64_t, std::uint32_t> metric_by_hash_;
  std::uint32_t swept_minute_ = 0;
  RegistryCounters counters_;
};

}  // namespace quell::ingest
