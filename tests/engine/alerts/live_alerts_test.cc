#include "engine/alerts/live_alerts.h"

#include <catch2/catch.hpp>

#include "core/random.h"
#include "engine/alerts/received.h"

namespace quell::alerts {
namespace {

constexpr TimeMs kNow = 1'787'000'000'000;
constexpr DurationMs kMin = kMinuteMs;

struct Post {
  std::vector<Label> labels = {{"alertname", "A"}};
  TimeMs starts = kNow;
  TimeMs ends = kNow + 4 * kMin;
  bool timeout = false;
  std::string summary = "s";
};

void Apply(LiveAlerts& alerts, const std::vector<Post>& posts, TimeMs now) {
  std::vector<ingest::ReceivedAlert> received(posts.size());
  std::vector<const ingest::ReceivedAlert*> pointers;
  for (size_t i = 0; i < posts.size(); ++i) {
    received[i].labels = posts[i].labels;
    received[i].annotations = {{"summary", posts[i].summary}};
    received[i].starts_at = posts[i].starts;
    received[i].ends_at = posts[i].ends;
    received[i].timeout = posts[i].timeout;
    pointers.push_back(&received[i]);
  }
  std::string payload;
  ingest::EncodeAlerts(pointers, payload);
  const auto rows = ingest::DecodeAlerts(payload);
  REQUIRE(rows.ok());
  alerts.Apply(*rows, now);
}

struct Table {
  LiveAlerts alerts{LiveOptions{}};
  incidents::AlertId next = 1;

  LiveAlerts::Taken Take(TimeMs now, size_t max = 100) { return alerts.Take(max, now, next); }
};

TEST_CASE("Received alerts: one that is posted fires, and ends when nobody posts it any more",
          "[alerts]") {
  Table table;
  Apply(table.alerts, {{}}, kNow);
  auto taken = table.Take(kNow);
  REQUIRE(taken.fired.size() == 1);
  CHECK(taken.fired[0].id == 1);
  CHECK(table.alerts.firing() == 1);
  // Prometheus posts it every minute, its end moving along.
  for (int minute = 1; minute <= 10; ++minute) {
    const TimeMs now = kNow + minute * kMin;
    Apply(table.alerts, {{.ends = now + 4 * kMin}}, now);
    taken = table.Take(now);
    CHECK(taken.fired.empty());
    CHECK(taken.changed.empty());
    CHECK(taken.cleared.empty());
  }
  table.alerts.Expire(kNow + 14 * kMin - 1);
  CHECK_FALSE(table.alerts.HasNews());
  table.alerts.Expire(kNow + 14 * kMin);
  taken = table.Take(kNow + 14 * kMin);
  REQUIRE(taken.cleared.size() == 1);
  CHECK(taken.cleared[0].id == 1);
  CHECK(table.alerts.counters().expired == 1);
  CHECK(table.alerts.kept() == 1);
  table.alerts.Expire(kNow + 30 * kMin);
  CHECK(table.alerts.kept() == 0);
  CHECK(table.alerts.NextEnd() == 0);
}

TEST_CASE("Received alerts: a resolved post ends it at once, further ones say nothing new",
          "[alerts]") {
  Table table;
  Apply(table.alerts, {{}}, kNow);
  table.Take(kNow);
  const TimeMs over = kNow + kMin;
  for (int i = 0; i < 5; ++i) {
    Apply(table.alerts, {{.ends = over}}, over + i * kMin);
    CHECK(table.Take(over + i * kMin).cleared.size() == (i == 0 ? 1U : 0U));
  }
  // One that nobody knew says nothing, either.
  Apply(table.alerts, {{.labels = {{"alertname", "B"}}, .starts = kNow, .ends = over}}, over + 1);
  CHECK_FALSE(table.alerts.HasNews());
  // It comes again: another episode.
  Apply(table.alerts, {{.starts = over + 6 * kMin, .ends = over + 10 * kMin}}, over + 6 * kMin);
  const auto taken = table.Take(over + 6 * kMin);
  REQUIRE(taken.fired.size() == 1);
  CHECK(taken.fired[0].id == 2);
}

// What an alert shows after two posts.
LiveAlert Merged(const Post& first, const Post& second, TimeMs now_second) {
  Table table;
  Apply(table.alerts, {first}, kNow);
  Apply(table.alerts, {second}, now_second);
  const auto firing = table.alerts.Firing();
  REQUIRE(firing.size() == 1);
  return firing[0];
}

TEST_CASE("Received alerts: overlapping posts are merged as Alertmanager does", "[alerts]") {
  // The earliest start stays.
  const TimeMs later = kNow + kMin;
  LiveAlert merged = Merged({}, {.starts = later, .ends = later + 4 * kMin}, later);
  CHECK(merged.starts_at == kNow);
  CHECK(merged.ends_at == later + 4 * kMin);
  // A later end that somebody stated stays.
  merged = Merged({.ends = kNow + 60 * kMin}, {.starts = later, .ends = later + 4 * kMin}, later);
  CHECK(merged.ends_at == kNow + 60 * kMin);
  // A guess gives way.
  merged = Merged({.ends = kNow + 60 * kMin, .timeout = true},
                  {.starts = later, .ends = later + 4 * kMin}, later);
  CHECK(merged.ends_at == later + 4 * kMin);
  // The newest annotations win.
  merged = Merged({.summary = "old"}, {.ends = later + 4 * kMin, .summary = "new"}, later);
  CHECK(ingest::DecodeAlertText(*merged.text).annotations.Get("summary") == "new");
  // No overlap: the newer one replaces the older.
  const TimeMs apart = kNow + 10 * kMin;
  merged = Merged({}, {.starts = apart, .ends = apart + kMin}, apart);
  CHECK(merged.starts_at == apart);
}

TEST_CASE("Received alerts: news of annotations is told once it was taken", "[alerts]") {
  Table table;
  Apply(table.alerts, {{.summary = "a"}}, kNow);
  Apply(table.alerts, {{.summary = "b"}}, kNow + 1);
  auto taken = table.Take(kNow + 1);
  REQUIRE(taken.fired.size() == 1);
  CHECK(MakeAlert(taken.fired[0]).received.note == "b");
  CHECK(taken.changed.empty());
  Apply(table.alerts, {{.summary = "c"}}, kNow + 2);
  Apply(table.alerts, {{.summary = "d"}}, kNow + 3);
  taken = table.Take(kNow + 3);
  REQUIRE(taken.changed.size() == 1);
  CHECK(MakeAlert(taken.changed[0]).received.note == "d");
}

TEST_CASE("Received alerts: the gravest are taken first, then in order of coming", "[alerts]") {
  Table table;
  std::vector<Post> posts;
  for (int i = 0; i < 10; ++i) {
    const char* severity = i == 7 ? "critical" : i == 4 ? "Warning" : i == 2 ? "none" : "error";
    posts.push_back({.labels = {{"alertname", "A" + std::to_string(i)}, {"severity", severity}}});
  }
  Apply(table.alerts, posts, kNow);
  std::string order;
  for (int step = 0; step < 4; ++step) {
    for (const LiveAlert& alert : table.Take(kNow + step, 3).fired) {
      order += MakeAlert(alert).signal.substr(1);
    }
  }
  CHECK(order == "7013568942");
  CHECK_FALSE(table.alerts.HasNews());
}

TEST_CASE("Received alerts: one that ends while it waits is taken all the same", "[alerts]") {
  Table table;
  Apply(table.alerts, {{}}, kNow);
  Apply(table.alerts, {{.ends = kNow + 1}}, kNow + 1);
  table.alerts.Expire(kNow + 60 * kMin);
  const auto taken = table.Take(kNow + 60 * kMin);
  REQUIRE(taken.fired.size() == 1);
  REQUIRE(taken.cleared.size() == 1);
  CHECK(taken.fired[0].id == taken.cleared[0].id);
  table.alerts.Expire(kNow + 61 * kMin);
  CHECK(table.alerts.kept() == 0);
}

TEST_CASE("Received alerts: the table is bounded, what is beyond is counted", "[alerts]") {
  LiveAlerts alerts(LiveOptions{2});
  Apply(alerts, {{.labels = {{"a", "1"}}}, {.labels = {{"a", "2"}}}, {.labels = {{"a", "3"}}}},
        kNow);
  CHECK(alerts.firing() == 2);
  CHECK(alerts.full());
  CHECK(alerts.counters().refused == 1);
  // Those that are known go on.
  Apply(alerts, {{.labels = {{"a", "1"}}, .ends = kNow + 9 * kMin}}, kNow + 1);
  CHECK(alerts.counters().refused == 1);
}

TEST_CASE("Received alerts: saved at any moment it goes on the same", "[alerts]") {
  for (int cut = 0; cut < 60; cut += 7) {
    Random random(5);
    Table one;
    Table other;
    for (int i = 0; i < 60; ++i) {
      if (i == cut) {
        ByteWriter out;
        one.alerts.Save(out);
        ByteReader in(out.bytes());
        REQUIRE(other.alerts.Load(in));
        REQUIRE(in.AtEnd());
        other.next = one.next;
      }
      const TimeMs now = kNow + i * 20 * kSecondMs;
      std::vector<Post> posts;
      for (int j = 0; j < 20; ++j) {
        const std::string number = std::to_string(random.Below(40));
        const auto ends = static_cast<DurationMs>(random.Below(4)) * kMin;
        posts.push_back({.labels = {{"alertname", "A" + number},
                                    {"severity", random.Below(2) == 0 ? "critical" : "error"}},
                         .starts = now - ends,
                         .ends = now + ends - 1,
                         .timeout = random.Below(2) == 0,
                         .summary = std::to_string(random.Below(3))});
      }
      const size_t max = random.Below(8);
      for (Table* table : {&one, &other}) {
        if (table == &other && i < cut) continue;
        Apply(table->alerts, posts, now);
        table->Take(now, max);
      }
    }
    ByteWriter a;
    ByteWriter b;
    one.alerts.Save(a);
    other.alerts.Save(b);
    CHECK(a.bytes() == b.bytes());
    CHECK(one.next == other.next);
    CHECK(one.next > 30);
  }
}

TEST_CASE("Received alerts: severities are read as people write them", "[alerts]") {
  using incidents::Severity;
  CHECK(SeverityOf(Labels{{"severity", "CRITICAL"}}) == Severity::kCritical);
  CHECK(SeverityOf(Labels{{"severity", "page"}}) == Severity::kCritical);
  CHECK(SeverityOf(Labels{{"severity", "warn"}}) == Severity::kWarning);
  CHECK(SeverityOf(Labels{{"severity", "none"}}) == Severity::kInfo);
  CHECK(SeverityOf(Labels{{"severity", "P1"}}) == Severity::kError);
  CHECK(SeverityOf(Labels{}) == Severity::kError);
}

}  // namespace
}  // namespace quell::alerts
