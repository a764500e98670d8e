#include "tests/style/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace quell::style {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kTextBytesMax = 4U << 20U;

bool IsSkippedFolder(const std::string& name) {
  return name == ".git" || name == "build" || name == "quell-data" || name == ".cache" || name == "node_modules" ||
         name == "__pycache__" || name == ".ipynb_checkpoints";
}

std::vector<File> ReadTree() {
  std::vector<File> out;
  const fs::path root(QUELL_SOURCE_DIR);
  for (fs::recursive_directory_iterator it(root), end; it != end; ++it) {
    const std::string name = it->path().filename().string();
    if (it->is_directory()) {
      if (IsSkippedFolder(name)) it.disable_recursion_pending();
      continue;
    }
    if (name == ".git") continue;  // of a linked work tree
    if (!it->is_regular_file() || it->file_size() > kTextBytesMax) continue;
    std::ifstream in(it->path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (text.str().find('\0') != std::string::npos) continue;
    out.push_back({fs::relative(it->path(), root).generic_string(), text.str()});
  }
  std::sort(out.begin(), out.end(), [](const File& a, const File& b) { return a.path < b.path; });
  return out;
}

}  // namespace

std::string File::Folder() const {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

const std::vector<File>& Tree() {
  static const std::vector<File> tree = ReadTree();
  return tree;
}

bool Exists(const std::string& path) { return fs::exists(fs::path(QUELL_SOURCE_DIR) / path); }

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

std::string Listed(const Violations& violations) {
  std::string out = std::to_string(violations.size()) + " violations\n";
  for (const std::string& violation : violations) out += "  " + violation + '\n';
  return out;
}

}  // namespace quell::style
