// Incident kinds: what a person would write down as an incident, and what it does.

#include <algorithm>
#include <array>

#include "replay/simulator/catalog.h"

namespace quell::simulator {
namespace {

using incidents::ChangeKind;

constexpr double kVisible = 0.08;  // knock-on failures below this share are left out altogether

// What a PSP's trouble does to the services in front of it, where its share makes it show.
void KnockOnFromPsp(const Topology& topology, Event& event, const Effect& cause) {
  for (int region = 0; region < static_cast<int>(topology.regions.size()); ++region) {
    if (event.scope.region >= 0 && event.scope.region != region) continue;
    const double share = topology.PspShare(region, event.scope.psp);
    double weight = 1.0;
    for (const int service : {Topology::kPayments, topology.ServiceIndex("checkout-api")}) {
      if (service < 0) continue;
      const double fail = share * cause.fail * 0.5 * weight;
      const double volume = 1.0 + share * (cause.volume - 1.0) * weight;
      const double latency = 1.0 + share * (cause.latency - 1.0) * 0.5 * weight;
      if (fail < kVisible && volume > 0.8 && volume < 1.25 && latency < 1.25) continue;
      Effect effect = cause;
      effect.scope = {service, region, -1, -1, -1, -1};
      effect.on_payments = false;
      effect.fail = fail;
      effect.volume = volume;
      effect.latency = latency;
      effect.spread = 1;
      event.effects.push_back(effect);
      event.also.push_back(effect.scope);
      weight *= 0.7;
    }
  }
}

// What a service's trouble does to its callers, `delay_ms` later, one call up.
void KnockOnFromService(const Topology& topology, Event& event, const Effect& cause, double weight,
                        DurationMs delay_ms) {
  for (const int caller : topology.Callers(cause.scope.service)) {
    const double fail = cause.fail * weight;
    const double latency = 1.0 + (cause.latency - 1.0) * weight;
    if (fail < kVisible && latency < 1.25) continue;
    Effect effect = cause;
    effect.scope.service = caller;
    effect.scope.instance = -1;
    effect.start = std::min(cause.start + delay_ms, cause.end - kMinuteMs);
    effect.fail = fail;
    effect.latency = latency;
    effect.pool = 0;
    event.effects.push_back(effect);
    event.also.push_back(effect.scope);
  }
}

Scope LanePlace(const Topology& topology, Sampler& sampler) {
  Scope scope = AnyPsp(topology, sampler);
  scope.region = sampler.Below(static_cast<int>(topology.regions.size()));
  return scope;
}

Scope FrontPlace(const Topology& topology, Sampler& sampler) {
  Scope scope = AnyRegion(topology, sampler);
  const int checkout = topology.ServiceIndex("checkout-api");
  scope.service = checkout >= 0 && sampler.Chance(0.4) ? checkout : Topology::kPayments;
  return scope;
}

Scope DatabasePlace(const Topology& topology, Sampler& sampler) {
  Scope scope = AnyRegion(topology, sampler);
  do {
    scope.service = sampler.Below(static_cast<int>(topology.services.size()));
  } while (!topology.services[static_cast<size_t>(scope.service)].database);
  return scope;
}

Scope LedgerPlace(const Topology& topology, Sampler& sampler) {
  Scope scope = AnyRegion(topology, sampler);
  scope.service = topology.ServiceIndex("ledger");
  return scope;
}

Scope MethodPlace(const Topology& topology, Sampler& sampler) {
  Scope scope = AnyRegion(topology, sampler);
  scope.method = sampler.Chance(0.6) ? 1 : 0;
  return scope;
}

Scope QueuePlace(const Topology& topology, Sampler& sampler) {
  Scope scope = AnyRegion(topology, sampler);
  scope.queue = sampler.Below(static_cast<int>(topology.queues.size()));
  return scope;
}

Scope SettlementPlace(const Topology& topology, Sampler& sampler) {
  Scope scope = AnyRegion(topology, sampler);
  scope.service = topology.ServiceIndex("settlement");
  return scope;
}

Scope InstancePlace(const Topology& topology, Sampler& sampler) {
  Scope scope = AnyService(topology, sampler);
  scope.instance = sampler.Below(topology.instances);
  return scope;
}

Scope DropPlace(const Topology& topology, Sampler& sampler) {
  switch (sampler.Below(3)) {
    case 0:
      return LanePlace(topology, sampler);
    case 1:
      return AnyRegion(topology, sampler);
    default:
      return FrontPlace(topology, sampler);
  }
}

void Failing(const Topology& topology, Sampler& sampler, Event& event, double low, double high) {
  Effect& effect = AddEffect(event, event.scope);
  effect.fail = sampler.Uniform(low, high);
  effect.timeout_share = sampler.Uniform(0.2, 0.9);
  effect.rise_ms = static_cast<DurationMs>(sampler.Uniform(0, 60) * kSecondMs);
  effect.fall_ms = static_cast<DurationMs>(sampler.Uniform(0, 120) * kSecondMs);
  effect.latency = sampler.Uniform(1.0, 1.0 + effect.fail);
  event.severity = effect.fail > 0.3 ? "critical" : effect.fail > 0.1 ? "major" : "minor";
  const Effect cause = effect;
  if (event.scope.psp >= 0 && event.scope.service < 0) KnockOnFromPsp(topology, event, cause);
}

void PspOutage(const Topology& t, Sampler& s, Event& e) { Failing(t, s, e, 0.30, 0.95); }
void PspDegradation(const Topology& t, Sampler& s, Event& e) { Failing(t, s, e, 0.05, 0.14); }
void SmallOutage(const Topology& t, Sampler& s, Event& e) { Failing(t, s, e, 0.80, 1.0); }
void MethodOutage(const Topology& t, Sampler& s, Event& e) { Failing(t, s, e, 0.40, 0.95); }

void PspLatency(const Topology& topology, Sampler& sampler, Event& event) {
  Effect& effect = AddEffect(event, event.scope);
  effect.latency = sampler.Uniform(2.0, 5.0);
  effect.spread = sampler.Uniform(1.0, 1.2);
  effect.fail = sampler.Chance(0.5) ? sampler.Uniform(0, 0.03) : 0;
  effect.timeout_share = 0.9;
  effect.rise_ms = static_cast<DurationMs>(sampler.Uniform(0, 180) * kSecondMs);
  effect.fall_ms = 2 * kMinuteMs;
  event.severity = effect.latency > 3 ? "major" : "minor";
  const Effect cause = effect;
  KnockOnFromPsp(topology, event, cause);
}

void RegionOutage(const Topology&, Sampler& sampler, Event& event) {
  Effect& effect = AddEffect(event, event.scope);
  effect.fail = sampler.Uniform(0.2, 0.7);
  effect.volume = sampler.Uniform(0.4, 0.95);
  effect.latency = sampler.Uniform(1.5, 4.0);
  effect.timeout_share = 0.7;
  effect.rise_ms = kMinuteMs;
  effect.fall_ms = 3 * kMinuteMs;
  event.severity = "critical";
}

void BadDeploy(const Topology& topology, Sampler& sampler, Event& event) {
  Effect& effect = AddEffect(event, event.scope);
  effect.fail = sampler.Uniform(0.05, 0.5);
  effect.latency = sampler.Chance(0.4) ? sampler.Uniform(1.2, 2.5) : 1.0;
  effect.rise_ms = static_cast<DurationMs>(sampler.Uniform(0, 240) * kSecondMs);
  effect.fall_ms = 2 * kMinuteMs;
  event.severity = effect.fail > 0.2 ? "critical" : "major";
  const Effect cause = effect;
  KnockOnFromService(topology, event, cause, 0.4, 0);
  const TimeMs at = event.start - static_cast<DurationMs>(sampler.Uniform(30, 300) * kSecondMs);
  AddChange(event, topology, ChangeKind::kDeploy, event.scope, at, at, "new version");
  for (int i = 0; i < topology.instances; ++i) {
    Scope one = event.scope;
    one.instance = i;
    event.restarts.push_back({one, at + i * 45 * kSecondMs, false});
  }
  if (sampler.Chance(0.5)) {
    AddChange(event, topology, ChangeKind::kRollback, event.scope, event.end - kMinuteMs,
              event.end - kMinuteMs, "back to the previous version");
  }
}

void DatabaseSaturation(const Topology& topology, Sampler& sampler, Event& event) {
  Effect& effect = AddEffect(event, event.scope);
  effect.latency = sampler.Uniform(3.0, 6.0);
  effect.pool = sampler.Uniform(0.4, 0.7);
  effect.fail = sampler.Uniform(0.0, 0.08);
  effect.rise_ms = static_cast<DurationMs>(sampler.Uniform(60, 400) * kSecondMs);
  effect.fall_ms = 3 * kMinuteMs;
  event.severity = "major";
  const Effect cause = effect;
  KnockOnFromService(topology, event, cause, 0.4, kMinuteMs);
}

void VolumeTo(const Topology& topology, Event& event, double volume) {
  Effect& effect = AddEffect(event, event.scope);
  effect.volume = volume;
  effect.rise_ms = kMinuteMs;
  effect.fall_ms = 2 * kMinuteMs;
  event.severity = volume < 0.2 ? "critical" : "major";
  const Effect cause = effect;
  if (event.scope.psp >= 0) KnockOnFromPsp(topology, event, cause);
}

void TrafficDrop(const Topology& topology, Sampler& sampler, Event& event) {
  VolumeTo(topology, event, sampler.Uniform(0.05, 0.6));
}
void TrafficToZero(const Topology& topology, Sampler&, Event& event) {
  VolumeTo(topology, event, 0);
}

void RetryStorm(const Topology& topology, Sampler& sampler, Event& event) {
  Effect& effect = AddEffect(event, event.scope);
  effect.volume = sampler.Uniform(2.0, 4.0);
  effect.fail = sampler.Uniform(0.15, 0.5);
  effect.latency = sampler.Uniform(1.3, 2.5);
  effect.rise_ms = static_cast<DurationMs>(sampler.Uniform(30, 300) * kSecondMs);
  effect.fall_ms = 4 * kMinuteMs;
  event.severity = "critical";
  const Effect cause = effect;
  KnockOnFromService(topology, event, cause, 0.4, 0);
}

void QueueBacklog(const Topology&, Sampler& sampler, Event& event) {
  AddEffect(event, event.scope).queue_per_second = sampler.Uniform(0.5, 6.0);
  event.severity = "minor";
}

void SettlementStall(const Topology&, Sampler& sampler, Event& event) {
  Effect& effect = AddEffect(event, event.scope);
  effect.shape = Shape::kRamp;
  effect.lag_seconds =
      static_cast<double>(event.end - event.start) / kSecondMs * sampler.Uniform(0.7, 1.0);
  effect.latency = sampler.Uniform(1.5, 3.0);
  effect.fall_ms = 5 * kMinuteMs;
  event.severity = "minor";
}

void SlowCreep(const Topology& topology, Sampler& sampler, Event& event) {
  Effect& effect = AddEffect(event, event.scope);
  effect.shape = Shape::kRamp;
  if (sampler.Chance(0.5)) {
    effect.fail = sampler.Uniform(0.08, 0.2);
  } else {
    effect.latency = sampler.Uniform(2.0, 4.0);
  }
  effect.fall_ms = 3 * kMinuteMs;
  event.severity = "major";
  const Effect cause = effect;
  if (event.scope.psp >= 0) KnockOnFromPsp(topology, event, cause);
}

void Cascade(const Topology& topology, Sampler& sampler, Event& event) {
  Effect& effect = AddEffect(event, event.scope);
  effect.latency = sampler.Uniform(4.0, 8.0);
  effect.pool = 0.4;
  effect.rise_ms = 2 * kMinuteMs;
  effect.fall_ms = 3 * kMinuteMs;
  event.severity = "critical";
  Effect late = effect;
  late.fail = sampler.Uniform(0.3, 0.7);
  late.latency = sampler.Uniform(2.0, 4.0);
  const auto delay = static_cast<DurationMs>(sampler.Uniform(180, 420) * kSecondMs);
  KnockOnFromService(topology, event, late, 0.6, delay);
}

void Flapping(const Topology& topology, Sampler& sampler, Event& event) {
  Failing(topology, sampler, event, 0.5, 0.9);
  const auto period = static_cast<DurationMs>(sampler.Uniform(240, 600) * kSecondMs);
  for (Effect& effect : event.effects) {
    effect.shape = Shape::kFlap;
    effect.flap_ms = period;
    effect.fall_ms = 0;
  }
}

void BadInstance(const Topology&, Sampler& sampler, Event& event) {
  Effect& effect = AddEffect(event, event.scope);
  effect.fail = sampler.Uniform(0.4, 0.9);
  effect.on_payments = event.scope.service == Topology::kPayments;
  effect.fall_ms = kMinuteMs;
  event.severity = "major";
}

bool HasLedger(const Topology& t) { return t.ServiceIndex("ledger") >= 0; }
bool HasSettlement(const Topology& t) { return t.ServiceIndex("settlement") >= 0; }
bool HasSmallPsp(const Topology& t) { return t.psps.size() >= 3; }

constexpr std::array<Kind, 18> kIncidents = {{
    {"psp_outage", "30-95 % of a PSP's payments fail", 8, 60, true, AnyPlatform, AnyPsp, PspOutage},
    {"service_error_rate", "a bad deploy: 5-50 % errors minutes after it", 8, 50, true, AnyPlatform,
     AnyService, BadDeploy},
    {"psp_latency", "a PSP answers 2-5 times slower", 10, 60, true, AnyPlatform, AnyPsp,
     PspLatency},
    {"traffic_drop", "volume of a PSP, service or region falls by 40-95 %", 10, 60, true,
     AnyPlatform, DropPlace, TrafficDrop},
    {"psp_degradation", "a PSP's failures rise to 6-15 %", 15, 90, true, AnyPlatform, AnyPsp,
     PspDegradation},
    {"db_saturation", "a database pool runs full; its service and callers slow down", 10, 60, true,
     AnyPlatform, DatabasePlace, DatabaseSaturation},
    {"region_outage", "all PSPs and services of a region fail and slow down", 6, 45, false,
     AnyPlatform, AnyRegion, RegionOutage},
    {"cascade", "the ledger slows down, minutes later its callers fail", 15, 60, true, HasLedger,
     LedgerPlace, Cascade},
    {"low_volume_lane_outage", "the smallest PSP fails almost wholly", 30, 90, true, HasSmallPsp,
     SmallLane, SmallOutage},
    {"retry_storm", "clients retry: 2-4 times the volume, many failures", 6, 40, true, AnyPlatform,
     FrontPlace, RetryStorm},
    {"queue_backlog", "a queue is filled faster than it is emptied", 15, 80, false, AnyPlatform,
     QueuePlace, QueueBacklog},
    {"slow_creep", "failures or latency grow slowly to several times normal", 60, 120, true,
     AnyPlatform, AnyPsp, SlowCreep},
    {"method_outage", "one payment method fails in a region", 10, 50, true, AnyPlatform,
     MethodPlace, MethodOutage},
    {"flapping", "a PSP fails on and off every few minutes", 25, 80, true, AnyPlatform, LanePlace,
     Flapping},
    {"traffic_to_zero", "a PSP's traffic in a region stops", 6, 45, true, AnyPlatform, LanePlace,
     TrafficToZero},
    {"settlement_stall", "settlement stops, its lag grows", 25, 90, false, HasSettlement,
     SettlementPlace, SettlementStall},
    {"bad_instance", "one instance of a service fails most requests", 10, 50, true, AnyPlatform,
     InstancePlace, BadInstance},
    {"service_latency", "a service gets 3-6 times slower by itself", 10, 60, true, AnyPlatform,
     AnyService, DatabaseSaturation},
}};

}  // namespace

std::span<const Kind> IncidentKinds() { return kIncidents; }

}  // namespace quell::simulator
