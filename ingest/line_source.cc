#include "ingest/line_source.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>

#include "core/file.h"

namespace quell::ingest {
namespace {

constexpr size_t kBlockBytes = 1U << 20U;
constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";

}  // namespace

// Read() appends nothing and returns 0 at the end.
class LineSource::Input {
 public:
  virtual ~Input() = default;
  virtual Result<size_t> Read(char* out, size_t room) = 0;
  [[nodiscard]] virtual std::uint64_t BytesRead() const = 0;
};

namespace {

class FileInput final : public LineSource::Input {
 public:
  FileInput(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~FileInput() override { ::close(fd_); }
  FileInput(const FileInput&) = delete;
  FileInput& operator=(const FileInput&) = delete;

  Result<size_t> Read(char* out, size_t room) override {
    for (;;) {
      const ssize_t count = ::read(fd_, out, room);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return SystemError("cannot read", path_);
      bytes_read_ += static_cast<std::uint64_t>(count);
      return static_cast<size_t>(count);
    }
  }
  // The first bytes, without taking them.
  [[nodiscard]] std::string Peek() const {
    std::string head(4, '\0');
    const ssize_t count = ::pread(fd_, head.data(), head.size(), 0);
    head.resize(count > 0 ? static_cast<size_t>(count) : 0);
    return head;
  }
  [[nodiscard]] std::uint64_t BytesRead() const override { return bytes_read_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  int fd_;
  std::string path_;
  std::uint64_t bytes_read_ = 0;
};

// What gzip and zstd have in common: a block of compressed input that is refilled.
class CompressedInput : public LineSource::Input {
 public:
  explicit CompressedInput(std::unique_ptr<FileInput> file)
      : file_(std::move(file)), block_(kBlockBytes, '\0') {}
  [[nodiscard]] std::uint64_t BytesRead() const override { return file_->BytesRead(); }

 protected:
  // False at the end of the file.
  Result<bool> Refill() {
    QUELL_ASSIGN(const size_t count, file_->Read(block_.data(), block_.size()));
    left_ = std::string_view(block_).substr(0, count);
    return count > 0;
  }
  Error Damaged(std::string_view what) const {
    return MakeError(ErrorCode::kCorrupt, file_->path() + ": near byte " +
                                              std::to_string(file_->BytesRead() - left_.size()) +
                                              ": " + std::string(what));
  }
  std::unique_ptr<FileInput> file_;
  std::string block_;
  std::string_view left_;
};

class GzipInput final : public CompressedInput {
 public:
  explicit GzipInput(std::unique_ptr<FileInput> file) : CompressedInput(std::move(file)) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    ready_ = inflateInit2(&stream_, kGzipOnly) == Z_OK;
  }
  ~GzipInput() override { inflateEnd(&stream_); }
  GzipInput(const GzipInput&) = delete;
  GzipInput& operator=(const GzipInput&) = delete;

  Result<size_t> Read(char* out, size_t room) override {
    if (!ready_) return Damaged("zlib could not start");
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(room);
    while (stream_.avail_out == room) {
      if (left_.empty()) {
        QUELL_ASSIGN(const bool more, Refill());
        if (!more && in_member_) return Damaged("the gzip data is cut short");
        if (!more) return size_t{0};
      }
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(left_.data()));
      stream_.avail_in = static_cast<uInt>(left_.size());
      in_member_ = true;
      const int state = inflate(&stream_, Z_NO_FLUSH);
      left_.remove_prefix(left_.size() - stream_.avail_in);
      if (state == Z_STREAM_END) {  // members may follow one another
        in_member_ = false;
        inflateReset(&stream_);
      } else if (state != Z_OK && state != Z_BUF_ERROR) {
        return Damaged("the gzip data is damaged");
      }
    }
    return room - stream_.avail_out;
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
  bool in_member_ = true;
};

class ZstdInput final : public CompressedInput {
 public:
  explicit ZstdInput(std::unique_ptr<FileInput> file)
      : CompressedInput(std::move(file)), stream_(ZSTD_createDStream()) {}
  ~ZstdInput() override { ZSTD_freeDStream(stream_); }
  ZstdInput(const ZstdInput&) = delete;
  ZstdInput& operator=(const ZstdInput&) = delete;

  Result<size_t> Read(char* out, size_t room) override {
    ZSTD_outBuffer target{out, room, 0};
    while (target.pos == 0) {
      // With no input left the decoder may still hold output back; ask it once before refilling.
      if (left_.empty() && drained_) {
        QUELL_ASSIGN(const bool more, Refill());
        if (!more && in_frame_) return Damaged("the zstd data is cut short");
        if (!more) return size_t{0};
      }
      ZSTD_inBuffer source{left_.data(), left_.size(), 0};
      const size_t state = ZSTD_decompressStream(stream_, &target, &source);
      if (ZSTD_isError(state) != 0) {
        return Damaged(std::string("zstd: ") + ZSTD_getErrorName(state));
      }
      left_.remove_prefix(source.pos);
      in_frame_ = state != 0;
      drained_ = target.pos < target.size;
    }
    return target.pos;
  }

 private:
  ZSTD_DStream* stream_;
  bool in_frame_ = true;
  bool drained_ = true;
};

}  // namespace

LineSource::LineSource(std::unique_ptr<Input> input) : input_(std::move(input)) {}
LineSource::~LineSource() = default;

Result<std::unique_ptr<LineSource>> LineSource::Open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return SystemError("cannot open", path);
  auto file = std::make_unique<FileInput>(fd, path);
  const std::string head = file->Peek();
  std::unique_ptr<Input> input;
  if (head.starts_with(kGzipMagic)) {
    input = std::make_unique<GzipInput>(std::move(file));
  } else if (head.starts_with(kZstdMagic)) {
    input = std::make_unique<ZstdInput>(std::move(file));
  } else {
    input = std::move(file);
  }
  return std::unique_ptr<LineSource>(new LineSource(std::move(input)));
}

std::unique_ptr<LineSource> LineSource::OverText(std::string_view text) {
  auto source = std::unique_ptr<LineSource>(new LineSource(nullptr));
  source->text_ = text;
  source->at_end_ = true;
  return source;
}

std::uint64_t LineSource::BytesRead() const {
  return input_ == nullptr ? at_ : input_->BytesRead();
}

// No whole line is left in text_: fetch more, keeping the line's beginning.
Result<bool> LineSource::NextSlow(std::string_view& line) {
  while (!at_end_) {
    std::string_view rest = text_.substr(at_);
    if (rest.size() > kLineBytesMax) {
      return MakeError(ErrorCode::kCorrupt,
                       "a line is longer than " + std::to_string(kLineBytesMax) + " bytes");
    }
    const size_t kept = rest.size();
    if (buffer_.size() < kLineBytesMax + kBlockBytes) buffer_.resize(kLineBytesMax + kBlockBytes);
    if (kept > 0) std::memmove(buffer_.data(), rest.data(), kept);
    QUELL_ASSIGN(const size_t count, input_->Read(buffer_.data() + kept, kBlockBytes));
    text_ = std::string_view(buffer_).substr(0, kept + count);
    at_ = 0;
    if (count == 0) at_end_ = true;
    if (text_.find('\n', kept) != std::string_view::npos) return Next(line);
  }
  if (at_ >= text_.size()) return false;
  line = text_.substr(at_);  // the last line, without a line feed
  at_ = text_.size();
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return true;
}

}  // namespace quell::ingest
