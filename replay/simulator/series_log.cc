#include "replay/simulator/series_log.h"

#include <cmath>
#include <cstring>

namespace quell::simulator {
namespace {

std::uint64_t ZigZag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63U);
}
std::int64_t UnZigZag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
}

void PutVarint(std::uint64_t value, std::string& out) {
  for (; value >= 0x80U; value >>= 7U) out += static_cast<char>(value | 0x80U);
  out += static_cast<char>(value);
}
std::uint64_t GetVarint(const std::string& bytes, size_t& at) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; at < bytes.size(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes[at++]);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80U) break;
  }
  return value;
}

}  // namespace

void SeriesLog::Append(TimeMs time, double value) {
  const TimeMs step = time - time_;
  const bool whole =
      std::abs(value) < 9e15 && value == std::floor(value) && !(value == 0 && std::signbit(value));
  PutVarint(ZigZag(step - step_) << 1U | (whole ? 0U : 1U), bytes_);
  if (whole) {
    const auto now = static_cast<std::int64_t>(value);
    PutVarint(ZigZag(now - whole_), bytes_);
    whole_ = now;
  } else {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  step_ = step;
  time_ = time;
  ++size_;
}

bool SeriesLog::Reader::Next(TimeMs& time, double& value) {
  if (at_ >= log_.bytes_.size()) return false;
  const std::uint64_t head = GetVarint(log_.bytes_, at_);
  step_ += UnZigZag(head >> 1U);
  time_ += step_;
  time = time_;
  if ((head & 1U) == 0) {
    whole_ += UnZigZag(GetVarint(log_.bytes_, at_));
    value = static_cast<double>(whole_);
  } else {
    std::memcpy(&value, log_.bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
  }
  return true;
}

}  // namespace quell::simulator
