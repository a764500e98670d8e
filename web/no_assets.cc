#include "web/assets.h"

namespace quell::web {

std::span<const Asset> Assets() { return {}; }

}  // namespace quell::web
