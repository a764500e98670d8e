#include "engine/backfill/swap.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/file.h"
#include "engine/backfill/relearn.h"
#include "tests/ingest/temp_folder.h"

namespace quell::backfill {
namespace {

namespace fs = std::filesystem;

// A data directory with an old journal and a staged one.
void MakeBoth(const std::string& data_dir) {
  for (const char* folder : {"/journal", "/backfill/journal"}) {
    REQUIRE(MakeFolders(data_dir + folder).ok());
    REQUIRE(WriteFileAtomic(data_dir + folder + "/content", folder).ok());
  }
  REQUIRE(WriteFileAtomic(data_dir + "/backfill/progress.json", "{}").ok());
}

}  // namespace

TEST_CASE("Swap: stopped anywhere, the next start finishes it") {
  for (const std::string stop :
       {"old aside", "new in place", "old removed", "marker removed", "never"}) {
    CAPTURE(stop);
    const ingest::TempFolder folder;
    const std::string& data_dir = folder.path();
    MakeBoth(data_dir);
    REQUIRE(DecideSwap(data_dir).ok());
    const Status first =
        FinishSwap(data_dir, [&](const char* step) { return stop != std::string(step); });
    CHECK(first.ok() == (stop == "never"));
    REQUIRE(FinishSwap(data_dir, nullptr).ok());
    CHECK(*ReadFile(data_dir + "/journal/content") == "/backfill/journal");
    CHECK_FALSE(fs::exists(data_dir + "/journal.old"));
    // What may be left means nothing any more.
    CHECK_FALSE(fs::exists(data_dir + "/backfill/progress.json"));
    CHECK_FALSE(fs::exists(data_dir + "/backfill/swap"));
    CHECK_FALSE(fs::exists(data_dir + "/backfill/journal"));
  }
}

TEST_CASE("Swap: what was not decided is not done; what nobody can have left is not touched") {
  const ingest::TempFolder folder;
  const std::string& data_dir = folder.path();
  MakeBoth(data_dir);
  REQUIRE(FinishSwap(data_dir, nullptr).ok());
  CHECK(*ReadFile(data_dir + "/journal/content") == "/journal");
  REQUIRE(DecideSwap(data_dir).ok());
  REQUIRE(MakeFolders(data_dir + "/journal.old").ok());
  CHECK_THAT(FinishSwap(data_dir, nullptr).error().message, Catch::Contains("journal.old"));
  CHECK(*ReadFile(data_dir + "/journal/content") == "/journal");
}

TEST_CASE("Swap: one at a time has the data directory") {
  const ingest::TempFolder folder;
  auto first = TakeDataDir(folder.path() + "/new");
  REQUIRE(first.ok());
  CHECK_THAT(TakeDataDir(folder.path() + "/new").error().message,
             Catch::Contains("a backfill is at work"));
  first->reset();
  CHECK(TakeDataDir(folder.path() + "/new").ok());
}

TEST_CASE("Relearn note: is read as written, and counts even where it does not decode") {
  const ingest::TempFolder folder;
  REQUIRE_FALSE(ReadRelearnNote(folder.path())->has_value());
  REQUIRE(WriteRelearnNote(folder.path(), {"backfilled", 1000, 2000}).ok());
  const auto note = ReadRelearnNote(folder.path());
  REQUIRE((note.ok() && note->has_value()));
  CHECK((*note)->reason == "backfilled");
  CHECK((*note)->from == 1000);
  CHECK((*note)->to == 2000);
  REQUIRE(WriteFileAtomic(folder.path() + "/relearn", "{").ok());
  CHECK((*ReadRelearnNote(folder.path()))->reason.find("does not say why") != std::string::npos);
  REQUIRE(RemoveRelearnNote(folder.path()).ok());
  REQUIRE(RemoveRelearnNote(folder.path()).ok());
  CHECK_FALSE(ReadRelearnNote(folder.path())->has_value());
}

}  // namespace quell::backfill
