// Series that are bound as another is, against the same series each bound by itself.
#include <catch2/catch.hpp>

#include "core/random.h"
#include "engine/signals/likeness.h"
#include "ingest/series_records.h"
#include "tests/engine/signals/signal_bench.h"

namespace quell::signals {
namespace {

using ingest::SeriesType;

// Matches nothing. One that groups by every label keeps series from being taken as alike.
SignalDef Idle(bool by_all) {
  SignalDef def = GaugeOf("idle", "no_such_metric", Aggregate::kSum);
  def.by_all = by_all;
  return def;
}

Labels RandomLabels(Random& random) {
  const auto one_of = [&](std::initializer_list<const char*> texts) {
    return std::string(texts.begin()[random.Below(texts.size())]);
  };
  std::vector<Label> labels = {
      {"__name__", one_of({"pay_total", "pay_seconds_bucket", "pay_seconds_count",
                           "pay_errors_total", "queue_depth", "pay_seconds", "go_things_total"})},
      {"job", one_of({"a", "b"})},
      {"psp", one_of({"x", "y", "z"})}};
  const auto maybe = [&](const char* name, std::initializer_list<const char*> values) {
    if (random.Below(2) == 0) labels.push_back({name, one_of(values)});
  };
  maybe("instance", {"i1", "i2", "i3", "i4"});
  maybe("pod", {"p1", "p2", "p3", "p4", "p5"});
  maybe("Pod", {"p1", "p2"});
  maybe("version", {"1", "2"});
  maybe("reason", {"lost", "found"});
  maybe("outcome", {"ok", "failed", "declined"});
  if (random.Below(10) == 0) labels.push_back({"status_code", one_of({"200", "503"})});
  if (random.Below(10) == 0) labels.push_back({"alertname", "other"});
  maybe("le", {"0.1", "0.5", "1", "+Inf", "x"});
  if (random.Below(10) == 0) labels.push_back({"le", std::to_string(random.Below(400))});
  if (random.Below(20) == 0) labels.push_back({"quantile", "0.5"});
  return Labels(std::move(labels));
}

std::vector<SignalDef> Definitions(bool configured, bool by_all) {
  std::vector<SignalDef> out = {Idle(by_all)};
  if (!configured) return out;
  out.push_back(RateOf("mine", "pay_total{version=\"2\",reason!=\"lost\"}"));
  out.back().by = {"pod", "psp"};
  out.push_back(QuantileOf("slow", "pay_seconds_bucket{Pod=\"p1\"}", 0));
  return out;
}

std::string Saved(const SignalEngine& engine) {
  ByteWriter out;
  engine.Save(out);
  return out.Take();
}

TEST_CASE("a series that is bound as one that is like it is bound as by itself") {
  const bool configured = GENERATE(false, true);
  SignalOptions options;
  options.signals_max = GENERATE(40U, 1000U);
  options.series_max = GENERATE(2500U, 1000000U);
  SignalEngine quick(Definitions(configured, false), options);
  SignalEngine plain(Definitions(configured, true), options);
  Random random(options.signals_max + options.series_max);
  size_t alike = 0;
  for (int i = 0; i < 6000; ++i) {
    const Labels labels = RandomLabels(random);
    const auto type = random.Below(4) == 0 ? SeriesType::kHistogram : SeriesType::kFloat;
    const std::string body = ingest::DefinitionBody(type, labels);
    const Hash128 definition = WideHash(body, 0);
    auto id = quick.Find(definition);
    if (!id) {
      id = quick.InternLike(definition, body);
      alike += id.has_value() ? 1 : 0;
    }
    if (!id) id = quick.Intern(labels, type);
    REQUIRE(plain.InternLike(definition, body) == std::nullopt);
    REQUIRE(*id == plain.Intern(labels, type));
  }
  CHECK(alike > 10);
  CHECK(quick.counters().refused_series == plain.counters().refused_series);
  CHECK(quick.counters().refused_signals == plain.counters().refused_signals);
  CHECK(quick.counters().ignored_series == plain.counters().ignored_series);
  CHECK(Saved(quick) == Saved(plain));
}

TEST_CASE("series are alike where pods and details differ, and nothing that counts does") {
  Likeness likeness({});
  const auto of = [&](const Labels& labels) {
    return likeness.Of(ingest::DefinitionBody(SeriesType::kFloat, labels)).value();
  };
  const auto a = of({{"__name__", "m"}, {"pod", "1"}, {"psp", "x"}, {"version", "1"}});
  const auto b = of({{"__name__", "m"}, {"pod", "2"}, {"psp", "x"}});
  CHECK(a.key == b.key);
  CHECK(a.target == b.target);
  CHECK_FALSE(a.key == of({{"__name__", "m"}, {"psp", "y"}}).key);
  CHECK_FALSE(a.key == of({{"__name__", "m"}, {"psp", "x"}, {"le", "1"}}).key);
  CHECK_FALSE(a.key == of({{"__name__", "m"}, {"psp", "x"}, {"code", "200"}}).key);
  const auto elsewhere = of({{"__name__", "m"}, {"instance", "i"}, {"psp", "x"}});
  CHECK(a.key == elsewhere.key);
  CHECK_FALSE(a.target == elsewhere.target);
  const Labels plain = {{"__name__", "m"}, {"psp", "x"}};
  const auto native = likeness.Of(ingest::DefinitionBody(SeriesType::kHistogram, plain));
  CHECK_FALSE(a.key == native.value().key);
}

TEST_CASE("a label that a definition selects or groups by counts, whatever its name") {
  SignalDef def = RateOf("mine", "m{version=\"1\"}");
  def.by = {"pod"};
  const std::vector<SignalDef> definitions = {def};
  Likeness likeness(definitions);
  const auto of = [&](const char* name, const char* value) {
    const Labels labels = {{"__name__", "m"}, {name, value}};
    return likeness.Of(ingest::DefinitionBody(SeriesType::kFloat, labels)).value().key;
  };
  CHECK_FALSE(of("version", "1") == of("version", "2"));
  CHECK_FALSE(of("pod", "1") == of("pod", "2"));
  CHECK(of("host", "1") == of("host", "2"));
}

}  // namespace
}  // namespace quell::signals
