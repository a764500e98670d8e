// The file of the redaction key: made once, never replaced.
#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "core/file.h"
#include "ingest/descriptor.h"
#include "ingest/redaction.h"

namespace quell::ingest {
namespace {

Status WriteKey(const std::string& path, std::string_view key) {
  const std::string temporary = path + ".tmp";
  {
    ::unlink(temporary.c_str());  // left by a crash, perhaps with another mode
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (file.get() < 0) return SystemError("cannot create", temporary);
    const ssize_t written = ::write(file.get(), key.data(), key.size());
    if (written != static_cast<ssize_t>(key.size())) {
      if (written >= 0) errno = ENOSPC;
      return SystemError("cannot write", temporary);
    }
    if (::fsync(file.get()) != 0) return SystemError("cannot sync", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return SystemError("cannot rename", path);
  const std::string folder = path.substr(0, path.find_last_of('/') + 1);
  const Descriptor parent(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() < 0 || ::fsync(parent.get()) != 0) return SystemError("cannot sync", folder);
  return Ok{};
}

}  // namespace

Result<std::string> LoadOrMakeRedactionKey(const std::string& path) {
  constexpr size_t kFileBytesMax = 4096;
  auto stored = ReadFile(path, kFileBytesMax);
  if (stored.ok()) {
    if (stored->size() != Redactor::kKeyBytes) {
      return MakeError(ErrorCode::kCorrupt,
                       path + ": the redaction key has " + std::to_string(stored->size()) +
                           " bytes, not " + std::to_string(Redactor::kKeyBytes) +
                           "; restore it from a backup, or remove it to start with a new one "
                           "(redacted values then change, and their series with them)");
    }
    // A copy may have come with a wider mode.
    if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) return SystemError("cannot chmod", path);
    return stored;
  }
  if (stored.error().code != ErrorCode::kNotFound) return stored.error();
  std::string key(Redactor::kKeyBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size())) != 1) {
    return MakeError(ErrorCode::kUnavailable, "no randomness for the redaction key " + path);
  }
  QUELL_TRY(WriteKey(path, key));
  return key;
}

}  // namespace quell::ingest
