// Files as Results: whole-file reads, atomic durable writes, folders.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace quell {

// kIo naming the path and the system's reason; kResourceExhausted above `max_bytes`.
Result<std::string> ReadFile(const std::string& path, size_t max_bytes = size_t{1} << 33U);

// Temporary file, fsync, rename, fsync of the folder: after a crash either the old or the new file.
Status WriteFileAtomic(const std::string& path, std::string_view bytes);

// rename(2), durable: both folders are synced. `to` may be an empty folder where `from` is one.
Status RenameDurably(const std::string& from, const std::string& to);

// fsync of a file's bytes, or of a folder's names.
Status SyncPath(const std::string& path);

Status MakeFolders(const std::string& path);

// Plain files in `folder` (not below it), sorted by name; full paths.
Result<std::vector<std::string>> ListFiles(const std::string& folder);

// "what path: strerror(errno)" as kIo.
Error SystemError(std::string_view what, const std::string& path);

}  // namespace quell
