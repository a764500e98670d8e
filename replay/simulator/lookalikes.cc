// Look-alikes: what resembles an incident on a graph and must not page.

#include <algorithm>
#include <array>

#include "replay/simulator/catalog.h"

namespace quell::simulator {
namespace {

using incidents::ChangeKind;

constexpr DurationMs kSettled = 3 * kHourMs;  // after a lasting change other events may follow

Scope WholePlatform(const Topology&, Sampler&) { return {}; }

Scope AnyLane(const Topology& topology, Sampler& sampler) {
  Scope scope = AnyPsp(topology, sampler);
  scope.region = AnyRegion(topology, sampler).region;
  return scope;
}

Scope MiddleLane(const Topology& topology, Sampler& sampler) {
  Scope scope = AnyRegion(topology, sampler);
  const int psps = static_cast<int>(topology.psps.size());
  scope.psp = psps - 1 - sampler.Below(std::max(1, psps / 2));
  return scope;
}

Scope AnyReplica(const Topology& topology, Sampler& sampler) {
  Scope scope = AnyService(topology, sampler);
  scope.instance = sampler.Below(topology.instances);
  return scope;
}

Scope PspOrService(const Topology& topology, Sampler& sampler) {
  return sampler.Chance(0.5) ? AnyLane(topology, sampler) : AnyService(topology, sampler);
}

Scope OutagePlace(const Topology& topology, Sampler& sampler) {
  const double u = sampler.Uniform();
  if (u < 0.35) return AnyReplica(topology, sampler);
  if (u < 0.75) return AnyRegion(topology, sampler);
  return {};
}

void Blip(const Topology&, Sampler& sampler, Event& event) {
  event.end = event.start + static_cast<DurationMs>(sampler.Uniform(10, 28) * kSecondMs);
  event.busy_until = event.start + 20 * kMinuteMs;
  Effect& effect = AddEffect(event, event.scope);
  if (sampler.Chance(0.6)) {
    effect.fail = sampler.Uniform(0.2, 0.7);
  } else {
    effect.latency = sampler.Uniform(2.0, 4.0);
  }
  event.note = "one scrape long";
}

void Promotion(const Topology& topology, Sampler& sampler, Event& event) {
  Effect& effect = AddEffect(event, event.scope);
  effect.volume = sampler.Uniform(1.5, 3.0);
  effect.latency = sampler.Uniform(1.0, 1.15);
  effect.rise_ms = static_cast<DurationMs>(sampler.Uniform(2, 20) * kMinuteMs);
  effect.fall_ms = 30 * kMinuteMs;
  AddChange(event, topology, ChangeKind::kPromotion, event.scope, event.start, event.end,
            "campaign");
}

void HolidayDay(const Topology& topology, Sampler& sampler, Event& event) {
  const Region& region = topology.regions[static_cast<size_t>(event.scope.region)];
  const DurationMs offset = region.utc_offset_minutes * kMinuteMs;
  event.start = (event.start + offset) / kDayMs * kDayMs - offset;
  event.end = event.start + kDayMs;
  event.busy_until = event.start;  // incidents may happen on a holiday
  event.holidays.push_back({event.scope.region, event.start, event.end});
  if (sampler.Chance(0.7)) {
    AddChange(event, topology, ChangeKind::kHoliday, event.scope, event.start, event.end,
              "bank holiday");
  }
}

void Maintenance(const Topology& topology, Sampler& sampler, Event& event) {
  Effect& effect = AddEffect(event, event.scope);
  effect.start += 2 * kMinuteMs;
  effect.end -= 3 * kMinuteMs;
  effect.fail = sampler.Uniform(0.1, 0.8);
  effect.volume = sampler.Uniform(0.2, 1.0);
  AddChange(event, topology, ChangeKind::kMaintenance, event.scope, event.start, event.end,
            "planned work");
}

void Cutover(const Topology& topology, Sampler& sampler, Event& event) {
  const int psps = static_cast<int>(topology.psps.size());
  Scope to = event.scope;
  to.psp = (event.scope.psp + 1) % std::max(1, psps);
  const double moved = sampler.Uniform(0.3, 0.8);
  const double from_share = topology.PspShare(event.scope.region, event.scope.psp);
  const double to_share = topology.PspShare(event.scope.region, to.psp);
  const auto rise = static_cast<DurationMs>(sampler.Uniform(2, 20) * kMinuteMs);
  Effect& away = AddEffect(event, event.scope);
  away.volume = 1.0 - moved;
  away.rise_ms = away.fall_ms = rise;
  Effect& towards = AddEffect(event, to);
  towards.volume = 1.0 + moved * from_share / std::max(to_share, 0.001);
  towards.rise_ms = towards.fall_ms = rise;
  const std::string note = topology.psps[static_cast<size_t>(event.scope.psp)].name + " to " +
                           topology.psps[static_cast<size_t>(to.psp)].name;
  AddChange(event, topology, ChangeKind::kCutover, event.scope, event.start, event.end, note);
  AddChange(event, topology, ChangeKind::kCutover, to, event.start, event.end, note);
}

void ScrapeOutage(const Topology&, Sampler& sampler, Event& event) {
  const bool markers = event.scope.region >= 0 && sampler.Chance(0.5);
  event.gaps.push_back({event.scope, event.start, event.end, markers});
  event.note = markers ? "up = 0 with staleness markers" : "no samples at all";
}

void CounterReset(const Topology& topology, Sampler& sampler, Event& event) {
  const bool renamed = sampler.Chance(0.3);
  for (int i = 0; i < topology.instances; ++i) {
    Scope one = event.scope;
    one.instance = i;
    event.restarts.push_back({one, event.start + i * 40 * kSecondMs, renamed});
  }
  event.end = event.start + topology.instances * 40 * kSecondMs;
  event.note = renamed ? "new instance labels" : "counters start again at zero";
}

void QuietDeploy(const Topology& topology, Sampler& sampler, Event& event) {
  CounterReset(topology, sampler, event);
  AddChange(event, topology, ChangeKind::kDeploy, event.scope, event.start - kMinuteMs,
            event.start - kMinuteMs, "new version");
}

void Launch(const Topology& topology, Sampler&, Event& event) {
  event.lifetimes.push_back({event.scope, event.start, kForever});
  Effect& effect = AddEffect(event, event.scope);  // a shortfall that fades: traffic grows in
  effect.end = effect.start;
  effect.fall_ms = 3 * kHourMs;
  effect.volume = 0.1;
  event.end = event.start + 3 * kHourMs;
  AddChange(event, topology, ChangeKind::kLaunch, event.scope, event.start, event.start, "go-live");
}

void Decommission(const Topology& topology, Sampler&, Event& event) {
  event.lifetimes.push_back({event.scope, -kForever, event.end});
  Effect& effect = AddEffect(event, event.scope);
  effect.end = kForever;
  effect.volume = 0;
  effect.rise_ms = event.end - event.start;
  event.busy_until = kForever;
  AddChange(event, topology, ChangeKind::kDecommission, event.scope, event.start, event.end,
            "contract ended");
}

void LevelShift(const Topology&, Sampler& sampler, Event& event) {
  Effect& effect = AddEffect(event, event.scope);
  effect.end = kForever;
  effect.rise_ms = static_cast<DurationMs>(sampler.Uniform(1, 30) * kMinuteMs);
  if (event.scope.psp >= 0 && sampler.Chance(0.4)) {
    effect.decline = sampler.Uniform(0.01, 0.03);
    event.note = "declines up for good";
  } else {
    effect.latency = sampler.Uniform(1.08, 1.18);
    event.note = "latency up for good";
  }
  event.busy_until = event.start + kSettled;
}

void DeclineRise(const Topology&, Sampler& sampler, Event& event) {
  Effect& effect = AddEffect(event, event.scope);
  effect.decline = sampler.Uniform(0.08, 0.25);
  effect.rise_ms = static_cast<DurationMs>(sampler.Uniform(1, 30) * kMinuteMs);
  effect.fall_ms = 10 * kMinuteMs;
  effect.on_http = false;
  event.note = "issuers decline, nothing fails";
}

void ClientErrors(const Topology&, Sampler& sampler, Event& event) {
  Effect& effect = AddEffect(event, event.scope);
  effect.client_error = sampler.Uniform(0.08, 0.3);
  effect.on_payments = false;
  effect.rise_ms = 2 * kMinuteMs;
  effect.fall_ms = 2 * kMinuteMs;
  event.note = "a crawler: 4xx answers only";
}

void NightNoise(const Topology&, Sampler& sampler, Event& event) {
  Effect& effect = AddEffect(event, event.scope);
  effect.fail = sampler.Uniform(0.15, 0.4);
  effect.on_http = false;
  event.note = "a handful of failures among a handful of requests";
}

void SlowNight(const Topology&, Sampler& sampler, Event& event) {
  Effect& effect = AddEffect(event, event.scope);
  effect.volume = sampler.Uniform(0.75, 0.9);
  effect.rise_ms = effect.fall_ms = kHourMs;
  event.note = "a match on television";
}

bool ManyPsps(const Topology& t) { return t.psps.size() >= 3; }
bool TwoPsps(const Topology& t) { return t.psps.size() >= 2; }

constexpr std::array<Kind, 16> kLookalikes = {{
    {"one_step_blip", "failures or latency jump for one scrape", 1, 1, false, AnyPlatform,
     PspOrService, Blip},
    {"promotion", "announced campaign: 1.5-3 times the volume", 60, 240, true, AnyPlatform,
     AnyRegion, Promotion},
    {"maintenance", "announced window with failures and less traffic", 30, 120, false, AnyPlatform,
     PspOrService, Maintenance},
    {"scrape_outage", "no samples of an instance, a region or everything", 2, 15, false,
     AnyPlatform, OutagePlace, ScrapeOutage},
    {"counter_reset", "a service restarts, counters begin at zero", 1, 1, false, AnyPlatform,
     AnyService, CounterReset},
    {"business_decline_rise", "issuers decline more; payments do not fail", 45, 240, true,
     AnyPlatform, AnyLane, DeclineRise},
    {"quiet_deploy", "a deploy that breaks nothing", 1, 1, true, AnyPlatform, AnyService,
     QuietDeploy},
    {"cutover", "announced: traffic moves from one PSP to another", 60, 300, true, TwoPsps, AnyLane,
     Cutover},
    {"night_noise", "few failures among few requests at night", 8, 20, false, AnyPlatform,
     SmallLane, NightNoise},
    {"holiday", "a day like a Sunday, mostly announced", 1440, 1440, false, AnyPlatform, AnyRegion,
     HolidayDay},
    {"level_shift", "latency or declines settle a little higher", 30, 60, true, AnyPlatform,
     PspOrService, LevelShift},
    {"launch", "announced: a PSP goes live in a region", 30, 60, true, ManyPsps, MiddleLane,
     Launch},
    {"client_errors", "4xx answers rise, 5xx do not", 20, 90, true, AnyPlatform, AnyService,
     ClientErrors},
    {"decommission", "announced: a PSP leaves a region for good", 30, 90, true, ManyPsps,
     MiddleLane, Decommission},
    {"quiet_evening", "volume 10-25 % lower for an evening", 90, 180, true, AnyPlatform, AnyRegion,
     SlowNight},
    {"monitoring_outage", "Prometheus itself is away", 3, 12, false, AnyPlatform, WholePlatform,
     ScrapeOutage},
}};

}  // namespace

std::span<const Kind> LookalikeKinds() { return kLookalikes; }

}  // namespace quell::simulator
