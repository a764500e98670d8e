#include "replay/simulator/compressed_file.h"

#include <zlib.h>
#include <zstd.h>

#include <cstdio>

#include "core/file.h"

namespace quell::simulator {

struct CompressedFile::Stream {
  std::string path, temporary;
  Compression compression = Compression::kNone;
  std::FILE* file = nullptr;
  gzFile gzip = nullptr;
  ZSTD_CCtx* zstd = nullptr;
  std::string out;

  ~Stream() {
    if (gzip != nullptr) gzclose(gzip);
    if (zstd != nullptr) ZSTD_freeCCtx(zstd);
    if (file != nullptr) std::fclose(file);
    if (!temporary.empty()) std::remove(temporary.c_str());
  }
  Status Put(std::string_view bytes) const {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size()) return Ok{};
    return SystemError("cannot write", temporary);
  }
  Status PutZstd(std::string_view bytes, ZSTD_EndDirective end) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer to{out.data(), out.size(), 0};
      const size_t left = ZSTD_compressStream2(zstd, &to, &in, end);
      if (ZSTD_isError(left) != 0) {
        return MakeError(ErrorCode::kIo,
                         "cannot compress " + path + ": " + ZSTD_getErrorName(left));
      }
      QUELL_TRY(Put({out.data(), to.pos}));
      if (end == ZSTD_e_end ? left == 0 : in.pos == in.size) return Ok{};
    }
  }
};

CompressedFile::CompressedFile(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {}
CompressedFile::~CompressedFile() = default;

Result<std::unique_ptr<CompressedFile>> CompressedFile::Create(const std::string& path,
                                                               Compression compression) {
  auto stream = std::make_unique<Stream>();
  stream->path = path;
  stream->compression = compression;
  const std::string temporary = path + ".part";
  if (compression == Compression::kGzip) {
    stream->gzip = gzopen(temporary.c_str(), "wb1");
    if (stream->gzip == nullptr) return SystemError("cannot create", temporary);
    gzbuffer(stream->gzip, 1U << 18U);
  } else {
    stream->file = std::fopen(temporary.c_str(), "wb");
    if (stream->file == nullptr) return SystemError("cannot create", temporary);
  }
  if (compression == Compression::kZstd) {
    stream->zstd = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(stream->zstd, ZSTD_c_compressionLevel, 1);
    ZSTD_CCtx_setParameter(stream->zstd, ZSTD_c_checksumFlag, 1);
    stream->out.resize(ZSTD_CStreamOutSize());
  }
  stream->temporary = temporary;
  return std::unique_ptr<CompressedFile>(new CompressedFile(std::move(stream)));
}

Status CompressedFile::Write(std::string_view bytes) {
  if (bytes.empty()) return Ok{};
  switch (stream_->compression) {
    case Compression::kGzip:
      if (gzwrite(stream_->gzip, bytes.data(), static_cast<unsigned>(bytes.size())) <= 0) {
        return SystemError("cannot write", stream_->temporary);
      }
      return Ok{};
    case Compression::kZstd:
      return stream_->PutZstd(bytes, ZSTD_e_continue);
    case Compression::kNone:
      break;
  }
  return stream_->Put(bytes);
}

Status CompressedFile::Finish() {
  if (stream_->compression == Compression::kZstd) QUELL_TRY(stream_->PutZstd({}, ZSTD_e_end));
  bool closed = true;
  if (stream_->gzip != nullptr) closed = gzclose(stream_->gzip) == Z_OK;
  if (stream_->file != nullptr) closed = std::fclose(stream_->file) == 0;
  stream_->gzip = nullptr;
  stream_->file = nullptr;
  if (!closed) return SystemError("cannot write", stream_->temporary);
  if (std::rename(stream_->temporary.c_str(), stream_->path.c_str()) != 0) {
    return SystemError("cannot rename to", stream_->path);
  }
  stream_->temporary.clear();
  return Ok{};
}

}  // namespace quell::simulator
