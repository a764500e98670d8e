#include "engine/models/registry.h"

#include <catch2/catch.hpp>
#include <map>

namespace quell::models {
namespace {

// Does things to versions "a", "b", ... one after the other.
struct World {
  Registry registry;
  std::map<std::string, std::string> ids;  // by letter
  int actions = 0;

  ModelAction Make(ActionKind kind, const std::string& who, const std::string& letter) {
    ModelAction action;
    action.kind = kind;
    action.id = std::to_string(++actions);
    action.by = who;
    action.at = actions * kMinuteMs;
    action.reason = "because";
    if (kind == ActionKind::kRegister) {
      action.content.settings = R"({"lateness":")" + letter + "\"}";
      action.content.program = "1.0 (abc)";
      action.content.author = who;
      action.model = ids[letter] = NameOf(action.content);
    } else {
      action.model = ids[letter];
    }
    return action;
  }
  Refusal Do(ActionKind kind, const std::string& who, const std::string& letter) {
    return registry.Take(Make(kind, who, letter));
  }
  State StateOf(const std::string& letter) { return registry.Find(ids[letter])->state; }
  std::string Saved() {
    ByteWriter out;
    registry.Save(out);
    return out.Take();
  }
};

constexpr auto kRegister = ActionKind::kRegister;
constexpr auto kApprove = ActionKind::kApprove;
constexpr auto kShadow = ActionKind::kShadow;
constexpr auto kCanary = ActionKind::kCanary;
constexpr auto kPromote = ActionKind::kPromote;
constexpr auto kRollback = ActionKind::kRollback;
constexpr auto kRetire = ActionKind::kRetire;

TEST_CASE("Registry: a version goes from candidate to active, and a rollback is one step back",
          "[models]") {
  World world;
  CHECK(world.Do(kRegister, "ada", "a") == Refusal::kNone);
  CHECK(world.registry.Active() == nullptr);
  CHECK(world.Do(kShadow, "ada", "a") == Refusal::kNone);
  CHECK(world.Do(kCanary, "ada", "a") == Refusal::kNone);
  CHECK(world.Do(kPromote, "ada", "a") == Refusal::kNone);
  CHECK(world.registry.Active()->id == world.ids["a"]);
  CHECK(world.Do(kRegister, "ada", "b") == Refusal::kNone);
  CHECK(world.Do(kPromote, "ada", "b") == Refusal::kNone);
  CHECK(world.StateOf("a") == State::kRetired);
  CHECK(world.registry.Before()->id == world.ids["a"]);
  CHECK(world.Do(kRollback, "bob", "b") == Refusal::kNone);
  CHECK(world.StateOf("b") == State::kRetired);
  CHECK(world.StateOf("a") == State::kActive);
  CHECK(world.registry.Find(world.ids["a"])->state_by == "bob");
  CHECK(world.Do(kRollback, "bob", "b") == Refusal::kNotActive);  // asked twice, one step
  CHECK(world.Do(kRollback, "bob", "a") == Refusal::kNone);
  CHECK(world.registry.Active() == nullptr);
  CHECK(world.Do(kRollback, "bob", "a") == Refusal::kNothingBefore);
}

TEST_CASE("Registry: what a state does not allow is refused, with its reason", "[models]") {
  World world;
  world.ids["x"] = "00ff";
  CHECK(world.Do(kPromote, "ada", "x") == Refusal::kUnknownModel);
  world.Do(kRegister, "ada", "a");
  CHECK(world.Do(kRegister, "ada", "a") == Refusal::kAlreadyRegistered);
  world.Do(kShadow, "ada", "a");
  CHECK(world.Do(kShadow, "ada", "a") == Refusal::kAlreadyThere);
  world.Do(kCanary, "ada", "a");
  CHECK(world.Do(kShadow, "ada", "a") == Refusal::kIsCanary);
  world.Do(kPromote, "ada", "a");
  for (const ActionKind kind : {kApprove, kShadow, kCanary, kRetire}) {
    CHECK(world.Do(kind, "ada", "a") == Refusal::kIsActive);
  }
  CHECK(world.Do(kPromote, "ada", "a") == Refusal::kAlreadyThere);
  world.Do(kRegister, "ada", "b");
  world.Do(kRetire, "ada", "b");
  for (const ActionKind kind : {kApprove, kShadow, kCanary, kPromote}) {
    CHECK(world.Do(kind, "ada", "b") == Refusal::kIsRetired);
  }
  CHECK(world.Do(kRetire, "ada", "b") == Refusal::kAlreadyThere);
}

TEST_CASE("Registry: people approve once each, and stay on record", "[models]") {
  World world;
  world.Do(kRegister, "ada", "a");
  CHECK(world.Do(kApprove, "bob", "a") == Refusal::kNone);
  CHECK(world.Do(kApprove, "bob", "a") == Refusal::kApprovedAlready);
  for (size_t i = 1; i < Registry::kApprovalsMax; ++i) {
    CHECK(world.Do(kApprove, "p" + std::to_string(i), "a") == Refusal::kNone);
  }
  CHECK(world.Do(kApprove, "one more", "a") == Refusal::kTooManyApprovals);
  const auto& approvals = world.registry.Find(world.ids["a"])->approvals;
  REQUIRE(approvals.size() == Registry::kApprovalsMax);
  CHECK(approvals[0].by == "bob");
  CHECK(approvals[0].reason == "because");
  CHECK(approvals[0].at == 2 * kMinuteMs);
}

TEST_CASE("Registry: one version runs beside; the former one is a candidate again", "[models]") {
  World world;
  world.Do(kRegister, "ada", "a");
  world.Do(kRegister, "ada", "b");
  world.Do(kShadow, "ada", "a");
  CHECK(world.Do(kCanary, "ada", "b") == Refusal::kNone);
  CHECK(world.StateOf("a") == State::kCandidate);
  CHECK(world.registry.Beside()->id == world.ids["b"]);
}

TEST_CASE("Registry: full, it lets the oldest retired version go, and none that is needed",
          "[models]") {
  World world;
  world.Do(kRegister, "ada", "0");
  world.Do(kPromote, "ada", "0");
  for (size_t i = 1; i < Registry::kVersionsMax; ++i) {
    REQUIRE(world.Do(kRegister, "ada", std::to_string(i)) == Refusal::kNone);
  }
  world.Do(kPromote, "ada", "1");  // "0" is retired, and what a rollback leads to
  CHECK(world.Do(kRegister, "ada", "new") == Refusal::kFull);
  world.Do(kRetire, "ada", "7");
  CHECK(world.Do(kRegister, "ada", "new") == Refusal::kNone);
  CHECK(world.registry.Find(world.ids["7"]) == nullptr);
  CHECK(world.registry.models().size() == Registry::kVersionsMax);
}

TEST_CASE("Registry: an action taken before changes nothing; saved and read it is the same",
          "[models]") {
  World world;
  const ModelAction first = world.Make(kRegister, "ada", "a");
  world.registry.Take(first);
  const ModelAction promote = world.Make(kPromote, "ada", "a");
  world.registry.Take(promote);
  world.Do(kRollback, "ada", "a");
  const std::string before = world.Saved();
  CHECK(world.registry.Take(promote) == Refusal::kNone);
  CHECK(world.Saved() == before);
  Registry read;
  ByteReader in(before);
  REQUIRE(read.Load(in));
  CHECK(in.AtEnd());
  CHECK(read.Knows(promote.id));
  ByteWriter again;
  read.Save(again);
  CHECK(again.bytes() == before);
  ByteReader cut(std::string_view(before).substr(0, before.size() - 1));
  CHECK_FALSE(read.Load(cut));
}

TEST_CASE("Registry: the same registered by the same again is told, whatever was learned since",
          "[models]") {
  World world;
  const ModelAction first = world.Make(kRegister, "ada", "a");
  world.registry.Take(first);
  ModelAction again = first;
  again.id = "again";
  again.content.learned = "other";
  again.model = NameOf(again.content);
  CHECK(again.model != first.model);
  REQUIRE(world.registry.Twin(again) != nullptr);
  CHECK(world.registry.Twin(again)->id == first.model);
  again.content.author = "bob";
  CHECK(world.registry.Twin(again) == nullptr);
}

TEST_CASE("Model actions: what the journal keeps of one comes back, and damage is told",
          "[models]") {
  World world;
  ModelAction action = world.Make(kRegister, "ada \"quoted\"", "a");
  action.content.quality = R"({"recall":0.9})";
  action.content.training_from = kDayMs;
  action.content.training_to = 2 * kDayMs;
  action.model = NameOf(action.content);
  const std::string json = ActionJson(action);
  const auto read = ParseActionJson(json);
  REQUIRE(read.ok());
  CHECK(ActionJson(*read) == json);
  CHECK(read->content.quality == action.content.quality);
  // Content that is not what it is named after.
  std::string other = json;
  other.replace(other.find("0.9"), 3, "0.8");
  CHECK_FALSE(ParseActionJson(other).ok());
  CHECK_FALSE(ParseActionJson(R"({"operation":"people"})").ok());
  CHECK_FALSE(ParseActionJson("[]").ok());
  ModelAction canary = world.Make(kCanary, "ada", "a");
  canary.share = 0.1;
  canary.gates = "recall 0.9 >= 0.8";
  const auto shared = ParseActionJson(ActionJson(canary));
  REQUIRE(shared.ok());
  CHECK(shared->share == 0.1);
  CHECK(shared->gates == canary.gates);
}

}  // namespace
}  // namespace quell::models
