// Scrape outages of single targets: one page in place of what they explain, and none of what they
// do not.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/random.h"
#include "ingest/alerts/alert_codec.h"
#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

constexpr int kOut = 3000;   // the first step of the outage, on the second day
constexpr int kBack = 3080;  // 40 minutes later
constexpr int kSteps = 3160;

// What becomes of a target at a step.
struct Fare {
  bool scraped = true;
  bool discovered = true;  // else not even `up` is there
  double volume = 1;
};
using Story = std::function<Fare(const std::string& job, const std::string& instance, int step)>;

// payments-api has three targets that serve every lane; edge one, which sees the same payments
// from outside.
class TargetWorld {
 public:
  explicit TargetWorld(std::uint64_t seed) : random_(seed) {
    for (const char* instance : {"api-1:80", "api-2:80", "api-3:80"}) {
      for (const char* psp : {"acme", "globex"}) {
        Add("payments_total", "payments-api", instance, psp);
      }
      Add("queue_depth", "payments-api", instance, "");
    }
    for (const char* psp : {"acme", "globex"}) Add("edge_requests_total", "edge", "edge-1:80", psp);
    for (const char* job : {"ledger", "fraud", "fx"}) {
      for (const char* lane : {"a", "b"})
        Add(std::string(job) + "_jobs_total", job, "x-1:80", lane);
    }
  }

  std::vector<ingest::JournalRecord> Records(const Story& story) {
    std::vector<ingest::JournalRecord> out;
    std::uint64_t sequence = 0;
    for (int step = 0; step < kSteps; ++step) {
      const TimeMs time = kMonday + step * kStep;
      ingest::SampleBatch batch;
      std::set<std::pair<std::string, std::string>> told;
      const auto put = [&](Labels labels, double value) {
        const auto at = static_cast<std::uint32_t>(batch.samples.size());
        batch.series.push_back({std::move(labels), at, at + 1});
        batch.samples.push_back({time, value});
      };
      for (auto& [labels, value] : series_) {
        const std::string job(labels.Get("job"));
        const std::string instance(labels.Get("instance"));
        const Fare fare = story(job, instance, step);
        if (labels.MetricName() == "queue_depth") {
          value = 20 + 3 * random_.Normal();
        } else {
          value += static_cast<double>(random_.Poisson(120 * fare.volume));
        }
        if (fare.discovered && told.emplace(job, instance).second) {
          put(Labels{{"__name__", "up"}, {"job", job}, {"instance", instance}},
              fare.scraped ? 1 : 0);
        }
        if (fare.scraped && fare.discovered) put(labels, value);
      }
      out.push_back(SamplesRecord(++sequence, time + 200, batch));
      out.push_back(TickRecord(++sequence, time + 15 * kSecondMs));
    }
    return out;
  }

 private:
  void Add(const std::string& name, const std::string& job, const std::string& instance,
           const std::string& psp) {
    Labels labels{{"__name__", name}, {"job", job}, {"instance", instance}};
    if (!psp.empty()) labels.Set("psp", psp);
    if (name == "payments_total") labels.Set("outcome", "approved");
    series_.emplace_back(std::move(labels), 0);
  }
  Random random_;
  std::vector<std::pair<Labels, double>> series_;
};

ingest::JournalRecord Posted(TimeMs at, std::vector<Label> labels, const std::string& expression) {
  ingest::ReceivedAlert alert;
  alert.labels = std::move(labels);
  alert.generator_url = "http://prom:9090/graph?g0.expr=" + expression + "&g0.tab=1";
  alert.starts_at = at;
  alert.ends_at = at + 4 * kMinuteMs;
  ingest::JournalRecord record;
  record.sequence = 1'000'000;
  record.kind = ingest::RecordKind::kAlerts;
  record.received_ms = at;
  const ingest::ReceivedAlert* const posted[] = {&alert};
  ingest::EncodeAlerts(posted, record.payload);
  return record;
}

struct Told {
  std::vector<Sent> sent;
  std::string text;  // all effects
};

Told Apply(Pipeline& pipeline, std::vector<ingest::JournalRecord> records,
           std::vector<ingest::JournalRecord> more = {}) {
  records.insert(records.end(), more.begin(), more.end());
  std::stable_sort(records.begin(), records.end(),
                   [](const auto& a, const auto& b) { return a.received_ms < b.received_ms; });
  for (const auto& record : records) pipeline.Apply(record);
  const auto effects = pipeline.TakeEffects();
  Told out;
  out.sent = Notifications(effects);
  out.text = Text(effects);
  return out;
}

std::uint64_t HeldBack(Pipeline& pipeline) {
  const auto reason = static_cast<size_t>(incidents::PageReason::kScrapeOutage);
  return pipeline.counters().outcomes[reason];
}

Fare ApiDown(const std::string& job, const std::string& /*instance*/, int step) {
  Fare fare;
  fare.scraped = job != "payments-api" || step < kOut || step >= kBack;
  return fare;
}

TEST_CASE("Scrape outage: all targets of a job fail to be scraped, and one page says so",
          "[pipeline]") {
  const auto pipeline = MakePipeline(VolumesMustReport());
  const Told told = Apply(*pipeline, TargetWorld(1).Records(ApiDown));
  REQUIRE(CountAction(told.sent, "trigger") == 1);
  CHECK(CountAction(told.sent, "resolve") == 1);
  const std::string& body = told.sent.front().body;
  INFO(body);
  CHECK(body.find("scrape outage") != std::string::npos);
  CHECK(body.find("payments-api api-1:80, api-2:80, api-3:80 not seen since 01:00 UTC") !=
        std::string::npos);
  CHECK(body.find("5 signals blind") != std::string::npos);
  CHECK(body.find("nothing of payments-api is seen") != std::string::npos);
  CHECK(body.find("\"severity\":\"error\"") != std::string::npos);
  // The signals that must report would have paged after five minutes.
  const TimeMs out = kMonday + kOut * kStep;
  CHECK(told.sent.front().at > out + 4 * kMinuteMs);
  CHECK(told.sent.front().at < out + 8 * kMinuteMs);
  CHECK(HeldBack(*pipeline) == 2);
}

TEST_CASE("Scrape outage: of one target of several the page says what is still seen",
          "[pipeline]") {
  const auto story = [](const std::string& job, const std::string& instance, int step) {
    return ApiDown(instance == "api-2:80" ? job : "other", instance, step);
  };
  const auto pipeline = MakePipeline(VolumesMustReport());
  const Told told = Apply(*pipeline, TargetWorld(2).Records(story));
  REQUIRE(CountAction(told.sent, "trigger") == 1);
  CHECK(CountAction(told.sent, "resolve") == 1);
  const std::string& body = told.sent.front().body;
  INFO(body);
  CHECK(body.find("payments-api api-2:80 not seen since 01:00 UTC; 1 signal blind (queue_depth); "
                  "2 other targets of payments-api still seen, with 2 signals of this one") !=
        std::string::npos);
  CHECK(body.find("\"severity\":\"warning\"") != std::string::npos);
  CHECK(told.sent.front().at >= kMonday + kOut * kStep + 15 * kMinuteMs);
}

TEST_CASE("Scrape outage: a job that falls silent without a word is one, too", "[pipeline]") {
  const auto story = [](const std::string& job, const std::string& instance, int step) {
    Fare fare = ApiDown(job, instance, step);
    fare.discovered = fare.scraped;
    return fare;
  };
  const auto pipeline = MakePipeline(VolumesMustReport());
  const Told told = Apply(*pipeline, TargetWorld(3).Records(story));
  REQUIRE(CountAction(told.sent, "trigger") == 1);
  CHECK(told.sent.front().body.find("scrape outage") != std::string::npos);
  CHECK(HeldBack(*pipeline) == 2);
}

TEST_CASE("Scrape outage: a copy that was replaced pages nobody", "[pipeline]") {
  const auto story = [](const std::string& job, const std::string& instance, int step) {
    Fare fare = ApiDown(instance == "api-2:80" ? job : "other", instance, step);
    fare.discovered = fare.scraped;
    return fare;
  };
  const auto pipeline = MakePipeline(VolumesMustReport());
  CHECK(Apply(*pipeline, TargetWorld(4).Records(story)).sent.empty());
}

TEST_CASE("Scrape outage: a single scrape that fails is none", "[pipeline]") {
  const auto story = [](const std::string& job, const std::string&, int step) {
    Fare fare;
    fare.scraped = job != "payments-api" || step % 20 != 0;
    return fare;
  };
  const auto pipeline = MakePipeline(VolumesMustReport());
  CHECK(Apply(*pipeline, TargetWorld(5).Records(story)).sent.empty());
}

TEST_CASE("Scrape outage: what others say is absent is held back, and asks for the page at once",
          "[pipeline]") {
  const TimeMs at = kMonday + kOut * kStep + 2 * kMinuteMs;
  const std::vector<ingest::JournalRecord> alerts = {
      Posted(at, {{"alertname", "NoPayments"}, {"job", "payments-api"}, {"severity", "critical"}},
             "absent%28payments_total%7Bjob%3D%22payments-api%22%7D%29"),
      Posted(at + kSecondMs,
             {{"alertname", "Down"}, {"job", "payments-api"}, {"instance", "api-1:80"}},
             "up+%3D%3D+0")};
  const auto pipeline = MakePipeline(VolumesMustReport());
  const Told told = Apply(*pipeline, TargetWorld(6).Records(ApiDown), alerts);
  REQUIRE(CountAction(told.sent, "trigger") == 1);
  INFO(told.sent.front().body);
  CHECK(told.sent.front().at <= at + kMinuteMs);
  CHECK(told.sent.front().body.find("scrape outage") != std::string::npos);
  CHECK(told.sent.front().body.find("\"severity\":\"critical\"") != std::string::npos);
  CHECK(HeldBack(*pipeline) == 4);
}

TEST_CASE("Scrape outage: alerts on what was measured are never held back", "[pipeline]") {
  const TimeMs at = kMonday + kOut * kStep + 2 * kMinuteMs;
  const std::vector<Label> labels = {{"alertname", "HighErrors"},
                                     {"job", "payments-api"},
                                     {"instance", "api-1:80"},
                                     {"severity", "critical"}};
  SECTION("of the target itself") {
    const auto pipeline = MakePipeline(VolumesMustReport());
    const Told told = Apply(*pipeline, TargetWorld(7).Records(ApiDown),
                            {Posted(at, labels, "rate%28errors%5B5m%5D%29+%3E+0.5")});
    REQUIRE(!told.sent.empty());
    CHECK(told.sent.front().at <= at + kMinuteMs);
    CHECK(told.sent.front().body.find("HighErrors") != std::string::npos);
  }
  SECTION("or of one that is still seen, and says that something is absent") {
    const auto story = [](const std::string& job, const std::string& instance, int step) {
      return ApiDown(instance == "api-2:80" ? job : "other", instance, step);
    };
    for (const char* name : {"instance", "job"}) {
      std::vector<Label> of = {{"alertname", "Gone"}, {"job", "payments-api"}};
      if (std::string(name) == "instance") of.push_back({"instance", "api-1:80"});
      const auto pipeline = MakePipeline(VolumesMustReport());
      const Told told = Apply(*pipeline, TargetWorld(8).Records(story),
                              {Posted(at, of, "absent%28payments_total%29")});
      REQUIRE(!told.sent.empty());
      CHECK(told.sent.front().at <= at + kMinuteMs);
      CHECK(HeldBack(*pipeline) == 0);
    }
  }
}

// Whatever else is out, payments that fall are paged.
TEST_CASE("Scrape outage: payments that fail while targets go down still page", "[pipeline]") {
  Random random(99);
  for (int round = 0; round < 12; ++round) {
    const bool all_down = round % 2 == 0;
    const std::string down = "api-" + std::to_string(1 + random.Below(3)) + ":80";
    const int falls = kOut + static_cast<int>(random.Below(12));
    const double left = 0.02 + 0.08 * random.Uniform();
    const auto story = [&](const std::string& job, const std::string& instance, int step) {
      Fare fare;
      const bool is_down = job == "payments-api" && (all_down || instance == down);
      fare.scraped = !is_down || step < kOut || step >= kBack;
      const bool tells = job == (all_down ? "edge" : "payments-api");
      if (tells && step >= falls && step < kBack) fare.volume = left;
      return fare;
    };
    INFO("round " << round << " left " << left << " falls " << falls - kOut);
    const auto pipeline = MakePipeline(VolumesMustReport());
    const Told told =
        Apply(*pipeline, TargetWorld(100 + static_cast<std::uint64_t>(round)).Records(story));
    const auto paged = std::find_if(told.sent.begin(), told.sent.end(), [&](const Sent& one) {
      const bool says = one.body.find("\"class\":\"volume\"") != std::string::npos;
      return one.action == "trigger" && says && one.at < kMonday + (falls + 10) * kStep;
    });
    CHECK(paged != told.sent.end());
  }
}

TEST_CASE("Scrape outage: a restart in the middle changes nothing", "[pipeline]") {
  const TimeMs at = kMonday + kOut * kStep + 2 * kMinuteMs;
  auto records = TargetWorld(9).Records(ApiDown);
  const auto alert =
      Posted(at, {{"alertname", "NoPayments"}, {"job", "payments-api"}}, "absent%28x%29");
  const auto whole = MakePipeline(VolumesMustReport());
  const Told expected = Apply(*whole, records, {alert});
  for (const int cut : {kOut + 1, kOut + 6, kOut + 40, kBack + 1}) {
    auto pipeline = MakePipeline(VolumesMustReport());
    std::vector<ingest::JournalRecord> before;
    std::vector<ingest::JournalRecord> after;
    for (const auto& record : records) {
      (record.received_ms < kMonday + cut * kStep ? before : after).push_back(record);
    }
    (at < kMonday + cut * kStep ? before : after).push_back(alert);
    std::string text = Apply(*pipeline, before).text;
    const std::string snapshot = pipeline->Save();
    pipeline = MakePipeline(VolumesMustReport());
    REQUIRE(pipeline->Load(snapshot).ok());
    CHECK(pipeline->Save() == snapshot);
    text += Apply(*pipeline, after).text;
    CHECK(text == expected.text);
  }
}

}  // namespace
}  // namespace quell::pipeline
