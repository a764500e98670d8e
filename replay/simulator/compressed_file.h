// CompressedFile: a file written front to back, plain, gzip or zstd.
//
// Written under a temporary name and renamed by Finish(), so a half-written file is never taken
// for a whole one. Thread-compatible.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace quell::simulator {

enum class Compression { kNone, kGzip, kZstd };

class CompressedFile {
 public:
  // kIo naming the path.
  static Result<std::unique_ptr<CompressedFile>> Create(const std::string& path,
                                                        Compression compression);
  ~CompressedFile();
  CompressedFile(const CompressedFile&) = delete;
  CompressedFile& operator=(const CompressedFile&) = delete;

  Status Write(std::string_view bytes);
  Status Finish();

 private:
  struct Stream;
  explicit CompressedFile(std::unique_ptr<Stream> stream);
  std::unique_ptr<Stream> stream_;
};

}  // namespace quell::simulator
