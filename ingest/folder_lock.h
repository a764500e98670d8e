// FolderLock: one writer a folder, by flock(2) on its file "lock". Gone with the object, or with
// the process however it ends.
#pragma once

#include <string>

#include "core/result.h"
#include "ingest/descriptor.h"

namespace quell::ingest {

class FolderLock {
 public:
  // kUnavailable naming the folder if another holder has it.
  Status Take(const std::string& folder);

 private:
  Descriptor file_;
};

}  // namespace quell::ingest
