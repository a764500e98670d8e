// What other receivers are told of pages that one of them will not get.
#pragma once

#include "engine/paging/notification.h"
#include "engine/store/store.h"

namespace quell::paging {

// A trigger under a key of its own, that belongs to no incident and is resolved by people.
Notification DeadLetterNotice(const store::DeadLetterNews& news, TimeMs now);

}  // namespace quell::paging
