#include "ingest/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "core/file.h"

namespace quell::ingest {

Status FolderLock::Take(const std::string& folder) {
  const std::string path = folder + "/lock";
  file_.Reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (file_.get() < 0) return SystemError("cannot open", path);
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) == 0) return Ok{};
  if (errno != EWOULDBLOCK) return SystemError("cannot lock", path);
  return MakeError(ErrorCode::kUnavailable,
                   "journal folder " + folder + " is in use by another process");
}

}  // namespace quell::ingest
