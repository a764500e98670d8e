// The journal's way to write samples: series are defined once a segment (kSeries records), samples
// then name them by number (kBatch records). Bytes: docs/formats/journal.md.
//
// Thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/labels.h"
#include "core/result.h"
#include "ingest/sample.h"

namespace quell::ingest {

// Series numbers are below this; a reader's table by number stays bounded.
inline constexpr std::uint32_t kSeriesIdsMax = 1U << 27U;

// A kSeries payload is a row of definitions; appends one.
void AppendDefinition(std::uint32_t id, SeriesType type, const Labels& labels, std::string& out);
// The part of a definition behind its number, to be kept and appended with a number later.
std::string DefinitionBody(SeriesType type, const Labels& labels);
void AppendDefinition(std::uint32_t id, std::string_view body, std::string& out);

// The same back. kCorrupt if `body` is no definition's, or more than one.
struct SeriesDefinition {
  SeriesType type = SeriesType::kFloat;
  Labels labels;
};
Result<SeriesDefinition> ReadDefinitionBody(std::string_view body);

// A label as it lies in a definition: `whole` holds both texts and their lengths.
struct LabelText {
  std::string_view name, value, whole;
};
// The labels of a definition where they lie. False unless `body` is what DefinitionBody makes of
// them: sorted, distinct, none empty.
bool ReadCanonicalBody(std::string_view body, std::vector<LabelText>& out);

// A kBatch payload: samples, then histograms, each in the order given. Times and numbers are
// written as differences to the one before.
class BatchWriter {
 public:
  // Begins in `out` (cleared) a batch of exactly `samples` samples.
  BatchWriter(std::string& out, std::uint64_t samples);
  void Sample(std::uint32_t id, TimeMs time, double value);
  // After the last sample: exactly `histograms` histograms.
  void Histograms(std::uint64_t histograms);
  void Histogram(std::uint32_t id, const HistogramSample& histogram);

 private:
  void Head(std::uint32_t id, TimeMs time, char* to, size_t& size);

  std::string& out_;
  std::uint32_t id_ = 0;
  TimeMs time_ = 0;
};

// What a reader of such records does with their content, in order.
class BatchVisitor {
 public:
  virtual ~BatchVisitor() = default;
  // Asked before a definition is decoded: true if `body` already stands for `id`, and OnSeries need
  // not be called.
  virtual bool Knows(std::uint32_t id, std::string_view body) {
    (void)id, (void)body;
    return false;
  }
  virtual void OnSeries(std::uint32_t id, SeriesType type, Labels labels) = 0;
  virtual void OnSample(std::uint32_t id, TimeMs time, double value) = 0;
  virtual void OnHistogram(std::uint32_t id, const HistogramSample& histogram) = 0;
};

// kCorrupt where the payload is of another form; what came before was visited.
Status ReadDefinitions(std::string_view payload, BatchVisitor& visitor);
Status ReadBatch(std::string_view payload, BatchVisitor& visitor);

}  // namespace quell::ingest
