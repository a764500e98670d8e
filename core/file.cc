#include "core/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace quell {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Status WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("cannot write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return Ok{};
}

}  // namespace

Error SystemError(std::string_view what, const std::string& path) {
  const std::string reason = std::generic_category().message(errno);
  return MakeError(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
                   std::string(what) + " " + path + ": " + reason);
}

Result<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return SystemError("cannot open", path);
  std::string out;
  struct stat now {};
  if (::fstat(file.get(), &now) == 0 && now.st_size > 0) {
    out.reserve(std::min(max_bytes, static_cast<size_t>(now.st_size)));
  }
  std::string block(size_t{1} << 16U, '\0');
  for (;;) {
    const ssize_t count = ::read(file.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("cannot read", path);
    if (count == 0) return out;
    if (out.size() + static_cast<size_t>(count) > max_bytes) {
      return MakeError(ErrorCode::kResourceExhausted,
                       path + " is larger than " + std::to_string(max_bytes) + " bytes");
    }
    out.append(block.data(), static_cast<size_t>(count));
  }
}

Status WriteFileAtomic(const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp";
  const Status replaced = [&]() -> Status {
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
    if (file.get() < 0) return SystemError("cannot create", temporary);
    QUELL_TRY(WriteAll(file.get(), bytes, temporary));
    if (::fsync(file.get()) != 0) return SystemError("cannot sync", temporary);
    if (::rename(temporary.c_str(), path.c_str()) != 0) return SystemError("cannot rename", path);
    return Ok{};
  }();
  if (!replaced.ok()) {
    ::unlink(temporary.c_str());  // on a full disk it would keep what is left
    return replaced;
  }
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const Descriptor folder(
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0 && ::fsync(folder.get()) != 0) return SystemError("cannot sync", parent);
  return Ok{};
}

Status SyncPath(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return SystemError("cannot open", path);
  if (::fsync(file.get()) != 0) return SystemError("cannot sync", path);
  return Ok{};
}

Status RenameDurably(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return SystemError("cannot rename " + from, to);
  for (const std::string& path : {from, to}) {
    const std::string parent = std::filesystem::path(path).parent_path().string();
    QUELL_TRY(SyncPath(parent.empty() ? "." : parent));
  }
  return Ok{};
}

Status MakeFolders(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return MakeError(ErrorCode::kIo, "cannot create " + path + ": " + error.message());
  return Ok{};
}

Result<std::vector<std::string>> ListFiles(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> out;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (it->is_regular_file(error)) out.push_back(it->path().string());
  }
  if (error) return MakeError(ErrorCode::kIo, "cannot list " + folder + ": " + error.message());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace quell
