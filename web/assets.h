// Assets: the web page's files, compiled into the program when it was built.
//
// The list is fixed; without QUELL_WEB it is empty.
#pragma once

#include <span>
#include <string_view>

namespace quell::web {

struct Asset {
  std::string_view path;  // "/" or "/web/NAME-HASH.EXT"
  std::string_view type;
  std::string_view etag;   // with its quotes
  bool immutable = false;  // its name changes with its content
  std::string_view bytes;
  std::string_view gzip;  // the same, packed; "" = not worth it
};

std::span<const Asset> Assets();

}  // namespace quell::web
