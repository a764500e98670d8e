#include "tests/engine/incidents/random_incidents.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "core/random.h"
#include "tests/engine/incidents/scenario.h"

namespace quell::incidents {
namespace {

using detectors::SignalKind;

constexpr DurationMs kStepMs = 30 * kSecondMs;
const std::vector<std::string> kPsps = {"acme",  "globex", "hooli", "initech",
                                        "stark", "tyrell", "wayne", "umbrella"};
const std::vector<std::string> kRegions = {"ap", "eu", "us"};
const std::vector<std::string> kServices = {"checkout", "fraud", "ledger",
                                            "payments", "risk",  "vault"};
const std::vector<std::string> kQueues = {"payouts", "refunds", "settlement"};

class Generator {
 public:
  Generator(std::uint64_t seed, Stream& stream) : random_(seed), stream_(stream) {}

  void Make(int incidents, double gap_minutes) {
    stream_.incidents = incidents;
    TimeMs at = 10 * kHourMs;
    for (incident_ = 0; incident_ < incidents; ++incident_) {
      at += static_cast<DurationMs>(random_.Exponential() * gap_minutes * kMinuteMs);
      begin_ = at;
      end_ = at + 10 * kMinuteMs + static_cast<DurationMs>(random_.Below(30 * kMinuteMs));
      One();
    }
    std::sort(stream_.alerts.begin(), stream_.alerts.end(), [](const Alert& a, const Alert& b) {
      return std::pair(a.starts_at, a.id) < std::pair(b.starts_at, b.id);
    });
    std::map<AlertId, int> truth;
    for (size_t i = 0; i < stream_.alerts.size(); ++i) {
      truth[i + 1] = stream_.truth[stream_.alerts[i].id];
      stream_.alerts[i].id = i + 1;
    }
    stream_.truth = std::move(truth);
  }

 private:
  const std::string& Any(const std::vector<std::string>& of) {
    return of[random_.Below(of.size())];
  }

  void One() {
    switch (random_.Below(6)) {
      case 0: {
        const std::string& psp = Any(kPsps);
        Occupy("psp", psp);
        for (const std::string& region : kRegions) Psp(psp, region, 0.92);
        break;
      }
      case 1:
        Psp(Any(kPsps), Any(kRegions), 1);
        break;
      case 2: {
        const std::string& region = Any(kRegions);
        Occupy("region", region);
        for (const std::string& psp : kPsps) Psp(psp, region, 0.85);
        for (const std::string& service : kServices) Service(service, region, 0.85, 0);
        break;
      }
      case 3: {
        const std::string& service = Any(kServices);
        Occupy("service", service);
        for (const std::string& region : kRegions) Service(service, region, 0.92, 0);
        break;
      }
      case 4:  // the ledger drags payments along, a minute later
        Occupy("service", "ledger");
        Occupy("service", "payments");
        for (const std::string& region : kRegions) Service("ledger", region, 0.95, 0);
        for (const std::string& region : kRegions) Service("payments", region, 0.95, kMinuteMs);
        break;
      default:
        Fire("queue_depth", SignalKind::kGauge, Labels{{"queue", Any(kQueues)}}, 1, 0);
    }
  }

  void Psp(const std::string& psp, const std::string& region, double share) {
    if (random_.Uniform() >= share) return;
    const Labels lane{{"psp", psp}, {"region", region}};
    Fire("payments:failure_ratio", SignalKind::kRatio, lane, 1, 0);
    Fire("payments:p95", SignalKind::kQuantile, lane, 0.4, 0);
    Fire("payments:volume", SignalKind::kRate, lane, 0.5, 0);
  }

  void Service(const std::string& service, const std::string& region, double share,
               DurationMs later) {
    if (random_.Uniform() >= share) return;
    const Labels lane{{"service", service}, {"region", region}};
    Fire("http:failure_ratio", SignalKind::kRatio, lane, 1, later);
    Fire("http:p95", SignalKind::kQuantile, lane, 0.6, later);
  }

  struct Lane {
    TimeMs until = 0;
    int incident = -1;
  };

  // A lane has one cause at a time, and so has the scope of a wide incident: nobody could tell a
  // single lane's own trouble from the outage around it.
  bool Busy(Labels lane) {
    lane.Set("alertname", "");
    for (const Label& label : lane) {
      const Lane& wide = lanes_[Labels{label}];
      if (wide.until > begin_ && wide.incident != incident_) return true;
    }
    Lane& own = lanes_[lane];
    if (own.until > begin_ && own.incident != incident_) return true;
    own = Lane{end_ + 10 * kMinuteMs, incident_};
    return false;
  }

  void Occupy(const char* name, const std::string& value) {
    Lane& scope = lanes_[Labels{{name, value}}];
    if (scope.until <= begin_) scope = Lane{end_ + 10 * kMinuteMs, incident_};
  }

  void Fire(const std::string& signal, SignalKind kind, Labels labels, double share,
            DurationMs later) {
    if (random_.Uniform() >= share) return;
    labels.Set("alertname", signal);
    if (Busy(labels)) return;
    Alert alert;
    alert.id = stream_.alerts.size() + 1;
    const double spread_ms = 45.0 * kSecondMs;
    alert.onset = begin_ + later + static_cast<DurationMs>(random_.Exponential() * spread_ms);
    const auto steps = static_cast<DurationMs>(1 + random_.Below(4));
    alert.starts_at = (alert.onset / kStepMs + steps) * kStepMs;
    alert.ends_at = std::max(alert.starts_at + 2 * kStepMs, end_ / kStepMs * kStepMs);
    alert.fingerprint = labels.Fingerprint();
    alert.labels = std::move(labels);
    alert.signal = signal;
    alert.what = signal;
    alert.kind = kind;
    alert.sign = 1;
    for (int i = 0; i < 64; ++i) {
      const TimeMs at = alert.starts_at - (63 - i) * kStepMs;
      alert.recent_z.push_back(static_cast<float>(random_.Normal() + (at > alert.onset ? 8 : 0)));
    }
    stream_.truth[alert.id] = incident_;
    stream_.alerts.push_back(std::move(alert));
  }

  Random random_;
  Stream& stream_;
  int incident_ = 0;
  TimeMs begin_ = 0;
  TimeMs end_ = 0;
  std::map<Labels, Lane> lanes_;
};

void AddPopulation(Stream& stream) {
  const auto add = [&stream](const char* name, const char* label,
                             const std::vector<std::string>& values, bool regions) {
    for (const std::string& value : values) {
      Labels labels{{"alertname", name}, {label, value}};
      if (!regions) stream.population.push_back(labels);
      for (const std::string& region : kRegions) {
        if (!regions) continue;
        labels.Set("region", region);
        stream.population.push_back(labels);
      }
    }
  };
  add("payments:failure_ratio", "psp", kPsps, true);
  add("payments:p95", "psp", kPsps, true);
  add("payments:volume", "psp", kPsps, true);
  add("http:failure_ratio", "service", kServices, true);
  add("http:p95", "service", kServices, true);
  add("queue_depth", "queue", kQueues, false);
}

}  // namespace

Stream MakeStream(std::uint64_t seed, int incidents, double gap_minutes) {
  Stream out;
  AddPopulation(out);
  Generator(seed, out).Make(incidents, gap_minutes);
  return out;
}

Grouping GroupByEngine(const Stream& stream, const IncidentOptions& options) {
  const FixedPopulation population(stream.population);
  IncidentEngine engine(options);
  Grouping out;
  std::map<TimeMs, IncidentEngine::StepInput> inputs;
  TimeMs last = 0;
  for (const Alert& alert : stream.alerts) {
    Alert firing = alert;
    firing.ends_at = 0;
    inputs[alert.starts_at].fired.push_back(firing);
    inputs[alert.ends_at].cleared.push_back(alert);
    last = std::max(last, alert.ends_at);
  }
  for (TimeMs now = stream.alerts.front().starts_at; now <= last + kHourMs; now += kStepMs) {
    IncidentEngine::StepInput input = inputs[now];
    input.now = now;
    for (const IncidentEvent& event : engine.Step(std::move(input), population)) {
      const bool over =
          event.kind == IncidentEventKind::kResolve || event.kind == IncidentEventKind::kSuppress;
      if (!over) continue;
      for (const Member& member : event.incident.members) {
        out[member.alert.id] = static_cast<std::int64_t>(event.incident.id);
      }
    }
  }
  return out;
}

Grouping GroupByLabel(const Stream& stream, const char* label) {
  struct Open {
    std::int64_t group = 0;
    TimeMs until = 0;
  };
  std::map<std::string, Open> open;
  std::int64_t groups = 0;
  Grouping out;
  for (const Alert& alert : stream.alerts) {
    Open& group = open[std::string(alert.labels.Get(label))];
    if (group.group == 0 || alert.starts_at > group.until + 5 * kMinuteMs) group.group = ++groups;
    group.until = std::max(group.until, alert.ends_at);
    out[alert.id] = group.group;
  }
  return out;
}

Grouping GroupByTimeGap(const Stream& stream, DurationMs gap_ms) {
  Grouping out;
  std::int64_t group = 0;
  TimeMs last = 0;
  for (const Alert& alert : stream.alerts) {
    if (group == 0 || alert.starts_at - last > gap_ms) ++group;
    last = alert.starts_at;
    out[alert.id] = group;
  }
  return out;
}

PairScore Pairwise(const Stream& stream, const Grouping& grouping) {
  double both = 0, grouped = 0, caused = 0;
  for (size_t i = 0; i < stream.alerts.size(); ++i) {
    for (size_t j = i + 1; j < stream.alerts.size(); ++j) {
      const AlertId a = stream.alerts[i].id;
      const AlertId b = stream.alerts[j].id;
      const bool same_group = grouping.at(a) == grouping.at(b);
      const bool same_cause = stream.truth.at(a) == stream.truth.at(b);
      grouped += same_group ? 1 : 0;
      caused += same_cause ? 1 : 0;
      both += same_group && same_cause ? 1 : 0;
    }
  }
  PairScore out;
  out.precision = grouped > 0 ? both / grouped : 0;
  out.recall = caused > 0 ? both / caused : 0;
  out.f1 = both > 0 ? 2 * out.precision * out.recall / (out.precision + out.recall) : 0;
  return out;
}

}  // namespace quell::incidents
