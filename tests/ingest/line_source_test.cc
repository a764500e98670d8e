#include "ingest/line_source.h"

#include <cstdlib>
#include <vector>

#include "tests/ingest/temp_folder.h"

namespace quell::ingest {
namespace {

struct AllLines {
  std::vector<std::string> lines;
  std::string error;
};

AllLines LinesOf(const std::string& path) {
  AllLines out;
  Result<std::unique_ptr<LineSource>> source = LineSource::Open(path);
  REQUIRE(source.ok());
  std::string_view line;
  for (;;) {
    const Result<bool> more = (*source)->Next(line);
    if (!more.ok()) out.error = more.error().message;
    if (!more.ok() || !*more) return out;
    out.lines.emplace_back(line);
  }
}

}  // namespace

TEST_CASE("LineSource: lines of every length across blocks, plain and compressed alike") {
  const TempFolder folder;
  std::vector<std::string> expected;
  std::string text;
  for (size_t i = 0; i < 3000; ++i) {
    expected.push_back(std::string((i * 7919) % 3001, static_cast<char>('a' + i % 26)));
    text += expected.back() + (i % 3 == 0 ? "\r\n" : "\n");
  }
  expected.push_back("no line feed at the end");
  text += expected.back();
  const std::string path = folder.Write("lines", text);
  REQUIRE(std::system(("gzip -k " + path + " && zstd -q -k " + path).c_str()) == 0);
  // Two gzip members and two zstd frames in a row are one text.
  REQUIRE(std::system(("cd " + folder.path() + " && cat lines.gz lines.gz > two.gz" +
                       " && cat lines.zst lines.zst > two.zst")
                          .c_str()) == 0);
  for (const auto* name : {"lines", "lines.gz", "lines.zst"}) {
    CAPTURE(name);
    const AllLines read = LinesOf(folder.File(name));
    CHECK(read.error.empty());
    CHECK(read.lines == expected);
  }
  CHECK(LinesOf(folder.File("two.gz")).lines.size() == 2 * expected.size() - 1);
  CHECK(LinesOf(folder.File("two.zst")).lines.size() == 2 * expected.size() - 1);
}

TEST_CASE("LineSource: compressed data that is cut or damaged is an error with its place") {
  const TempFolder folder;
  std::string text;
  for (int i = 0; i < 20000; ++i) text += std::to_string(i * 7919) + '\n';
  const std::string path = folder.Write("t", text);
  REQUIRE(std::system(("gzip -k " + path + " && zstd -q -k " + path).c_str()) == 0);
  for (const auto* name : {"t.gz", "t.zst"}) {
    CAPTURE(name);
    std::string bytes = folder.Read(name);
    folder.Write("cut", std::string_view(bytes).substr(0, bytes.size() - 9));
    CHECK_THAT(LinesOf(folder.File("cut")).error, Catch::Contains("near byte"));
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
    folder.Write("bad", bytes);
    CHECK_FALSE(LinesOf(folder.File("bad")).error.empty());
  }
}

TEST_CASE("LineSource: a line above the limit is refused") {
  const TempFolder folder;
  const std::string path = folder.Write("long", "ok\n" + std::string(3 * kLineBytesMax, 'x'));
  const AllLines read = LinesOf(path);
  CHECK(read.lines == std::vector<std::string>{"ok"});
  CHECK_THAT(read.error, Catch::Contains("longer than"));
}

TEST_CASE("LineSource: an empty file has no lines") {
  const TempFolder folder;
  CHECK(LinesOf(folder.Write("empty", "")).lines.empty());
}

}  // namespace quell::ingest
