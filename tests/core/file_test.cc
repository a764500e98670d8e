#include "core/file.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "tests/support/temp_folder.h"

namespace quell {
namespace {

TEST_CASE("File: an atomic write replaces the whole content and leaves nothing beside it",
          "[core]") {
  const test::TempFolder folder;
  const std::string path = folder.File("state");
  REQUIRE(WriteFileAtomic(path, "a long first content").ok());
  REQUIRE(WriteFileAtomic(path, std::string("b\0c", 3)).ok());
  const auto read = ReadFile(path);
  REQUIRE(read.ok());
  CHECK(*read == std::string("b\0c", 3));
  const auto files = ListFiles(folder.File(""));
  REQUIRE(files.ok());
  CHECK(files->size() == 1);
}

TEST_CASE("File: a failed write leaves the old file as it was", "[core]") {
  const test::TempFolder folder;
  const std::string path = folder.File("state");
  REQUIRE(WriteFileAtomic(path, "old").ok());
  std::filesystem::create_directory(path + ".tmp");  // the temporary file cannot be made
  const auto status = WriteFileAtomic(path, "new");
  REQUIRE_FALSE(status.ok());
  CHECK_THAT(status.error().message, Catch::Matchers::Contains(path));
  CHECK(*ReadFile(path) == "old");
}

TEST_CASE("File: errors name the path and the system's reason", "[core]") {
  const test::TempFolder folder;
  const auto read = ReadFile(folder.File("absent"));
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().code == ErrorCode::kNotFound);
  CHECK_THAT(read.error().message, Catch::Matchers::Contains(folder.File("absent")) &&
                                       Catch::Matchers::Contains("No such file"));
  CHECK(ReadFile(folder.File("")).error().code == ErrorCode::kIo);
  CHECK(ListFiles(folder.File("absent")).error().code == ErrorCode::kIo);
}

TEST_CASE("File: a read is bounded", "[core]") {
  const test::TempFolder folder;
  const std::string path = folder.File("big");
  REQUIRE(WriteFileAtomic(path, std::string(100000, 'x')).ok());
  CHECK(ReadFile(path, 100000)->size() == 100000);
  const auto refused = ReadFile(path, 99999);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::kResourceExhausted);
}

TEST_CASE("File: listing gives plain files by name and does not descend", "[core]") {
  const test::TempFolder folder;
  REQUIRE(MakeFolders(folder.File("a/b/c")).ok());
  REQUIRE(MakeFolders(folder.File("a/b/c")).ok());
  for (const char* name : {"2", "10", "1"}) {
    REQUIRE(WriteFileAtomic(folder.File("a/" + std::string(name)), "").ok());
  }
  const auto files = ListFiles(folder.File("a"));
  REQUIRE(files.ok());
  CHECK(*files ==
        std::vector<std::string>{folder.File("a/1"), folder.File("a/10"), folder.File("a/2")});
}

}  // namespace
}  // namespace quell
