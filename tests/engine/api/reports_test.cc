#include "engine/api/reports.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/support/temp_folder.h"

namespace quell::api {
namespace {

class Folder {
 public:
  [[nodiscard]] std::string Path(const std::string& name = "") const { return folder_.File(name); }
  void Put(const std::string& name, const std::string& report) const {
    REQUIRE(mkdir(Path(name).c_str(), 0700) == 0);
    std::ofstream(Path(name) + "/report.json") << report;
  }

 private:
  const test::TempFolder folder_;
};

constexpr const char* kReport = R"({"version":1,"scores":{"caught":1}})";

TEST_CASE("Reports: folders with a report are listed, and nothing else", "[api]") {
  const Folder folder;
  folder.Put("august", kReport);
  folder.Put("b.2-x_1", kReport);
  folder.Put(".hidden", kReport);
  folder.Put("no name", kReport);
  REQUIRE(mkdir(folder.Path("empty").c_str(), 0700) == 0);
  std::ofstream(folder.Path("file")) << kReport;
  REQUIRE(symlink(folder.Path("august").c_str(), folder.Path("link").c_str()) == 0);
  const auto list = ListReportsJson(folder.Path());
  REQUIRE(list.ok());
  std::vector<std::string> names;
  for (const auto& row : (*list)["reports"]) names.push_back(row["name"].get<std::string>());
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"august", "b.2-x_1"});
  CHECK((*list)["left_out"] == 0);
  CHECK((*ListReportsJson(""))["reports"].empty());
  CHECK_FALSE(ListReportsJson(folder.Path("none")).ok());
}

TEST_CASE("Reports: one is read as it is, and nothing outside of the folder", "[api]") {
  const Folder folder;
  folder.Put("august", kReport);
  folder.Put("broken", "{");
  folder.Put("other", R"({"version":2})");
  folder.Put("large", std::string(kReportBytesMax + 1, ' '));
  REQUIRE(mkdir(folder.Path("linked").c_str(), 0700) == 0);
  REQUIRE(symlink((folder.Path("august") + "/report.json").c_str(),
                  (folder.Path("linked") + "/report.json").c_str()) == 0);
  CHECK(*ReadReport(folder.Path(), "august") == kReport);
  for (const char* name : {"none", "..", ".", "../august", "august/../august", "linked", ""}) {
    INFO(name);
    CHECK(ReadReport(folder.Path(), name).error().code == ErrorCode::kNotFound);
  }
  for (const char* name : {"broken", "other", "large"}) {
    INFO(name);
    CHECK(ReadReport(folder.Path(), name).error().code == ErrorCode::kInvalidArgument);
  }
  CHECK_FALSE(ReadReport("", "august").ok());
}

TEST_CASE("Reports: their number in a list is bounded, and what is left out is said", "[api]") {
  const Folder folder;
  for (size_t i = 0; i < kReportsMax + 3; ++i) folder.Put("r" + std::to_string(i), kReport);
  const auto list = ListReportsJson(folder.Path());
  CHECK((*list)["reports"].size() == kReportsMax);
  CHECK((*list)["left_out"] == 3);
}

}  // namespace
}  // namespace quell::api
