#include "replay/scoring/incident_formats.h"

namespace quell::replay {
namespace {

// Reads `name=value` pairs up to the end or a `|`.
class LabelTextReader {
 public:
  explicit LabelTextReader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool AtEnd() const { return pos_ >= text_.size(); }

  Result<Labels> ReadSet() {
    std::vector<Label> labels;
    SkipSpaceAndBraces();
    while (!AtEnd() && text_[pos_] != '|') {
      QUELL_ASSIGN(Label label, ReadPair());
      labels.push_back(std::move(label));
      SkipSpaceAndBraces();
      if (AtEnd() || text_[pos_] == '|') break;
      if (text_[pos_] != ',' && text_[pos_] != ';') return Unexpected("expected , or ; or |");
      ++pos_;
      SkipSpaceAndBraces();
    }
    if (!AtEnd()) ++pos_;
    return Labels(std::move(labels));
  }

 private:
  void SkipSpaceAndBraces() {
    while (!AtEnd() && (text_[pos_] == ' ' || text_[pos_] == '{' || text_[pos_] == '}')) ++pos_;
  }

  [[nodiscard]] Error Unexpected(const std::string& wanted) const {
    return MakeError(ErrorCode::kInvalidArgument, '"' + std::string(text_) + "\": " + wanted +
                                                      " at character " + std::to_string(pos_ + 1));
  }

  Result<Label> ReadPair() {
    Label label;
    while (!AtEnd() && text_[pos_] != '=' && text_[pos_] != ',' && text_[pos_] != ';' &&
           text_[pos_] != '|' && text_[pos_] != '"' && text_[pos_] != ' ') {
      label.name += text_[pos_++];
    }
    if (label.name.empty()) return Unexpected("expected a label name");
    if (AtEnd() || text_[pos_] != '=') return Unexpected("expected = after " + label.name);
    ++pos_;
    if (AtEnd() || text_[pos_] != '"') {
      while (!AtEnd() && text_[pos_] != ',' && text_[pos_] != ';' && text_[pos_] != '|' &&
             text_[pos_] != '}') {
        label.value += text_[pos_++];
      }
      while (label.value.ends_with(' ')) label.value.pop_back();
      return label;
    }
    for (++pos_; !AtEnd() && text_[pos_] != '"'; ++pos_) {
      if (text_[pos_] == '\\' && pos_ + 1 < text_.size()) ++pos_;
      label.value += text_[pos_];
    }
    if (AtEnd()) return Unexpected("no closing quote of " + label.name);
    ++pos_;
    return label;
  }

  std::string_view text_;
  size_t pos_ = 0;
};

}  // namespace

Result<std::vector<Labels>> ParseLabelAlternatives(std::string_view text) {
  std::vector<Labels> sets;
  LabelTextReader reader(text);
  while (!reader.AtEnd()) {
    QUELL_ASSIGN(Labels labels, reader.ReadSet());
    if (!labels.empty()) sets.push_back(std::move(labels));
  }
  return sets;
}

}  // namespace quell::replay
