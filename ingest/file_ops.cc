#include "ingest/file_ops.h"

#include <fcntl.h>
#include <unistd.h>

#include "ingest/descriptor.h"

namespace quell::ingest {
namespace {

class PosixFileOps final : public FileOps {
 public:
  int Create(const std::string& path) override {
    return ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  }
  std::ptrdiff_t Write(int fd, const char* data, std::size_t count) override {
    return ::write(fd, data, count);
  }
  int Sync(int fd) override { return ::fdatasync(fd); }
  int SyncFolder(const std::string& path) override {
    const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return folder.get() < 0 ? -1 : ::fsync(folder.get());
  }
  int Truncate(int fd, std::uint64_t size) override {
    return ::ftruncate(fd, static_cast<off_t>(size));
  }
};

}  // namespace

FileOps& SystemFileOps() {
  static PosixFileOps ops;
  return ops;
}

}  // namespace quell::ingest
