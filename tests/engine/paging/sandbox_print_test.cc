// What somebody who watches the sandbox sees.
#include <catch2/catch.hpp>

#include "tests/support/pagerduty_print.h"

namespace quell::test {
namespace {

using nlohmann::json;

AcceptedEvent Event(std::uint64_t number, Effect effect, const char* body) {
  return {number, 0, effect, "quell-3a7363d9f6284d9b43004233d02b73c38d152eff", json::parse(body)};
}

TEST_CASE("Sandbox: a page and its resolve are readable blocks", "[paging][golden]") {
  PagePrinter printer(false);
  const std::string rule = [] {
    std::string text;
    for (int i = 0; i < 96; ++i) text += "─";
    return text + "\n";
  }();
  CHECK(printer.Block(Event(1, Effect::kOpened, R"({"event_action":"trigger","payload":{
          "summary":"psp=acme: failure ratio 18.2 %","source":"acme","severity":"critical",
          "timestamp":"2026-08-22T10:02:00.000Z","custom_details":{"scope":{"psp":"acme"},
          "evidence":["a sentence that goes on and on, far beyond what one line of the block has room for, and then some","two"],
          "changes":[]}},"links":[{"href":"https://q.example/1"}]})")) ==
        "┌" + rule + R"(│ PAGE  CRITICAL   #1   2026-08-22T10:02:00.000Z
│ psp=acme: failure ratio 18.2 %
│
│ source     acme
│ scope      psp=acme
│ evidence   - a sentence that goes on and on, far beyond what one line of the block has room for,
│              and then some
│            - two
│ link       https://q.example/1
│ key        quell-3a7363d9f628...
)" + "└" + rule);
  CHECK(printer.Block(Event(2, Effect::kResolved, R"({"event_action":"resolve"})")) ==
        "┌" + rule + R"(│ RESOLVED   #2   (page #1)
│ psp=acme: failure ratio 18.2 %
│ key        quell-3a7363d9f628...
)" + "└" + rule);
}

TEST_CASE("Sandbox: a fail script says what it does not understand", "[paging]") {
  const auto faults = ParseFailScript("503x2,429:7,hang,pass");
  REQUIRE(faults.ok());
  REQUIRE(faults->size() == 5);
  CHECK((*faults)[1].status == 503);
  CHECK((*faults)[2].retry_after == "7");
  CHECK((*faults)[3].kind == Fault::Kind::kHang);
  CHECK(ParseFailScript("")->empty());
  for (const char* bad : {"boom", "503x0", "99", "503xx", "503,,503", "x3"}) {
    CHECK_FALSE(ParseFailScript(bad).ok());
  }
}

}  // namespace
}  // namespace quell::test
