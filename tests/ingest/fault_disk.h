// Disks that break on a plan: one call by its number, or a power cut that keeps only what was
// synced.
#pragma once

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "ingest/file_ops.h"
#include "tests/ingest/temp_folder.h"

namespace quell::ingest {

// Fails the calls numbered `first` to `first` + `count` - 1 (from 1 on, over all kinds of call)
// with `error`. A write that fails may have written half before. Syncs touch no disk.
struct FaultPlan {
  int first = 0;  // 0: never
  int count = 1;
  int error = ENOSPC;
  bool writes_half = false;
};

class PlannedDisk final : public FileOps {
 public:
  explicit PlannedDisk(FaultPlan plan) : plan_(plan) {}

  int Create(const std::string& path) override {
    return Fails() ? -1 : SystemFileOps().Create(path);
  }
  std::ptrdiff_t Write(int fd, const char* data, std::size_t count) override {
    if (half_written_) return half_written_ = false, errno = plan_.error, -1;
    if (!Fails()) return SystemFileOps().Write(fd, data, count);
    half_written_ = plan_.writes_half && count > 1;
    if (half_written_) return SystemFileOps().Write(fd, data, count / 2);
    return -1;
  }
  int Sync(int) override { return Fails() ? -1 : 0; }
  int SyncFolder(const std::string&) override { return Fails() ? -1 : 0; }
  int Truncate(int fd, std::uint64_t size) override {
    return Fails() ? -1 : SystemFileOps().Truncate(fd, size);
  }

  [[nodiscard]] int calls() const { return calls_; }
  [[nodiscard]] bool Over() const { return calls_ >= plan_.first + plan_.count; }
  void Mend() { plan_.first = 0; }  // with no call under way

 private:
  bool Fails() {
    const int number = ++calls_;
    if (plan_.first == 0 || number < plan_.first || number >= plan_.first + plan_.count) {
      return false;
    }
    errno = plan_.error;
    return true;
  }

  FaultPlan plan_;
  std::atomic<int> calls_{0};
  std::atomic<bool> half_written_{false};
};

// Keeps beside the real files what a power cut would leave of them. A failed sync is of the kind
// that Linux has: half of the dirty bytes reach the disk, all are called clean, and the rest never
// gets there unless written again.
class PowerCutDisk final : public FileOps {
 public:
  explicit PowerCutDisk(int failing_sync) : failing_sync_(failing_sync) {}

  int Create(const std::string& path) override {
    const int fd = SystemFileOps().Create(path);
    const std::lock_guard<std::mutex> lock(mutex_);
    files_[Inode(fd)].name = std::filesystem::path(path).filename().string();
    return fd;
  }
  std::ptrdiff_t Write(int fd, const char* data, std::size_t count) override {
    const auto written = SystemFileOps().Write(fd, data, count);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (written > 0) {
      File& file = files_[Inode(fd)];
      file.cache.append(data, static_cast<size_t>(written));
      file.dirty.append(static_cast<size_t>(written), 'd');
    }
    return written;
  }
  int Sync(int fd) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    File& file = files_[Inode(fd)];
    const bool fails = ++syncs_ == failing_sync_;
    file.disk.resize(file.cache.size(), '\0');
    const auto dirty = std::count(file.dirty.begin(), file.dirty.end(), 'd');
    std::ptrdiff_t kept = fails ? dirty / 2 : dirty;
    for (size_t i = 0; i < file.cache.size(); ++i) {
      if (file.dirty[i] == 'd' && kept-- > 0) file.disk[i] = file.cache[i];
      file.dirty[i] = '.';
    }
    return fails ? (errno = EIO, -1) : 0;
  }
  int SyncFolder(const std::string&) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto& [inode, file] : files_) file.named = true;
    return 0;
  }
  int Truncate(int fd, std::uint64_t size) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    File& file = files_[Inode(fd)];
    file.cache.resize(size);
    file.dirty.resize(size, '.');
    return SystemFileOps().Truncate(fd, size);
  }

  // The folder as the next start finds it.
  void CutPower(const TempFolder& into) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [inode, file] : files_) {
      if (file.named) into.Write(file.name, file.disk);
    }
  }
  int syncs() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return syncs_;
  }

 private:
  struct File {
    std::string name, cache, dirty, disk;
    bool named = false;
  };
  static ino_t Inode(int fd) {
    struct stat file {};
    ::fstat(fd, &file);
    return file.st_ino;
  }

  std::mutex mutex_;
  std::map<ino_t, File> files_;
  int failing_sync_;
  int syncs_ = 0;
};

}  // namespace quell::ingest
