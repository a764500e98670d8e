#include "ingest/alerts/alert_codec.h"

#include <cstring>

namespace quell::ingest {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kTimeout = 1;
constexpr size_t kRowHeaderBytes = 8 + 8 + 8 + 1 + 4;

template <typename T>
void Put(std::string& out, T value) {
  const size_t at = out.size();
  out.resize(at + sizeof value);
  std::memcpy(out.data() + at, &value, sizeof value);
}

template <typename T>
T Take(std::string_view& in) {
  T value{};
  std::memcpy(&value, in.data(), sizeof value);
  in.remove_prefix(sizeof value);
  return value;
}

void PutSize(std::string& out, size_t size) {
  for (; size >= 0x80; size >>= 7U) out += static_cast<char>((size & 0x7FU) | 0x80U);
  out += static_cast<char>(size);
}

void PutText(std::string& out, std::string_view text) {
  PutSize(out, text.size());
  out.append(text);
}

bool TakeSize(std::string_view& in, size_t& out) {
  out = 0;
  for (unsigned shift = 0; !in.empty() && shift < 35; shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    out |= static_cast<size_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool TakeText(std::string_view& in, std::string& out) {
  size_t size = 0;
  if (!TakeSize(in, size) || size > in.size()) return false;
  out = in.substr(0, size);
  in.remove_prefix(size);
  return true;
}

bool TakePairs(std::string_view& in, Labels& out) {
  size_t count = 0;
  if (!TakeSize(in, count) || count > in.size()) return false;
  std::vector<Label> pairs(count);
  for (Label& pair : pairs) {
    if (!TakeText(in, pair.name) || !TakeText(in, pair.value)) return false;
  }
  out = Labels(std::move(pairs));
  return true;
}

void PutPairs(std::string& out, const std::vector<Label>& pairs) {
  PutSize(out, pairs.size());
  for (const Label& pair : pairs) {
    PutText(out, pair.name);
    PutText(out, pair.value);
  }
}

}  // namespace

std::uint64_t FingerprintOf(const std::vector<Label>& pairs) {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    hash = (hash ^ 0xFFU) * 1099511628211ULL;
  };
  for (const Label& pair : pairs) {
    add(pair.name);
    add(pair.value);
  }
  return hash;
}

void EncodeAlerts(std::span<const ReceivedAlert* const> alerts, std::string& out) {
  out.clear();
  Put(out, kVersion);
  Put(out, static_cast<std::uint32_t>(alerts.size()));
  for (const ReceivedAlert* alert : alerts) {
    Put(out, FingerprintOf(alert->labels));
    Put(out, alert->starts_at);
    Put(out, alert->ends_at);
    Put(out, alert->timeout ? kTimeout : std::uint8_t{0});
    const size_t size_at = out.size();
    Put(out, std::uint32_t{0});
    PutPairs(out, alert->labels);
    PutPairs(out, alert->annotations);
    PutText(out, alert->generator_url);
    const auto size = static_cast<std::uint32_t>(out.size() - size_at - 4);
    std::memcpy(out.data() + size_at, &size, sizeof size);
  }
}

Result<std::vector<AlertRow>> DecodeAlerts(std::string_view payload) {
  const Error corrupt = MakeError(ErrorCode::kCorrupt, "a record of alerts does not decode");
  if (payload.size() < 5 || Take<std::uint8_t>(payload) != kVersion) return corrupt;
  const auto count = Take<std::uint32_t>(payload);
  if (count > payload.size() / kRowHeaderBytes) return corrupt;
  std::vector<AlertRow> out(count);
  for (AlertRow& row : out) {
    if (payload.size() < kRowHeaderBytes) return corrupt;
    row.fingerprint = Take<std::uint64_t>(payload);
    row.starts_at = Take<TimeMs>(payload);
    row.ends_at = Take<TimeMs>(payload);
    row.timeout = (Take<std::uint8_t>(payload) & kTimeout) != 0;
    const auto size = Take<std::uint32_t>(payload);
    if (size > payload.size()) return corrupt;
    row.text = payload.substr(0, size);
    payload.remove_prefix(size);
  }
  if (!payload.empty()) return corrupt;
  return out;
}

AlertText DecodeAlertText(std::string_view text) {
  AlertText out;
  if (!TakePairs(text, out.labels) || !TakePairs(text, out.annotations) ||
      !TakeText(text, out.generator_url)) {
    return {};
  }
  return out;
}

}  // namespace quell::ingest
