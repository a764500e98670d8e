// A notification as a block of text for a terminal.
#pragma once

#include <string>

#include "engine/paging/notification.h"

namespace quell::paging {

// Ends with an empty line. Control characters in any text are made harmless.
std::string TextBlock(const Notification& notification);

}  // namespace quell::paging
