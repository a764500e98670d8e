// WritePath: from a remote-write body to a durable journal record, and what to answer.
//
// Labels are matched against the signals and redacted once, when a series is first seen. Memory for
// requests under way is bounded by `decoding_bytes_max`: a request beyond it waits for its turn,
// and is told to come again if that takes too long. Thread-safe; a call blocks until its record is
// durable.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string_view>

#include "core/clock.h"
#include "engine/signals/series_filter.h"
#include "ingest/journal.h"
#include "ingest/redaction.h"
#include "ingest/series_registry.h"
#include "ingest/write_decoder.h"

namespace quell::api {

struct WritePathOptions {
  ingest::RemoteWriteLimits limits;
  ingest::SeriesLimits series;
  std::uint64_t hash_seed = 0;              // of the registry; secret, against made collisions
  size_t decoding_bytes_max = 256U << 20U;  // unpacked, over all requests under way
};

class WritePath final : public ingest::SeriesPolicy {
 public:
  // Borrows all but the options.
  WritePath(const WritePathOptions& options, signals::SeriesFilter& filter,
            const ingest::Redactor& redactor, ingest::RedactionCounters& redacted,
            ingest::Journal& journal, Clock& clock);

  // An error: nothing was kept, the same request may succeed later. Otherwise what is valid of the
  // request is durable. `appended` tells whether there is a new record.
  Result<ingest::WriteVerdict> Write(ingest::WriteProtocol protocol, std::string_view body,
                                     bool& appended);

  bool Admit(Labels& labels, ingest::SeriesType type) override;
  [[nodiscard]] ingest::RegistryCounters series() const { return registry_.counters(); }

 private:
  class Turn;

  const WritePathOptions options_;
  signals::SeriesFilter& filter_;
  const ingest::Redactor& redactor_;
  ingest::RedactionCounters& redacted_;
  ingest::Journal& journal_;
  Clock& clock_;
  ingest::SeriesRegistry registry_;
  std::mutex mutex_;  // guards decoding_bytes_
  std::condition_variable freed_;
  size_t decoding_bytes_ = 0;
};

}  // namespace quell::api
