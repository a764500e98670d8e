// The files of the repository, as the style rules see them.
#pragma once

#include <string>
#include <vector>

namespace quell::style {

struct File {
  std::string path;  // relative to the repository, with forward slashes
  std::string text;

  [[nodiscard]] bool Under(const std::string& folder) const {  // "tests/"
    return path.rfind(folder, 0) == 0;
  }
  [[nodiscard]] bool EndsWith(const std::string& suffix) const {
    return path.size() >= suffix.size() &&
           path.compare(path.size() - suffix.size(), suffix.size(), suffix) == 0;
  }
  [[nodiscard]] bool IsCode() const { return EndsWith(".h") || EndsWith(".cc"); }
  [[nodiscard]] std::string Folder() const;  // "engine/config"; "" at the top
};

// Every text file outside .git and build, by path. Read once.
const std::vector<File>& Tree();
bool Exists(const std::string& path);  // relative

std::vector<std::string> Lines(const std::string& text);

// What a rule found: "path:line: what".
using Violations = std::vector<std::string>;
std::string Listed(const Violations& violations);

}  // namespace quell::style
