#include "engine/incidents/change_book.h"

#include <catch2/catch.hpp>

namespace quell::incidents {
namespace {

using detectors::SignalKind;

constexpr TimeMs kStart = 10 * kHourMs;
constexpr TimeMs kEnd = 11 * kHourMs;

Alert AlertAt(TimeMs onset, SignalKind kind, double sign) {
  Alert alert;
  alert.labels = Labels{{"alertname", "x"}, {"psp", "acme"}, {"region", "eu"}};
  alert.kind = kind;
  alert.sign = sign;
  alert.onset = alert.starts_at = onset;
  return alert;
}

ChangeBook BookWith(ChangeKind kind, const Labels& scope, TimeMs end = kEnd) {
  ChangeBook book;
  book.Add(Change{"one", kind, kStart, end, scope, ""});
  return book;
}

bool Mutes(const ChangeBook& book, const Alert& alert, TimeMs now, const Labels& scope = {}) {
  return book.Explains(alert, scope, now).has_value();
}

}  // namespace

TEST_CASE("ChangeBook: each kind mutes just what it explains", "[incidents]") {
  struct Row {
    ChangeKind change;
    SignalKind kind;
    double sign;
    bool muted;
  };
  const std::vector<Row> rows = {
      {ChangeKind::kMaintenance, SignalKind::kRatio, 1, true},
      {ChangeKind::kMaintenance, SignalKind::kRate, -1, true},
      {ChangeKind::kPromotion, SignalKind::kRate, 1, true},
      {ChangeKind::kPromotion, SignalKind::kRate, -1, false},
      {ChangeKind::kPromotion, SignalKind::kRatio, 1, false},
      {ChangeKind::kHoliday, SignalKind::kRate, 1, true},
      {ChangeKind::kHoliday, SignalKind::kRate, -1, true},
      {ChangeKind::kHoliday, SignalKind::kQuantile, 1, false},
      {ChangeKind::kLaunch, SignalKind::kRate, 1, true},
      {ChangeKind::kLaunch, SignalKind::kRatio, 1, false},
      {ChangeKind::kDecommission, SignalKind::kRate, -1, true},
      {ChangeKind::kDecommission, SignalKind::kRate, 1, false},
      {ChangeKind::kCutover, SignalKind::kRate, -1, true},
      {ChangeKind::kDeploy, SignalKind::kRate, -1, false},
      {ChangeKind::kRollback, SignalKind::kRatio, 1, false},
      {ChangeKind::kOther, SignalKind::kRatio, 1, false},
  };
  for (const Row& row : rows) {
    INFO(ChangeKindName(row.change) << ' ' << static_cast<int>(row.kind) << ' ' << row.sign);
    const ChangeBook book = BookWith(row.change, Labels{});
    const Alert alert = AlertAt(kStart + kMinuteMs, row.kind, row.sign);
    CHECK(Mutes(book, alert, kStart + 2 * kMinuteMs) == row.muted);
  }
}

TEST_CASE("ChangeBook: a scope covers by equal labels, absent ones by the incident's scope",
          "[incidents]") {
  const Alert alert = AlertAt(kStart + kMinuteMs, SignalKind::kRatio, 1);
  const TimeMs now = kStart + 2 * kMinuteMs;
  const auto maintenance = [](const Labels& scope) {
    return BookWith(ChangeKind::kMaintenance, scope);
  };
  CHECK(Mutes(maintenance({{"psp", "acme"}}), alert, now));
  CHECK_FALSE(Mutes(maintenance({{"psp", "globex"}}), alert, now));
  CHECK_FALSE(Mutes(maintenance({{"psp", "acme"}, {"region", "us"}}), alert, now));
  CHECK_FALSE(Mutes(maintenance({{"service", "payments"}}), alert, now));
  CHECK(Mutes(maintenance({{"service", "payments"}}), alert, now, {{"service", "payments"}}));
  CHECK_FALSE(Mutes(maintenance({{"service", "payments"}}), alert, now, {{"service", "risk"}}));
}

TEST_CASE("ChangeBook: a window explains neither what began before nor what outlasts it",
          "[incidents]") {
  const ChangeBook book = BookWith(ChangeKind::kMaintenance, Labels{});
  CHECK_FALSE(
      Mutes(book, AlertAt(kStart - 10 * kMinuteMs, SignalKind::kRatio, 1), kStart + kMinuteMs));
  const Alert inside = AlertAt(kStart + kMinuteMs, SignalKind::kRatio, 1);
  CHECK(Mutes(book, inside, kEnd + 4 * kMinuteMs));
  CHECK_FALSE(Mutes(book, inside, kEnd + 5 * kMinuteMs));
  // What is scraped once a minute cannot have cleared by then.
  Alert slow = inside;
  slow.interval_ms = kMinuteMs;
  CHECK(Mutes(book, slow, kEnd + 9 * kMinuteMs));
  CHECK_FALSE(Mutes(book, slow, kEnd + 10 * kMinuteMs));
}

TEST_CASE("ChangeBook: the fall of volume after a promotion is part of it", "[incidents]") {
  const ChangeBook book = BookWith(ChangeKind::kPromotion, Labels{});
  CHECK(Mutes(book, AlertAt(kEnd + kMinuteMs, SignalKind::kRate, -1), kEnd + 2 * kMinuteMs));
  const Alert fall = AlertAt(kEnd, SignalKind::kRate, -1);
  CHECK(Mutes(book, fall, kEnd + 6 * kHourMs));  // until it is learned
  CHECK_FALSE(Mutes(book, fall, kEnd + 8 * kHourMs));
  CHECK_FALSE(Mutes(book, AlertAt(kEnd + 2 * kHourMs, SignalKind::kRate, -1),
                    kEnd + 2 * kHourMs + kMinuteMs));
}

TEST_CASE("ChangeBook: a holiday explains its ends, not an outage in its midst", "[incidents]") {
  ChangeBook book;
  book.Add(Change{"day", ChangeKind::kHoliday, kStart, kStart + kDayMs, {}, "bank holiday"});
  const auto mutes = [&book](DurationMs after, double seen) {
    Alert alert = AlertAt(kStart + after, SignalKind::kRate, -1);
    alert.evidence.value = seen;
    alert.evidence.expected = 10;
    return Mutes(book, alert, alert.starts_at + kMinuteMs);
  };
  CHECK(mutes(kHourMs, 5));
  CHECK_FALSE(mutes(kHourMs, 0.5));  // nobody stops paying on a holiday
  CHECK_FALSE(mutes(10 * kHourMs, 5));
  CHECK(mutes(kDayMs + kMinuteMs, 5));
}

TEST_CASE("ChangeBook: an onset is an estimate; what fires inside the window began with it",
          "[incidents]") {
  const ChangeBook book = BookWith(ChangeKind::kCutover, Labels{});
  Alert alert = AlertAt(kStart - kHourMs, SignalKind::kRate, -1);
  alert.starts_at = kStart - kMinuteMs;
  CHECK_FALSE(Mutes(book, alert, kStart + kMinuteMs));
  alert.starts_at = kStart + kMinuteMs;
  CHECK(Mutes(book, alert, kStart + kMinuteMs));
}

TEST_CASE("ChangeBook: a new version of a change replaces the old one", "[incidents]") {
  ChangeBook book = BookWith(ChangeKind::kMaintenance, Labels{});
  book.Add(Change{"one", ChangeKind::kMaintenance, kStart, kStart + 5 * kMinuteMs, {}, ""});
  const Alert alert = AlertAt(kStart + kMinuteMs, SignalKind::kRatio, 1);
  CHECK_FALSE(Mutes(book, alert, kStart + 20 * kMinuteMs));
}

TEST_CASE("ChangeBook: maintenance is named before other explanations", "[incidents]") {
  ChangeBook book = BookWith(ChangeKind::kHoliday, Labels{});
  book.Add(Change{"two", ChangeKind::kMaintenance, kStart + 1, kEnd, {}, ""});
  const auto mute =
      book.Explains(AlertAt(kStart + kMinuteMs, SignalKind::kRate, -1), {}, kStart + 2 * kMinuteMs);
  REQUIRE(mute.has_value());
  CHECK(mute->reason == PageReason::kMaintenance);
  CHECK(mute->change->id == "two");
}

TEST_CASE("ChangeBook: old changes are forgotten, the number is bounded", "[incidents]") {
  ChangeBook book = BookWith(ChangeKind::kMaintenance, Labels{});
  book.Forget(kEnd + 3 * kDayMs);
  ByteWriter empty;
  book.Save(empty);
  CHECK(empty.bytes().size() == 8);
  for (int i = 0; i < 10100; ++i) {
    book.Add(Change{std::to_string(i), ChangeKind::kDeploy, i, i, {}, ""});
  }
  ByteWriter out;
  book.Save(out);
  ByteReader in(out.bytes());
  CHECK(in.Get<std::uint64_t>() == 10000);
}

TEST_CASE("Change kinds: names go there and back", "[incidents]") {
  for (const char* name : {"deploy", "rollback", "maintenance", "cutover", "promotion", "holiday",
                           "launch", "decommission", "other"}) {
    CHECK(ChangeKindName(ChangeKindFromName(name)) == name);
  }
  CHECK(ChangeKindFromName("party") == ChangeKind::kOther);
}

TEST_CASE("ChangeBook: what moves volumes is known while it does, deploys do not", "[incidents]") {
  ChangeBook book = BookWith(ChangeKind::kDeploy, Labels{});
  CHECK(book.MovingVolumes(kStart + kMinuteMs).empty());
  const Labels scope{{"region", "eu"}};
  book.Add(Change{"day", ChangeKind::kHoliday, kStart, kStart + kDayMs, scope, "bank holiday"});
  CHECK(book.MovingVolumes(kStart - kHourMs).empty());
  REQUIRE(book.MovingVolumes(kStart + kHourMs).size() == 1);
  CHECK(book.MovingVolumes(kStart + kHourMs)[0].scope == scope);
  CHECK(book.MovingVolumes(kStart + kHourMs)[0].present);
  CHECK(book.MovingVolumes(kStart + 2 * kDayMs).empty());
  CHECK(Touches(scope, Labels{{"region", "eu"}, {"psp", "acme"}}));
  CHECK_FALSE(Touches(scope, Labels{{"region", "us"}}));
  CHECK_FALSE(Touches(scope, Labels{{"psp", "acme"}}));
  CHECK(Touches(Labels{}, Labels{{"psp", "acme"}}));
}

}  // namespace quell::incidents
