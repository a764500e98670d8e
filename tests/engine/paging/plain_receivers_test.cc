#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/paging/receiver.h"
#include "tests/engine/paging/sample_incident.h"
#include "tests/support/temp_folder.h"

namespace quell::paging {
namespace {

Notification Sample(Action action) {
  return MakeNotification(action, SampleEvent(incidents::IncidentEventKind::kPage), "");
}

std::string Contents(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST_CASE("File receiver: one JSON line for each notification", "[paging]") {
  const test::TempFolder folder;
  const std::string path = folder.File("pages.jsonl");
  const auto receiver = MakeFileReceiver("log", path);
  REQUIRE(receiver.ok());
  CHECK((*receiver)->name() == "log");
  for (const Action action : {Action::kTrigger, Action::kUpdate, Action::kResolve}) {
    CHECK((*receiver)->Deliver(Sample(action)).outcome == DeliveryOutcome::kDelivered);
  }
  CHECK(Contents(path) == ToJson(Sample(Action::kTrigger)) + "\n" +
                              ToJson(Sample(Action::kUpdate)) + "\n" +
                              ToJson(Sample(Action::kResolve)) + "\n");
}

TEST_CASE("File receiver: a torn last line is ended, not continued", "[paging]") {
  const test::TempFolder folder;
  const std::string path = folder.File("pages.jsonl");
  std::ofstream(path) << "{\"torn\":";
  const auto receiver = MakeFileReceiver("log", path);
  REQUIRE(receiver.ok());
  REQUIRE((*receiver)->Deliver(Sample(Action::kTrigger)).outcome == DeliveryOutcome::kDelivered);
  CHECK(Contents(path) == "{\"torn\":\n" + ToJson(Sample(Action::kTrigger)) + "\n");
}

TEST_CASE("File receiver: a file that was rotated away is made anew", "[paging]") {
  const test::TempFolder folder;
  const std::string path = folder.File("pages.jsonl");
  const auto receiver = MakeFileReceiver("log", path);
  REQUIRE(receiver.ok());
  std::filesystem::remove(path);
  CHECK((*receiver)->Deliver(Sample(Action::kTrigger)).outcome == DeliveryOutcome::kDelivered);
  CHECK_FALSE(Contents(path).empty());
}

TEST_CASE("File receiver: a full disk is a retry", "[paging]") {
  if (!std::filesystem::exists("/dev/full")) return;
  const auto receiver = MakeFileReceiver("log", "/dev/full");
  REQUIRE(receiver.ok());
  const Delivery delivery = (*receiver)->Deliver(Sample(Action::kTrigger));
  CHECK(delivery.outcome == DeliveryOutcome::kRetry);
  CHECK(delivery.detail.find("write /dev/full: ") == 0);
}

TEST_CASE("File receiver: a path that cannot be opened is an error that names it", "[paging]") {
  const auto receiver = MakeFileReceiver("log", "/nonexistent/pages.jsonl");
  REQUIRE_FALSE(receiver.ok());
  CHECK(receiver.error().message.find("/nonexistent/pages.jsonl") != std::string::npos);
}

}  // namespace
}  // namespace quell::paging
