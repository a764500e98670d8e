// FileOps: the five system calls by which the journal changes a disk, as a seam for tests that
// inject a full or broken one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace quell::ingest {

// Each call behaves as its POSIX namesake and sets errno. Thread-safe.
class FileOps {
 public:
  virtual ~FileOps() = default;
  virtual int Create(const std::string& path) = 0;  // for appending; the file may exist
  virtual std::ptrdiff_t Write(int fd, const char* data, std::size_t count) = 0;
  virtual int Sync(int fd) = 0;
  virtual int SyncFolder(const std::string& path) = 0;  // so that new names in it last
  virtual int Truncate(int fd, std::uint64_t size) = 0;
};

// The real thing; lives as long as the program.
FileOps& SystemFileOps();

}  // namespace quell::ingest
