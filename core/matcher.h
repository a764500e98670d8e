// Label matchers and series selectors with PromQL's syntax and meaning.
//
// Regular expressions are RE2 and fully anchored; a missing label matches as "".
// Immutable after parsing, hence freely shared between threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/labels.h"
#include "core/result.h"

namespace re2 {
class RE2;
}

namespace quell {

enum class MatchOp { kEqual, kNotEqual, kRegex, kNotRegex };

class Matcher {
 public:
  // kInvalidArgument, quoting the expression, if the regular expression does not compile.
  static Result<Matcher> Create(MatchOp op, std::string name, std::string value);

  [[nodiscard]] bool Matches(const Labels& labels) const;
  [[nodiscard]] bool MatchesValue(std::string_view value) const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& value() const { return value_; }
  [[nodiscard]] MatchOp op() const { return op_; }
  [[nodiscard]] std::string ToString() const;

 private:
  Matcher(MatchOp op, std::string name, std::string value)
      : op_(op), name_(std::move(name)), value_(std::move(value)) {}
  MatchOp op_;
  std::string name_;
  std::string value_;
  std::shared_ptr<const re2::RE2> regex_;  // shared: copies of a selector share the program
};

// `metric{a="b",c!="d",e=~"f.*",g!~"h"}`; the metric name or the braces may be left out.
class Selector {
 public:
  // kInvalidArgument with the column (1-based) where the text stops making sense.
  static Result<Selector> Parse(std::string_view text);

  [[nodiscard]] bool Matches(const Labels& labels) const;
  [[nodiscard]] const std::vector<Matcher>& matchers() const { return matchers_; }
  // The metric name where it is fixed by an equality matcher, else "".
  [[nodiscard]] std::string_view MetricName() const;
  [[nodiscard]] std::string ToString() const;

 private:
  std::vector<Matcher> matchers_;
};

}  // namespace quell
