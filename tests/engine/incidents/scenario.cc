#include "tests/engine/incidents/scenario.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "core/hash.h"
#include "core/random.h"
#include "engine/incidents/snapshot_fields.h"

namespace quell::incidents {
namespace {

constexpr size_t kMembersShown = 14;

struct SignalType {
  detectors::SignalKind kind = detectors::SignalKind::kGauge;
  std::string unit;
  std::string what;
  std::vector<Labels> lanes;  // with alertname
};

std::vector<std::string> Tokens(const std::string& line) {
  std::vector<std::string> out;
  std::string token;
  bool quoted = false;
  bool any = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
      any = true;
    } else if (c == ' ' && !quoted) {
      if (any) out.push_back(token);
      token.clear();
      any = false;
    } else {
      token += c;
      any = true;
    }
  }
  if (any) out.push_back(token);
  return out;
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) out.push_back(part);
  return out;
}

// 64 residuals: noise of the alert's own, or shared ("shared7") with others of that seed; "jump"
// leaves normal in the last two points.
std::vector<float> Residuals(const std::string& how, std::uint64_t fingerprint) {
  if (how.empty()) return {};
  Random own(fingerprint);
  Random shared(Hash64(how));
  std::vector<float> out;
  for (int i = 0; i < 64; ++i) {
    double z = own.Normal();
    if (how.starts_with("shared")) z = 2 * shared.Normal() + 0.3 * z;
    if (how == "jump" && i >= 62) z += 12;
    out.push_back(static_cast<float>(z));
  }
  return out;
}

class Reader {
 public:
  explicit Reader(Scenario& scenario) : scenario_(scenario) {}

  void Line(const std::vector<std::string>& words) {
    if (words[0] == "start") {
      scenario_.start = *ParseTime(words.at(1));
    } else if (words[0] == "step") {
      scenario_.step = *ParseDuration(words.at(1));
    } else if (words[0] == "until") {
      scenario_.until = *ParseDuration(words.at(1));
    } else if (words[0] == "signals") {
      Signals(words);
    } else if (words[0] == "calls") {
      scenario_.topology.edges.push_back({words.at(1), words.at(2)});
    } else if (words[0] == "change") {
      Announce(words);
    } else if (words[0] == "at") {
      At(words);
    } else {
      throw std::runtime_error("unknown word " + words[0]);
    }
  }

 private:
  TimeMs Time(const std::string& text) {
    const bool before = text.starts_with('-');
    const auto span = ParseDuration(before ? text.substr(1) : text);
    if (!span.ok()) throw std::runtime_error("bad time " + text);
    return scenario_.start + (before ? -*span : *span);
  }

  void Signals(const std::vector<std::string>& words) {
    SignalType& type = types_[words.at(1)];
    for (int kind = 0; kind < 4; ++kind) {
      static const char* const kKinds[] = {"ratio", "quantile", "rate", "gauge"};
      if (words.at(2) == kKinds[kind]) type.kind = static_cast<detectors::SignalKind>(kind);
    }
    type.unit = words.at(3);
    type.what = words.at(4);
    std::vector<Labels> lanes = {Labels{{"alertname", words[1]}}};
    for (size_t i = 5; i < words.size(); ++i) {
      const size_t equals = words[i].find('=');
      std::vector<Labels> next;
      for (const Labels& lane : lanes) {
        for (const std::string& value : Split(words[i].substr(equals + 1), ',')) {
          next.push_back(lane);
          next.back().Set(words[i].substr(0, equals), value);
        }
      }
      lanes = std::move(next);
    }
    for (const Labels& lane : lanes) {
      type.lanes.push_back(lane);
      scenario_.population.push_back(lane);
    }
  }

  void Announce(const std::vector<std::string>& words) {
    Change change;
    change.id = "change-" + std::to_string(scenario_.changes.size() + 1);
    const size_t dots = words.at(1).find("..");
    change.start = Time(words[1].substr(0, dots));
    change.end = dots == std::string::npos ? change.start : Time(words[1].substr(dots + 2));
    change.kind = ChangeKindFromName(words.at(2));
    for (size_t i = 3; i < words.size(); ++i) {
      const size_t equals = words[i].find('=');
      if (equals == std::string::npos) {
        change.note = words[i];
      } else {
        change.scope.Set(words[i].substr(0, equals), words[i].substr(equals + 1));
      }
    }
    scenario_.changes.push_back(std::move(change));
  }

  void At(const std::vector<std::string>& words) {
    const TimeMs at = Time(words.at(1));
    if (words.at(2) == "scrape-outage") {
      scenario_.outages.emplace_back(at, at + *ParseDuration(words.at(3)));
      return;
    }
    std::map<std::string, std::string> keys;
    for (size_t i = 4; i < words.size(); ++i) {
      const size_t equals = words[i].find('=');
      if (equals == std::string::npos) throw std::runtime_error("no = in " + words[i]);
      keys[words[i].substr(0, equals)] = words[i].substr(equals + 1);
    }
    size_t hits = 0;
    for (const auto& [name, type] : types_) {
      if (words.at(3) != "*" && words[3] != name) continue;
      for (const Labels& labels : type.lanes) {
        if (!Selected(labels, keys)) continue;
        ++hits;
        if (words[2] == "fire") {
          Fire(at, name, type, labels, keys);
        } else if (words[2] == "clear") {
          Clear(at, labels);
        } else {
          throw std::runtime_error("unknown word " + words[2]);
        }
      }
    }
    if (hits == 0) throw std::runtime_error("nothing selected");
  }

  static bool Selected(const Labels& labels, const std::map<std::string, std::string>& keys) {
    for (const auto& [name, values] : keys) {
      static const std::set<std::string> kFields = {
          "onset", "seen", "expected", "low", "high", "k", "n", "tail", "severity", "sign", "z"};
      if (kFields.contains(name)) continue;
      const std::vector<std::string> wanted = Split(values, ',');
      if (std::find(wanted.begin(), wanted.end(), labels.Get(name)) == wanted.end()) return false;
    }
    return true;
  }

  void Fire(TimeMs at, const std::string& name, const SignalType& type, const Labels& labels,
            const std::map<std::string, std::string>& keys) {
    const auto text = [&keys](const char* key, const char* fallback) {
      const auto found = keys.find(key);
      return found == keys.end() ? std::string(fallback) : found->second;
    };
    const auto number = [&text](const char* key, const char* fallback) {
      return std::stod(text(key, fallback));
    };
    Alert alert;
    alert.id = next_id_++;
    alert.labels = labels;
    alert.fingerprint = labels.Fingerprint();
    alert.signal = name;
    alert.kind = type.kind;
    alert.unit = type.unit;
    alert.what = type.what;
    for (int i = 0; i <= static_cast<int>(Severity::kCritical); ++i) {
      const auto severity = static_cast<Severity>(i);
      if (SeverityName(severity) == text("severity", "error")) alert.severity = severity;
    }
    alert.starts_at = at;
    alert.onset = at - *ParseDuration(text("onset", "-0s").substr(1));
    Evidence& e = alert.evidence;
    e.value = number("seen", "1");
    e.expected = number("expected", "0");
    alert.sign = number("sign", e.value >= e.expected ? "1" : "-1");
    e.band_low = number("low", "0");
    e.band_high = number("high", text("expected", "0").c_str());
    e.k = number("k", "0");
    e.n = number("n", "0");
    e.tail_probability = number("tail", "1e-9");
    e.agreeing = 3;
    alert.recent_z = Residuals(text("z", ""), alert.fingerprint);
    firing_[labels] = alert;
    scenario_.fired[at].push_back(std::move(alert));
  }

  void Clear(TimeMs at, const Labels& labels) {
    const auto found = firing_.find(labels);
    if (found == firing_.end()) return;
    found->second.ends_at = at;
    scenario_.cleared[at].push_back(found->second);
    firing_.erase(found);
  }

  Scenario& scenario_;
  std::map<std::string, SignalType> types_;
  std::map<Labels, Alert> firing_;
  AlertId next_id_ = 1;
};

std::string Relative(const Scenario& scenario, TimeMs time) {
  return FormatDuration(time - scenario.start);
}

}  // namespace

Scenario ReadScenario(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot open " + path);
  Scenario out;
  Reader reader(out);
  bool expecting = false;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    (expecting ? out.expected : out.input) += line + '\n';
    if (expecting || line.empty() || line[0] == '#') continue;
    if (line == "expect") {
      expecting = true;
      continue;
    }
    try {
      reader.Line(Tokens(line));
    } catch (const std::exception& error) {
      throw std::runtime_error(path + ":" + std::to_string(number) + ": " + error.what());
    }
  }
  if (!expecting) out.input += "expect\n";
  return out;
}

IncidentEngine::StepInput InputAt(const Scenario& scenario, TimeMs now) {
  IncidentEngine::StepInput input;
  input.now = now;
  if (const auto at = scenario.fired.find(now); at != scenario.fired.end()) {
    input.fired = at->second;
  }
  if (const auto at = scenario.cleared.find(now); at != scenario.cleared.end()) {
    input.cleared = at->second;
  }
  for (const auto& [from, to] : scenario.outages) {
    input.scrape_outage = input.scrape_outage || (now >= from && now < to);
  }
  return input;
}

std::vector<IncidentEvent> Run(const Scenario& scenario, size_t reload_every) {
  const FixedPopulation population(scenario.population);
  IncidentOptions options;
  options.hold_ms = 30 * kSecondMs;
  options.topology = scenario.topology;
  IncidentEngine engine{options};
  for (const Change& change : scenario.changes) engine.AddChange(change);
  std::vector<IncidentEvent> out;
  size_t step = 0;
  for (TimeMs now = scenario.start; now <= scenario.start + scenario.until; now += scenario.step) {
    if (reload_every != 0 && ++step % reload_every == 0) {
      ByteWriter writer;
      engine.Save(writer);
      ByteReader reader(writer.bytes());
      auto loaded = IncidentEngine::Load(reader, options);
      if (!loaded.ok()) throw std::runtime_error(loaded.error().message);
      if (!reader.AtEnd()) throw std::runtime_error("state has bytes left");
      engine = *std::move(loaded);
    }
    for (IncidentEvent& event : engine.Step(InputAt(scenario, now), population)) {
      out.push_back(std::move(event));
    }
  }
  return out;
}

std::string ToText(const Scenario& scenario, const std::vector<IncidentEvent>& events) {
  std::string out;
  for (const IncidentEvent& event : events) {
    const Incident& incident = event.incident;
    out += Relative(scenario, event.at) + ' ' + std::string(IncidentEventKindName(event.kind)) +
           " #" + std::to_string(incident.id) + ' ' + std::string(SeverityName(incident.severity)) +
           ' ' + incident.scope.ToString();
    if (incident.merged_into != 0) out += " into #" + std::to_string(incident.merged_into);
    out += "\n  " + incident.summary + '\n';
    if (!incident.scope_note.empty()) out += "  " + incident.scope_note + '\n';
    if (event.kind == IncidentEventKind::kPage) {
      for (const std::string& sentence : incident.evidence) out += "  > " + sentence + '\n';
    }
    std::map<std::string, size_t> reasons;
    for (const Member& member : incident.members) {
      ++reasons[std::string(PageReasonName(member.reason))];
      if (incident.members.size() > kMembersShown) continue;
      const Alert& alert = member.alert;
      out += "  - alert " + std::to_string(alert.id) + ' ' +
             std::string(PageReasonName(member.reason)) + ' ' + alert.labels.ToString();
      if (alert.ends_at != 0) out += " ended " + Relative(scenario, alert.ends_at);
      if (!member.why_joined.empty()) out += " | " + member.why_joined;
      out += '\n';
    }
    if (incident.members.size() > kMembersShown) {
      for (const auto& [reason, count] : reasons) {
        out += "  - " + std::to_string(count) + " alerts " + reason + '\n';
      }
    }
  }
  return out;
}

std::string ToBytes(const std::vector<IncidentEvent>& events) {
  ByteWriter out;
  for (const IncidentEvent& event : events) {
    out.Put(event.kind);
    out.Put(event.at);
    PutIncident(out, event.incident);
  }
  return out.Take();
}

}  // namespace quell::incidents
