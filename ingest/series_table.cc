#include "ingest/series_table.h"

#include "core/hash.h"

namespace quell::ingest {
namespace {
constexpr size_t kSlotsAtFirst = 1024;
}  // namespace

SeriesTable::SeriesTable() : slots_(kSlotsAtFirst, Slot{0, kFree, 0, 0}) {}

// The slot of `text`, or the free slot where it belongs.
size_t SeriesTable::Probe(std::uint64_t hash, std::string_view text) const {
  const size_t mask = slots_.size() - 1;
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    const Slot& slot = slots_[i];
    if (slot.offset == kFree) return i;
    if (slot.hash == hash && slot.length == text.size() &&
        std::string_view(texts_).substr(slot.offset, slot.length) == text) {
      return i;
    }
  }
}

std::optional<std::uint32_t> SeriesTable::Find(std::string_view text) const {
  const Slot& slot = slots_[Probe(Hash64(text), text)];
  if (slot.offset == kFree) return std::nullopt;
  return slot.handle;
}

Status SeriesTable::Insert(std::string_view text, std::uint32_t handle) {
  if (used_ >= kSeriesTextsMax) {
    return MakeError(ErrorCode::kResourceExhausted,
                     "more than " + std::to_string(kSeriesTextsMax) + " series");
  }
  if (2 * (used_ + 1) > slots_.size()) Grow();
  const std::uint64_t hash = Hash64(text);
  slots_[Probe(hash, text)] =
      Slot{hash, texts_.size(), static_cast<std::uint32_t>(text.size()), handle};
  texts_ += text;
  ++used_;
  return Ok{};
}

void SeriesTable::Grow() {
  std::vector<Slot> old(slots_.size() * 2, Slot{0, kFree, 0, 0});
  old.swap(slots_);
  const size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.offset == kFree) continue;
    size_t i = slot.hash & mask;
    while (slots_[i].offset != kFree) i = (i + 1) & mask;
    slots_[i] = slot;
  }
}

}  // namespace quell::ingest
