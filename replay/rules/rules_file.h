// Prometheus rules files, read as strictly as Prometheus does: errors name file:line:column and the
// field.
//
// Templates in labels are not expanded: their text stays as it is. Annotations are not kept.
#pragma once

#include <string>
#include <vector>

#include "core/labels.h"
#include "core/result.h"
#include "core/time.h"

namespace quell::replay {

struct AlertingRule {
  std::string name, expr;
  std::string place;                // file:line, for people
  DurationMs interval = kMinuteMs;  // of its group
  DurationMs offset = 0;            // query_offset: the expression is evaluated so long ago
  DurationMs hold = 0;              // `for`
  DurationMs keep = 0;              // `keep_firing_for`
  std::vector<Label> labels;  // the group's, then the rule's own: of equal names the last wins
};

struct RuleBook {
  std::vector<AlertingRule> alerting;  // in the order of the files
  int recording = 0;                   // left out: an expression finds what they recorded
  int limited = 0;                     // groups with a limit, which is not followed
};

// kInvalidArgument for what is no rules file, kResourceExhausted above 1,000 alerting rules.
Status ParseRules(const std::string& text, const std::string& file, RuleBook& book);
Result<RuleBook> ReadRules(const std::vector<std::string>& files);

}  // namespace quell::replay
