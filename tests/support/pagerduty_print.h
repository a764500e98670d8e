// PagePrinter: accepted events as blocks of text for somebody who watches.
#pragma once

#include <map>
#include <string>

#include "tests/support/pagerduty_server.h"

namespace quell::test {

class PagePrinter {
 public:
  explicit PagePrinter(bool colours) : colours_(colours) {}

  // "PAGE ...", "RESOLVED ...", "ACKNOWLEDGED ..."; knows a resolve's summary from its trigger.
  std::string Block(const AcceptedEvent& event);
  // One line: what was wrong with the request.
  [[nodiscard]] std::string Refused(const ReceivedRequest& request) const;

 private:
  struct Page {
    std::uint64_t number = 0;
    std::string summary;
  };
  [[nodiscard]] std::string Paint(const char* colour, const std::string& text) const;

  bool colours_;
  std::map<std::string, Page> pages_;  // by dedup key
};

}  // namespace quell::test
