// From a history to a model and back: what is learned, what is refused, what cannot be read.
#include "replay/dedup/train_dedup.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>

#include "engine/config/dedup_model_file.h"
#include "replay/dedup/model_json.h"
#include "replay/streams/alert_history.h"
#include "replay/streams/stream_generator.h"

namespace quell::dedup {
namespace {

using incidents::DedupModel;
using streams::AlertStream;
using streams::StreamAlert;

// A house whose alerts break in pairs that labels say nothing about: `queue` and `sink` of one
// number always go together, a minute apart, and beside them something fires that does not.
AlertStream PairsByHabit(size_t incidents) {
  AlertStream out;
  const auto add = [&](const std::string& name, size_t n, TimeMs at, std::string incident) {
    StreamAlert alert;
    alert.labels =
        Labels{{"alertname", name}, {name, name + std::to_string(n)}, {"severity", "critical"}};
    alert.starts_at = at;
    alert.ends_at = at + 10 * kMinuteMs;
    alert.incident = std::move(incident);
    out.alerts.push_back(std::move(alert));
  };
  for (size_t i = 0; i < incidents; ++i) {
    const TimeMs at = kDayMs + static_cast<TimeMs>(i) * 40 * kMinuteMs;
    const size_t n = i % 4;
    add("queue", n, at, std::to_string(i));
    add("sink", n, at + kMinuteMs, std::to_string(i));
    add("noise", i % 7, at + 3 * kMinuteMs, "");
  }
  return out;
}

std::string Sample() {
  Trained trained;
  for (size_t i = 0; i < incidents::kJoinFeatures; ++i) {
    trained.model.coefficient[i] = 0.25 * static_cast<double>(i) - 1;
    trained.model.mean[i] = 0.1 * static_cast<double>(i);
    trained.model.sd[i] = 1 + static_cast<double>(i) / 3;
  }
  trained.model.intercept = -1.0 / 3;
  return ModelJson(trained, "ab12");
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("Dedup: a model is read as it was written, to the last bit", "[dedup]") {
  const auto read = config::ParseDedupModel(Sample(), "model.json");
  REQUIRE(read.ok());
  CHECK(read->intercept == -1.0 / 3);
  for (size_t i = 0; i < incidents::kJoinFeatures; ++i) {
    CHECK(read->coefficient[i] == 0.25 * static_cast<double>(i) - 1);
    CHECK(read->mean[i] == 0.1 * static_cast<double>(i));
    CHECK(read->sd[i] == 1 + static_cast<double>(i) / 3);
  }
}

TEST_CASE("Dedup: a model that cannot be used says where and why", "[dedup]") {
  struct Case {
    const char *from, *to, *place, *why;
  };
  const Case bad =
      GENERATE(Case{"\"version\": 1", "\"version\": 2", "model.json:3:", "train the model again"},
               Case{"quell-dedup-model", "something", "model.json:2:", "kind"},
               Case{"\"onset_gap\"", "\"onset_gab\"", "model.json:7:", "is no feature"},
               Case{"\"starts_gap\"", "\"onset_gap\"", "model.json:13:", "given twice"},
               Case{"\"intercept\"", "\"interzept\"", "model.json:1:", "intercept"},
               Case{"\"sd\": 1.0", "\"sd\": 0.0", "model.json:10:", "sd"},
               Case{"\"mean\": 0.0", "\"mean\": \"many\"", "model.json:9:", "mean"},
               Case{"\"features\": [", "\"features\": [[", "model.json:", ""});
  const auto read = config::ParseDedupModel(Replaced(Sample(), bad.from, bad.to), "model.json");
  REQUIRE_FALSE(read.ok());
  INFO(read.error().message);
  CHECK(read.error().message.find(bad.place) == 0);
  CHECK(read.error().message.find(bad.why) != std::string::npos);
}

TEST_CASE("Dedup: an empty, a cut and a foreign file are no model", "[dedup]") {
  const std::string sample = Sample();
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("\x01\x02"), sample.substr(0, 200)}) {
    CHECK_FALSE(config::ParseDedupModel(text, "model.json").ok());
  }
}

TEST_CASE("Dedup: without a usable file the built-in weights judge, and it is said", "[dedup]") {
  config::Config config = config::DefaultConfig();
  config::UseDedupModel(config);
  CHECK(config.dedup_state == config::DedupState::kNone);
  config.dedup_model = "/nowhere/model.json";
  config::UseDedupModel(config);
  CHECK(config.dedup_state == config::DedupState::kUnusable);
  CHECK(config.pipeline.incidents.dedup_model == nullptr);
}

TEST_CASE("Dedup: what goes together by habit is learned where weights cannot know", "[dedup]") {
  const auto trained = TrainDedup(PairsByHabit(160), {});
  REQUIRE(trained.ok());
  INFO(FormatTrained(*trained));
  CHECK(trained->examples > 50);
  CHECK(trained->by_model.F1() >= trained->by_built_in.F1());
  CHECK(trained->refused.empty() == (trained->by_model.F1() > trained->by_built_in.F1() + 0.002));
}

TEST_CASE(
    "Dedup: on a generated house the same history gives the same model, and every join by it "
    "shows what spoke for it",
    "[dedup]") {
  const AlertStream history = streams::GenerateStream({.seed = 81, .duration_ms = 4 * kDayMs});
  const auto once = TrainDedup(history, {});
  const auto twice = TrainDedup(history, {});
  REQUIRE(once.ok());
  REQUIRE(twice.ok());
  CHECK(ModelJson(*once, "") == ModelJson(*twice, ""));
  CHECK_FALSE(once->folds.empty());
  const auto grouping =
      streams::GroupByEngine(history, std::make_shared<const DedupModel>(once->model));
  size_t told = 0, joined = 0;
  for (const std::string& why : grouping.why) {
    // What fires again, or is inhibited, is no join.
    const bool join =
        why.find("fires again") == std::string::npos && why.rfind("depends on ", 0) != 0;
    if (why.empty() || !join) continue;
    ++joined;
    if (why.find("log odds +") != std::string::npos) ++told;
  }
  CHECK(joined > 20);
  CHECK(told == joined);
}

TEST_CASE("Dedup: a history without enough incidents is refused with the numbers", "[dedup]") {
  const auto trained = TrainDedup(PairsByHabit(12), {});
  REQUIRE_FALSE(trained.ok());
  CHECK(trained.error().message.find("too little history: 8 incidents") == 0);
  CHECK_FALSE(TrainDedup({}, {}).ok());
}

TEST_CASE("Dedup: a model that groups no better is refused", "[dedup]") {
  // Every incident is one alert's lane seen twice: the built-in weights make no mistake.
  AlertStream history = PairsByHabit(120);
  for (StreamAlert& alert : history.alerts) {
    if (alert.incident.empty()) continue;
    alert.labels = Labels{{"alertname", std::string(alert.labels.Get("alertname"))},
                          {"service", "s" + alert.incident},
                          {"severity", "critical"}};
  }
  const auto trained = TrainDedup(history, {});
  REQUIRE(trained.ok());
  CHECK(trained->by_built_in.F1() == 1);
  CHECK(trained->refused.find("pairwise F1") != std::string::npos);
}

}  // namespace quell::dedup
