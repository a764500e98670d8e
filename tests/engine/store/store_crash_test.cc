// A child commits in a loop and is killed at random moments. Every store it leaves behind must hold
// whole commits only, and all that it had said was done.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/random.h"
#include "engine/store/audit_reader.h"
#include "engine/store/store.h"
#include "tests/support/temp_folder.h"

namespace quell::store {
namespace {

constexpr std::uint64_t kPerCommit = 4;  // one effect of each kind

std::string PositionAfter(std::uint64_t sequence) { return "position-" + std::to_string(sequence); }

std::vector<Effect> Batch(std::uint64_t from) {
  const std::string body(300 + from % 500, 'b');
  const TimeMs at = static_cast<TimeMs>(from);
  const std::string incident = "inc-" + std::to_string(from % 7);
  return {{from, EffectKind::kIncident, at, incident, body},
          {from + 1, EffectKind::kAlert, at, std::to_string(from), body},
          {from + 2, EffectKind::kDecision, at, "d", body},
          {from + 3, EffectKind::kOutbox, at, incident, body}};
}

// Never returns: commits on from where the store stands, one byte into the pipe for each.
[[noreturn]] void CommitForEver(const std::string& path, int pipe_end) {
  auto store = OpenSqliteStore(path);
  if (!store.ok()) _exit(2);
  std::uint64_t next = (*store)->LastSequence().value() + 1;
  for (;;) {
    const std::vector<Effect> batch = Batch(next);
    if (!(*store)->Commit(PositionAfter(next + kPerCommit - 1), batch).ok()) _exit(3);
    next += kPerCommit;
    if (write(pipe_end, "c", 1) != 1) _exit(4);
  }
}

TEST_CASE("Store: kill -9 leaves whole commits, and all that were acknowledged", "[store]") {
  const test::TempFolder folder;
  const std::string path = folder.File("quell.db");
  Random random(20260822);
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 20; ++round) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) CommitForEver(path, ends[1]);
    close(ends[1]);
    const std::uint64_t wanted = 1 + random.Below(12);
    char byte = 0;
    for (std::uint64_t i = 0; i < wanted; ++i) REQUIRE(read(ends[0], &byte, 1) == 1);
    // Some way into the commit that follows.
    std::uint64_t busy = 0;
    for (std::uint64_t left = random.Below(1000000); left > 0; --left) busy ^= random.Next();
    INFO("busy " << busy);
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    acknowledged += wanted;
    while (read(ends[0], &byte, 1) == 1) ++acknowledged;
    close(ends[0]);

    auto store = OpenSqliteStore(path);
    REQUIRE(store.ok());
    const std::uint64_t last = (*store)->LastSequence().value();
    REQUIRE(last % kPerCommit == 0);
    const std::uint64_t commits = last / kPerCommit;
    CHECK((*store)->JournalPosition().value() == PositionAfter(last));
    CHECK(commits >= acknowledged);
    CHECK(commits <= acknowledged + 1);  // done, but killed before saying so
    acknowledged = commits;
    CHECK((*store)->Alerts(1U << 20U).value().size() == commits);
    CHECK((*store)->Decisions(1U << 20U).value().size() == commits);
    auto reader = OpenAuditReader(path);
    REQUIRE(reader.ok());
    const auto audit = VerifyAudit(**reader).value();
    CHECK(audit.problem.empty());
    CHECK(audit.entries == 2 * commits);  // a decision and a page each
    CHECK(audit.bodies == 2 * commits);
    CHECK((*store)->CountOutbox(OutboxState::kPending).value() == commits);
    CHECK((*store)->Incidents(10).value().size() == std::min<std::uint64_t>(commits, 7));
  }
}

}  // namespace
}  // namespace quell::store
