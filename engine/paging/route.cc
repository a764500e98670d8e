#include "engine/paging/route.h"

#include <algorithm>

namespace quell::paging {
namespace {

bool Holds(const Matcher& matcher, const RouteSubject& subject) {
  const auto found = subject.values.find(matcher.name());
  if (found == subject.values.end() || found->second.empty()) return matcher.MatchesValue("");
  const auto matches = [&](const std::string& value) { return matcher.MatchesValue(value); };
  const bool negative = matcher.op() == MatchOp::kNotEqual || matcher.op() == MatchOp::kNotRegex;
  return negative ? std::all_of(found->second.begin(), found->second.end(), matches)
                  : std::any_of(found->second.begin(), found->second.end(), matches);
}

// Why the rule does not match; "" where it does.
std::string WhyNot(const Route& route, const RouteSubject& subject) {
  for (const Matcher& matcher : route.match.matchers()) {
    if (Holds(matcher, subject)) continue;
    const auto found = subject.values.find(matcher.name());
    std::string has = matcher.name() + " is absent";
    if (found != subject.values.end() && !found->second.empty()) {
      has = matcher.name() + " is " + found->second.front();
      if (found->second.size() > 1) {
        has += " and " + std::to_string(found->second.size() - 1) + " more";
      }
    }
    return has + ", wanted " + matcher.ToString();
  }
  if (subject.severity < route.severity) {
    return "severity is " + std::string(incidents::SeverityName(subject.severity)) +
           ", wanted at least " + std::string(incidents::SeverityName(route.severity));
  }
  if (route.hours.has_value()) {
    TimeZone zone = route.zone;  // it remembers what it was asked last
    if (!route.hours->Contains(subject.at + zone.OffsetAt(subject.at))) {
      return FormatRfc3339(subject.at) + " is outside its hours (" + zone.name() + ")";
    }
  }
  return {};
}

void AddValue(RouteSubject& subject, std::string_view name, std::string_view value) {
  std::vector<std::string>& values = subject.values[std::string(name)];
  if (std::find(values.begin(), values.end(), value) == values.end()) values.emplace_back(value);
}

}  // namespace

bool RouteChoice::Includes(std::string_view receiver) const {
  return all || std::find(receivers.begin(), receivers.end(), receiver) != receivers.end();
}

RouteChoice ChooseRoute(const std::vector<Route>& routes, const RouteSubject& subject) {
  RouteChoice out;
  for (size_t i = 0; i < routes.size(); ++i) {
    const std::string name = "routes[" + std::to_string(i) + "]";
    const std::string why_not = WhyNot(routes[i], subject);
    if (!why_not.empty()) {
      out.why.push_back(name + " does not match: " + why_not);
      continue;
    }
    out.all = false;
    std::string words;
    for (const std::string& receiver : routes[i].receivers) {
      words += (words.empty() ? "" : ", ") + receiver;
      if (!out.Includes(receiver)) out.receivers.push_back(receiver);
    }
    out.why.push_back(name + " matches: to " + words +
                      (routes[i].go_on ? "; later routes may add to it" : ""));
    if (!routes[i].go_on) break;
  }
  if (out.all) out.why.emplace_back("no route matches: to every receiver");
  return out;
}

RouteSubject SubjectOf(const Notification& notification) {
  RouteSubject out;
  out.severity = notification.severity;
  out.at = notification.at;
  for (const Label& label : notification.scope) AddValue(out, label.name, label.value);
  for (const auto& [name, values] : notification.values) {
    for (const std::string& value : values) AddValue(out, name, value);
  }
  return out;
}

}  // namespace quell::paging
