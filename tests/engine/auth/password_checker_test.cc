#include "engine/auth/password_checker.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "tests/engine/auth/identities.h"

namespace quell::auth {
namespace {

using test::PasswordOf;

const std::vector<UserIdentity>& Users() {
  static const std::vector<UserIdentity> kUsers = test::Everybody().users;
  return kUsers;
}

struct Bench {
  ManualClock clock{1000};
  PasswordChecker checker{clock, Sha256("a key"), {3, 1000, 100}};

  PasswordVerdict Check(const std::string& name, const std::string& password,
                        const char* peer = "192.0.2.1") {
    return checker.Check(Users(), name, password, peer).verdict;
  }
  PasswordVerdict Recall(const std::string& name, const std::string& password,
                         const char* peer = "192.0.2.1") {
    return checker.Recall(Users(), name, password, peer).verdict;
  }
};

TEST_CASE("Password checker: a right password is hashed once and remembered", "[auth]") {
  Bench bench;
  const std::string password = PasswordOf(Role::kRead);
  CHECK(bench.Recall("read-user", password) == PasswordVerdict::kUnchecked);
  const PasswordAnswer answer = bench.checker.Check(Users(), "read-user", password, "192.0.2.1");
  CHECK(answer.verdict == PasswordVerdict::kRight);
  REQUIRE(answer.user != nullptr);
  CHECK(answer.user->name == "read-user");
  CHECK(bench.Recall("read-user", password) == PasswordVerdict::kRight);
  CHECK(bench.Check("read-user", password) == PasswordVerdict::kRight);
  CHECK(bench.checker.hashes() == 1);
}

TEST_CASE("Password checker: a name that nobody has costs the same hash", "[auth]") {
  Bench bench;
  CHECK(bench.Check("nobody", "x") == PasswordVerdict::kWrong);
  CHECK(bench.checker.hashes() == 1);
  CHECK(bench.Check("read-user", "x") == PasswordVerdict::kWrong);
  CHECK(bench.checker.hashes() == 2);
}

TEST_CASE("Password checker: somebody else's password does not open a name that nobody has",
          "[auth]") {
  Bench bench;
  // Whichever user's hash stands in: its right password is still wrong for this name.
  for (const Role role : test::kRoles) {
    CHECK(bench.Check("nobody", PasswordOf(role), PasswordOf(role).c_str()) ==
          PasswordVerdict::kWrong);
    const std::string user = std::string(RoleName(role)) + "-user";
    CHECK(bench.Check(user, PasswordOf(role)) == PasswordVerdict::kRight);
    const std::string peer = "a peer of " + user;
    CHECK(bench.Recall("nobody", PasswordOf(role), peer.c_str()) == PasswordVerdict::kUnchecked);
    CHECK(bench.Check("nobody", PasswordOf(role), peer.c_str()) == PasswordVerdict::kWrong);
  }
}

TEST_CASE("Password checker: wrong passwords are hashed each time and never remembered", "[auth]") {
  Bench bench;
  CHECK(bench.Check("read-user", "wrong") == PasswordVerdict::kWrong);
  CHECK(bench.Recall("read-user", "wrong") == PasswordVerdict::kUnchecked);
  CHECK(bench.Check("read-user", "wrong") == PasswordVerdict::kWrong);
  CHECK(bench.checker.hashes() == 2);
  CHECK(bench.checker.remembered() == 0);
}

// CVE-2022-46146: a cache keyed by a joined text let the hash itself, or parts moved between the
// fields, count as the password.
TEST_CASE("Password checker: what is remembered covers user, hash and password each", "[auth]") {
  Bench bench;
  const std::string hash = Users()[0].password_hash;
  CHECK(bench.Check("ingest-user", PasswordOf(Role::kIngest)) == PasswordVerdict::kRight);
  const auto is_right = [&](const std::vector<UserIdentity>& users, const std::string& name,
                            const std::string& password) {
    return bench.checker.Recall(users, name, password, "10.1.1.1").verdict ==
           PasswordVerdict::kRight;
  };
  CHECK(is_right(Users(), "ingest-user", PasswordOf(Role::kIngest)));
  CHECK_FALSE(is_right(Users(), "read-user", PasswordOf(Role::kIngest)));
  CHECK_FALSE(is_right(Users(), "ingest-user", hash));
  CHECK_FALSE(is_right(Users(), "ingest-user", hash + PasswordOf(Role::kIngest)));
  // The same user under another hash, and the boundary between name and hash moved.
  std::vector<UserIdentity> changed = {{"ingest-user", {Role::kIngest}, Users()[1].password_hash}};
  CHECK_FALSE(is_right(changed, "ingest-user", PasswordOf(Role::kIngest)));
  changed = {{"ingest-use", {Role::kIngest}, "r" + hash}};
  CHECK_FALSE(is_right(changed, "ingest-use", PasswordOf(Role::kIngest)));
}

TEST_CASE("Password checker: what is remembered is forgotten unused, and on demand", "[auth]") {
  Bench bench;
  const std::string password = PasswordOf(Role::kRead);
  bench.Check("read-user", password);
  for (int i = 0; i < 5; ++i) {
    bench.clock.Advance(PasswordChecker::kRememberMs - 1);
    CHECK(bench.Recall("read-user", password) == PasswordVerdict::kRight);
  }
  bench.clock.Advance(PasswordChecker::kRememberMs);
  CHECK(bench.Recall("read-user", password) == PasswordVerdict::kUnchecked);
  bench.Check("read-user", password);
  bench.checker.Forget();
  CHECK(bench.Recall("read-user", password) == PasswordVerdict::kUnchecked);
  CHECK(bench.checker.hashes() == 2);
}

TEST_CASE("Password checker: a peer that was wrong too often waits, without a hash", "[auth]") {
  Bench bench;
  bench.Check("admin-user", PasswordOf(Role::kAdmin));
  for (int i = 0; i < 3; ++i) CHECK(bench.Check("read-user", "x") == PasswordVerdict::kWrong);
  const std::uint64_t hashes = bench.checker.hashes();
  const PasswordAnswer refused =
      bench.checker.Check(Users(), "read-user", PasswordOf(Role::kRead), "192.0.2.1");
  CHECK(refused.verdict == PasswordVerdict::kThrottled);
  CHECK(refused.retry_after_ms == 1000);
  CHECK(bench.Recall("nobody", "x") == PasswordVerdict::kThrottled);
  CHECK(bench.checker.hashes() == hashes);
  // Other peers, and who is remembered, are not held up.
  CHECK(bench.Check("read-user", PasswordOf(Role::kRead), "192.0.2.2") == PasswordVerdict::kRight);
  CHECK(bench.Recall("admin-user", PasswordOf(Role::kAdmin)) == PasswordVerdict::kRight);
  bench.clock.Advance(1000);
  CHECK(bench.Check("read-user", PasswordOf(Role::kRead)) == PasswordVerdict::kRight);
}

TEST_CASE("Password checker: without users nothing is hashed", "[auth]") {
  Bench bench;
  CHECK(bench.checker.Recall({}, "a", "b", "192.0.2.1").verdict == PasswordVerdict::kWrong);
  CHECK(bench.checker.Check({}, "a", "b", "192.0.2.1").verdict == PasswordVerdict::kWrong);
  CHECK(bench.checker.hashes() == 0);
}

TEST_CASE("Password checker: simultaneous requests share one hash, and waiting is bounded",
          "[auth]") {
  Bench bench;
  std::atomic<int> right{0};
  std::atomic<int> busy{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 40; ++i) {
    threads.emplace_back([&] {
      const PasswordVerdict verdict = bench.Check("read-user", PasswordOf(Role::kRead));
      if (verdict == PasswordVerdict::kRight) ++right;
      if (verdict == PasswordVerdict::kBusy) ++busy;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right + busy == 40);
  CHECK(right >= 1);
  CHECK(bench.checker.hashes() == 1);
}

}  // namespace
}  // namespace quell::auth
