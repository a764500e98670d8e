// Receivers for trying out: the console and a file of JSON lines.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>

#include "core/file.h"
#include "engine/paging/receiver.h"
#include "engine/paging/text_block.h"

namespace quell::paging {
namespace {

class ConsoleReceiver final : public Receiver {
 public:
  explicit ConsoleReceiver(std::string name) : name_(std::move(name)) {}

  [[nodiscard]] std::string_view name() const override { return name_; }

  Delivery Deliver(const Notification& notification) override {
    const std::string block = TextBlock(notification);
    const bool written = std::fwrite(block.data(), 1, block.size(), stdout) == block.size();
    if (!written || std::fflush(stdout) != 0) {
      std::clearerr(stdout);
      return {DeliveryOutcome::kRetry, 0, true, "stdout cannot be written"};
    }
    return {DeliveryOutcome::kDelivered, 0, false, ""};
  }

 private:
  std::string name_;
};

class Descriptor {
 public:
  explicit Descriptor(const std::string& path)
      : fd_(open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0640)) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

class FileReceiver final : public Receiver {
 public:
  FileReceiver(std::string name, std::string path)
      : name_(std::move(name)), path_(std::move(path)) {}

  [[nodiscard]] std::string_view name() const override { return name_; }

  Delivery Deliver(const Notification& notification) override {
    const std::optional<Error> error = Append(ToJson(notification) + "\n");
    if (!error.has_value()) return {DeliveryOutcome::kDelivered, 0, false, ""};
    return {DeliveryOutcome::kRetry, 0, false, error->message};
  }

 private:
  // All of `line` reaches the disk, or nothing of it stays.
  [[nodiscard]] std::optional<Error> Append(std::string line) const {
    const Descriptor file(path_);
    struct stat info {};
    if (file.get() < 0 || fstat(file.get(), &info) != 0) return SystemError("open", path_);
    char last = '\n';
    if (info.st_size > 0 && pread(file.get(), &last, 1, info.st_size - 1) != 1) last = '\n';
    if (last != '\n') line.insert(line.begin(), '\n');  // a line torn by a crash ends here
    size_t done = 0;
    while (done < line.size()) {
      const ssize_t wrote = write(file.get(), line.data() + done, line.size() - done);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) return Undo(file.get(), info.st_size, "write");
      done += static_cast<size_t>(wrote);
    }
    // Pipes and terminals have nothing to sync.
    if (fsync(file.get()) != 0 && errno != EINVAL) return Undo(file.get(), info.st_size, "sync");
    return std::nullopt;
  }

  [[nodiscard]] Error Undo(int fd, off_t size, std::string_view what) const {
    Error error = SystemError(what, path_);
    if (ftruncate(fd, size) != 0) error.message += " (and a partial line stays)";
    return error;
  }

  std::string name_;
  std::string path_;
};

}  // namespace

std::unique_ptr<Receiver> MakeConsoleReceiver(const std::string& name) {
  return std::make_unique<ConsoleReceiver>(name);
}

Result<std::unique_ptr<Receiver>> MakeFileReceiver(const std::string& name,
                                                   const std::string& path) {
  const Descriptor file(path);
  if (file.get() < 0) return SystemError("open", path);
  return std::unique_ptr<Receiver>(std::make_unique<FileReceiver>(name, path));
}

}  // namespace quell::paging
