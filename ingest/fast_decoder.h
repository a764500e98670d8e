// FastDecoder: a clean write request from its bytes straight to samples of known series, without
// building objects.
//
// It takes what well-behaved senders send: labels in one run, samples in the usual encoding,
// nothing to refuse. Everything else it leaves, untouched, to RemoteWriteDecoder, so that there is
// one place where refusals are worded; whatever it takes, the reference takes alike (fuzzed).
//
// Two passes: the first cuts the message into series and hashes their labels without a lock, the
// second looks them up (prefetched) and reads the samples.
// Thread-compatible; reuses its buffers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/remote_write.h"
#include "ingest/series_check.h"
#include "ingest/series_registry.h"

namespace quell::wire::v2 {
class Histogram;
}

namespace quell::ingest {

// What is to be journaled of a request.
struct KeptBatch {
  struct Entry {
    KeptSeries* series = nullptr;  // the registry's
    TimeMs time = 0;
    double value = 0;
  };
  struct HistogramEntry {
    KeptSeries* series = nullptr;
    HistogramSample histogram;
  };
  std::vector<Entry> samples;
  std::vector<HistogramEntry> histograms;
  void Clear() { samples.clear(), histograms.clear(); }
};

// What became of a request's series, however it was decoded.
struct WriteTally {
  std::uint64_t samples_written = 0, histograms_written = 0, exemplars_written = 0;
  std::uint64_t series_refused = 0, samples_refused = 0;  // new series over a live-series limit
  std::string first_refusal;                              // why, for the first of them
};

class FastDecoder {
 public:
  explicit FastDecoder(const RemoteWriteLimits& limits);
  ~FastDecoder();

  // False: something is unusual, the outputs are void. `now_ms`: wall time of receipt.
  bool Decode(WriteProtocol protocol, std::string_view message, TimeMs now_ms,
              SeriesRegistry& registry, KeptBatch& batch, WriteTally& tally);

 private:
  struct Frame {  // of one series
    Hash128 key;
    const char* labels = nullptr;  // the raw run [labels, data)
    const char* data = nullptr;    // what follows it [data, end)
    const char* end = nullptr;
    SeriesType type = SeriesType::kFloat;
  };

  bool CutV1(std::string_view message, const SeriesRegistry& registry);
  bool CutV2(std::string_view message, const SeriesRegistry& registry);
  bool CutSeriesV1(const char* at, const char* end, const SeriesRegistry& registry);
  bool CutSeriesV2(const char* at, const char* end, const SeriesRegistry& registry);
  bool AddSymbol(std::string_view symbol);
  bool LabelsV1(const Frame& frame);
  bool LabelsV2(const Frame& frame);
  struct Target {  // where a series' data goes
    bool v2 = false;
    TimeMs latest = 0;           // later data is for the reference to refuse
    KeptSeries* kept = nullptr;  // null: not wanted
    bool refused = false;        // by the registry
  };
  struct Judged {  // a series that was not known
    size_t frame = 0;
    Labels labels;
    bool valid = false;  // else it is for the reference to refuse, as are those behind it
    bool wanted = false;
  };
  void JudgeFrom(size_t at, bool v2, SeriesRegistry::Session& session);
  bool FirstSeen(size_t at, SeriesRegistry::Session& session, Target& target, WriteTally& tally);
  bool TakeData(const Frame& frame, const Target& target, KeptBatch& batch, WriteTally& tally);
  bool TakeHistogram(std::string_view message, const Target& target, KeptBatch& batch);
  bool TakeExemplar(std::string_view message, const Target& target);

  const RemoteWriteLimits limits_;
  std::vector<Frame> frames_;
  std::vector<Judged> judged_;  // by frame
  size_t next_judged_ = 0;
  std::vector<std::string_view> symbols_;
  std::vector<std::uint64_t> symbol_hashes_;
  std::vector<std::uint64_t> reference_hashes_;     // of the series at hand
  std::vector<LabelView> views_;                    // of the series at hand
  std::unique_ptr<wire::v2::Histogram> histogram_;  // reused: Clear() keeps its memory
  std::uint64_t elements_ = 0;
};

}  // namespace quell::ingest
