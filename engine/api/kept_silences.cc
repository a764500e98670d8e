#include "engine/api/kept_silences.h"

#include <string_view>

#include "core/bytes.h"
#include "core/file.h"

namespace quell::api {
namespace {

constexpr std::string_view kMagic = "quell-silences-1";

Error Damaged(const std::string& path) {
  return MakeError(ErrorCode::kCorrupt, path + ": the silences do not decode");
}

}  // namespace

Status KeepSilences(const std::string& path, const std::vector<ingest::Silence>& silences) {
  ByteWriter out;
  out.PutString(kMagic);
  out.Put(static_cast<std::uint64_t>(silences.size()));
  for (const ingest::Silence& silence : silences) out.PutString(ingest::EncodeSilence(silence));
  return WriteFileAtomic(path, out.bytes());
}

Result<std::vector<ingest::Silence>> KeptSilences(const std::string& path) {
  std::vector<ingest::Silence> out;
  const auto bytes = ReadFile(path);
  if (!bytes.ok()) {
    if (bytes.error().code == ErrorCode::kNotFound) return out;
    return bytes.error();
  }
  ByteReader in(*bytes);
  if (in.GetString() != kMagic) return Damaged(path);
  const size_t count = in.GetCount(sizeof(std::uint32_t));
  for (size_t i = 0; i < count; ++i) {
    auto silence = ingest::DecodeSilence(in.GetString());
    if (!in.ok() || !silence.ok()) return Damaged(path);
    out.push_back(*std::move(silence));
  }
  if (!in.ok()) return Damaged(path);
  return out;
}

}  // namespace quell::api
