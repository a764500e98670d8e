// ByteWriter and ByteReader: the little-endian building bricks of every state format.
//
// A snapshot is written and read field by field in one order. Readers never run past the
// end: the first short or oversized read makes ok() false, later reads return zero values.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace quell {

static_assert(std::endian::native == std::endian::little, "state formats are little-endian");

class ByteWriter {
 public:
  template <typename T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void Put(T value) {
    const size_t at = bytes_.size();
    bytes_.resize(at + sizeof(T));
    std::memcpy(bytes_.data() + at, &value, sizeof(T));
  }
  void PutString(std::string_view text) {
    Put(static_cast<std::uint32_t>(text.size()));
    bytes_.append(text);
  }
  // A flat array: count, then the elements' bytes. T must have no padding.
  template <typename T>
  requires std::is_trivially_copyable_v<T>
  void PutArray(std::span<const T> values) {
    Put(static_cast<std::uint64_t>(values.size()));
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  }
  template <typename T>
  void PutArray(const std::vector<T>& values) {
    PutArray(std::span<const T>(values));
  }

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  [[nodiscard]] std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T> T Get() {
    T value{};
    if (!Has(sizeof(T))) return value;
    std::memcpy(&value, bytes_.data() + pos_, sizeof(T));
    pos_ += sizeof(T);
    return value;
  }
  std::string GetString() {
    const auto size = Get<std::uint32_t>();
    if (!Has(size)) return {};
    std::string out(bytes_.substr(pos_, size));
    pos_ += size;
    return out;
  }
  template <typename T>
  requires std::is_trivially_copyable_v<T> std::vector<T> GetArray() {
    const auto count = Get<std::uint64_t>();
    if (count > (bytes_.size() - pos_) / sizeof(T)) {
      ok_ = false;
      return {};
    }
    std::vector<T> out(count);
    if (count > 0) std::memcpy(out.data(), bytes_.data() + pos_, count * sizeof(T));
    pos_ += count * sizeof(T);
    return out;
  }
  // A count that precedes `count` items of at least `min_item_bytes` each: bounded by what is left.
  size_t GetCount(size_t min_item_bytes) {
    const auto count = Get<std::uint64_t>();
    if (count > (bytes_.size() - pos_) / (min_item_bytes == 0 ? 1 : min_item_bytes)) {
      ok_ = false;
      return 0;
    }
    return count;
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool AtEnd() const { return pos_ == bytes_.size(); }

 private:
  bool Has(size_t count) {
    if (!ok_ || count > bytes_.size() - pos_) ok_ = false;
    return ok_;
  }
  std::string_view bytes_;
  size_t pos_ = 0;
  bool ok_ = true;
};

}  // namespace quell
