#include "engine/api/write_path.h"

#include <snappy.h>

#include <algorithm>
#include <functional>

namespace quell::api {
namespace {

constexpr DurationMs kTurnWaitMs = 5 * kSecondMs;
constexpr size_t kScratchBytesKept = 1U << 20U;  // a thread's buffers above this are given back

// What a thread keeps from one request to the next.
struct Scratch {
  std::unique_ptr<ingest::WriteDecoder> decoder;
  ingest::KeptBatch batch;
};

// Gives large buffers back when a request is over.
class ScratchTrim {
 public:
  explicit ScratchTrim(Scratch& scratch) : scratch_(scratch) {}
  ~ScratchTrim() {
    if (scratch_.decoder->BytesHeld() > kScratchBytesKept) scratch_.decoder.reset();
    scratch_.batch.histograms.clear();
    const size_t entry = sizeof(ingest::KeptBatch::Entry);
    if (scratch_.batch.samples.capacity() * entry > kScratchBytesKept) scratch_.batch = {};
  }
  ScratchTrim(const ScratchTrim&) = delete;
  ScratchTrim& operator=(const ScratchTrim&) = delete;

 private:
  Scratch& scratch_;
};

}  // namespace

// A share of the memory for decoding, for as long as it lives.
class WritePath::Turn {
 public:
  Turn(WritePath& path, size_t bytes) : path_(path), bytes_(bytes) {
    std::unique_lock lock(path_.mutex_);
    const DurationMs until = path_.clock_.MonotonicMs() + kTurnWaitMs;
    // The first always goes: one request may be larger than the bound.
    const auto fits = [&] {
      return path_.decoding_bytes_ == 0 ||
             path_.decoding_bytes_ + bytes_ <= path_.options_.decoding_bytes_max;
    };
    while (!fits()) {
      const DurationMs left = until - path_.clock_.MonotonicMs();
      if (left <= 0) return;
      path_.clock_.WaitFor(path_.freed_, lock, left);
    }
    path_.decoding_bytes_ += bytes_;
    granted_ = true;
  }
  ~Turn() {
    if (!granted_) return;
    {
      const std::lock_guard lock(path_.mutex_);
      path_.decoding_bytes_ -= bytes_;
    }
    path_.freed_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  [[nodiscard]] bool granted() const { return granted_; }

 private:
  WritePath& path_;
  size_t bytes_;
  bool granted_ = false;
};

WritePath::WritePath(const WritePathOptions& options, signals::SeriesFilter& filter,
                     const ingest::Redactor& redactor, ingest::RedactionCounters& redacted,
                     ingest::Journal& journal, Clock& clock)
    : options_(options),
      filter_(filter),
      redactor_(redactor),
      redacted_(redacted),
      journal_(journal),
      clock_(clock),
      registry_(options.series, *this, options.hash_seed) {}

bool WritePath::Admit(Labels& labels, ingest::SeriesType type) {
  if (!filter_.Wants(labels, type)) return false;
  redactor_.Apply(labels, redacted_);
  return true;
}

Result<ingest::WriteVerdict> WritePath::Write(ingest::WriteProtocol protocol, std::string_view body,
                                              bool& appended) {
  appended = false;
  // What it declares; the decoder judges whether that is believable, and refuses it if not.
  size_t declared = 0;
  if (!snappy::GetUncompressedLength(body.data(), body.size(), &declared)) declared = 0;
  const Turn turn(*this, std::min(declared, options_.limits.decoded_bytes_max));
  if (!turn.granted()) {
    return MakeError(ErrorCode::kUnavailable, "requests of " +
                                                  std::to_string(options_.decoding_bytes_max) +
                                                  " bytes are being decoded already");
  }
  thread_local Scratch scratch;
  if (scratch.decoder == nullptr || !(scratch.decoder->limits() == options_.limits)) {
    scratch.decoder = std::make_unique<ingest::WriteDecoder>(options_.limits);
  }
  ingest::KeptBatch& batch = scratch.batch;
  ingest::WriteVerdict verdict =
      scratch.decoder->Decode(protocol, body, clock_.WallMs(), registry_, batch);
  const ScratchTrim trim(scratch);
  if (batch.samples.empty() && batch.histograms.empty()) return verdict;
  const auto encode = [&batch](std::uint64_t epoch, std::string& series, std::string& samples) {
    ingest::EncodeKept(batch, epoch, series, samples);
  };
  const auto kept = journal_.AppendBatch(clock_.WallMs(), encode);
  if (!kept.ok()) return kept.error();
  appended = true;
  return verdict;
}

}  // namespace quell::api
