// SeriesTable: the raw text of a series -> the sink's handle. A flat hash table, so that the
// labels of a series are parsed once however many samples it has.
//
// Thread-compatible. Memory: the texts plus 24 bytes a slot; at most kSeriesTextsMax texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace quell::ingest {

inline constexpr size_t kSeriesTextsMax = 20'000'000;

class SeriesTable {
 public:
  SeriesTable();
  [[nodiscard]] std::optional<std::uint32_t> Find(std::string_view text) const;
  // REQUIRES: Find(text) found nothing. kResourceExhausted when full.
  Status Insert(std::string_view text, std::uint32_t handle);

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint64_t offset = 0;  // into texts_
    std::uint32_t length = 0;
    std::uint32_t handle = 0;
  };
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};  // as an offset
  [[nodiscard]] size_t Probe(std::uint64_t hash, std::string_view text) const;
  void Grow();

  std::vector<Slot> slots_;  // a power of two, at most half full
  size_t used_ = 0;
  std::string texts_;
};

}  // namespace quell::ingest
