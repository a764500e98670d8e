// A lasting shift is said to have become normal, and an operator may take that back.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

using Json = nlohmann::json;

constexpr int kDay = 2880;  // steps
constexpr int kShift = 2 * kDay + kDay / 2;
constexpr int kHour = 120;

// Two of a hundred fail, from the third day's noon on ten of acme's.
SmallWorld::Lane AcmeShifts(const std::string& psp, int step) {
  SmallWorld::Lane lane;
  if (psp == "acme" && step >= kShift) lane.failing = 0.1;
  return lane;
}

std::vector<Json> Decisions(const std::vector<store::Effect>& effects, const std::string& name) {
  std::vector<Json> out;
  for (const store::Effect& effect : effects) {
    if (effect.kind != store::EffectKind::kDecision) continue;
    Json json = Json::parse(effect.body);
    if (json.value("decision", "") == name) out.push_back(std::move(json));
  }
  return out;
}

ingest::JournalRecord UndoRecord(const std::string& id) {
  return {999'999, ingest::RecordKind::kOperation, kMonday, UndoAdoptionJson(id)};
}

bool IsOfAcme(const Json& decision) {
  return decision.at("signal").get<std::string>().find("failure_ratio") != std::string::npos &&
         decision.at("labels").dump().find("acme") != std::string::npos;
}

TEST_CASE("Adoption: it is a decision that says what, from where, to where and since when",
          "[pipeline]") {
  const auto records = SmallWorld(31).Records(kShift + 10 * kHour, AcmeShifts);
  const auto pipeline = MakePipeline();
  size_t next = 0;
  std::vector<store::Effect> effects;
  while (pipeline->counters().adopted == 0 && next < records.size()) {
    pipeline->Apply(records[next++]);
    for (auto& effect : pipeline->TakeEffects()) effects.push_back(std::move(effect));
  }
  const auto adopted = Decisions(effects, "adopted");
  REQUIRE(adopted.size() == 1);
  const Json& it = adopted.front();
  INFO(it.dump(1));
  CHECK(IsOfAcme(it));
  CHECK(it.at("shifted") == "level");
  CHECK(it.at("from").get<double>() == Approx(0.02).epsilon(0.35));
  CHECK(it.at("to").get<double>() == Approx(0.1).epsilon(0.2));
  CHECK(it.at("unit").is_string());
  CHECK(it.at("undone_at").is_null());
  const TimeMs began = kMonday + kShift * kStep;
  const TimeMs since = *ParseTime(it.at("since").get<std::string>());
  const TimeMs at = *ParseTime(it.at("at").get<std::string>());
  CHECK(since >= began - 30 * kMinuteMs);
  CHECK(since <= began + 30 * kMinuteMs);
  CHECK(at - since >= 3 * kHourMs);
  CHECK(at - began <= 4 * kHourMs);
  CHECK(Decisions(effects, "alert_cleared").size() == Decisions(effects, "alert_fired").size());
  REQUIRE(pipeline->LatestAdoptions(10).size() == 1);
  CHECK(pipeline->LatestAdoptions(10).front().adoption.id == it.at("adoption").get<std::string>());
}

TEST_CASE("Adoption: undone, the earlier level is expected again and not soon adopted",
          "[pipeline]") {
  const auto records = SmallWorld(31).Records(kShift + 12 * kHour, AcmeShifts);
  const auto pipeline = MakePipeline();
  const auto restored = MakePipeline();
  size_t next = 0;
  for (; next < static_cast<size_t>(kShift + 5 * kHour); ++next) pipeline->Apply(records[next]);
  REQUIRE(pipeline->counters().adopted == 1);
  const AdoptionRow row = pipeline->LatestAdoptions(1).front();
  const double from = row.adoption.what.from;
  CHECK(pipeline->LastReading(row.adoption.what.slot).expected > 2 * from);
  REQUIRE(restored->Load(pipeline->Save()).ok());
  restored->TakeEffects();
  pipeline->TakeEffects();

  for (Pipeline* each : {pipeline.get(), restored.get()}) {
    const std::uint64_t bad = each->counters().bad_records;
    each->Apply(UndoRecord("0123456789abcdef"));
    CHECK(each->counters().bad_records == bad + 1);
    each->Apply(UndoRecord(row.adoption.id));
    CHECK(each->counters().bad_records == bad + 1);
    CHECK(each->CheckAdoption(row.adoption.id).error().code == ErrorCode::kInvalidArgument);
    for (size_t i = next; i < records.size(); ++i) each->Apply(records[i]);
    CHECK(each->LastReading(row.adoption.what.slot).expected < 1.6 * from);
    CHECK(each->counters().adopted == 1);
    CHECK(each->LatestAdoptions(1).front().adoption.undone_at != 0);
  }
  const auto effects = pipeline->TakeEffects();
  CHECK(Decisions(effects, "adoption_undone").size() == 1);
  const auto fired = Decisions(effects, "alert_fired");
  CHECK(std::count_if(fired.begin(), fired.end(), IsOfAcme) >= 1);
  CHECK(Text(effects) == Text(restored->TakeEffects()));
}

TEST_CASE("Adoption: somebody's new normal is what was shown, ends the alert, and replays alike",
          "[pipeline]") {
  const auto records = SmallWorld(31).Records(kShift + 4 * kHour, AcmeShifts);
  const auto pipeline = MakePipeline();
  const auto restored = MakePipeline();
  size_t next = 0;
  for (; next < static_cast<size_t>(kShift + kHour / 2); ++next) pipeline->Apply(records[next]);
  REQUIRE(pipeline->incidents().Open().size() == 1);
  const std::string key = pipeline->incidents().Open().front()->key;
  const std::string before = pipeline->Save();
  const auto shown = pipeline->PreviewNormal(key);
  REQUIRE(shown.ok());
  CHECK(pipeline->Save() == before);  // looking changes nothing
  const auto acme = std::find_if(shown->begin(), shown->end(), [](const NewNormalRow& row) {
    return row.signal.find("failure_ratio") != std::string::npos;
  });
  REQUIRE(acme != shown->end());
  CHECK(acme->preview.before.expected == Approx(0.02).epsilon(0.4));
  CHECK(acme->preview.after.expected == Approx(0.1).epsilon(0.3));
  CHECK(acme->preview.after.high > 0.1);
  CHECK(pipeline->PreviewNormal("00ff").error().code == ErrorCode::kNotFound);

  // What a snapshot and the rest of the journal give is what the first one decided.
  REQUIRE(restored->Load(before).ok());
  pipeline->TakeEffects();
  restored->TakeEffects();
  const ingest::JournalRecord said = {999'999, ingest::RecordKind::kOperation,
                                      records[next - 1].received_ms, SaidNormalJson(key, "ada")};
  const auto slot = acme->preview.adopted.slot;
  for (Pipeline* each : {pipeline.get(), restored.get()}) {
    each->Apply(said);
    CHECK(each->counters().bad_records == 0);
    CHECK_FALSE(each->Alerting(slot));
    const auto rows = each->LatestAdoptions(10);
    REQUIRE(rows.size() == shown->size());
    CHECK(rows.front().adoption.what.what == detectors::ShiftKind::kNewNormal);
    for (size_t i = next; i < records.size(); ++i) each->Apply(records[i]);
    CHECK_FALSE(each->Alerting(slot));
    CHECK(each->LastReading(slot).expected == Approx(0.1).epsilon(0.3));
    CHECK(each->incidents().Open().empty());
    for (const AdoptionRow& row : rows) each->Apply(UndoRecord(row.adoption.id));
    CHECK(each->LastReading(slot).expected > 0);
    CHECK(each->counters().bad_records == 0);
    each->Apply(said);  // it is over
    CHECK(each->counters().bad_records == 1);
  }
  CHECK(pipeline->Save() == restored->Save());
  const auto effects = pipeline->TakeEffects();
  CHECK(Text(effects) == Text(restored->TakeEffects()));
  const auto told = Decisions(effects, "people_new_normal");
  REQUIRE(told.size() == 1);
  CHECK(told.front().at("by") == "ada");
  const auto adopted = Decisions(effects, "adopted");
  REQUIRE(adopted.size() == shown->size());
  CHECK(adopted.front().at("shifted") == "new_normal");
  CHECK(adopted.front().at("why") == "somebody said that this is the new normal");
}

TEST_CASE("Adoption: only the latest can be undone, and their number is bounded", "[pipeline]") {
  Adoptions adoptions;
  std::vector<std::string> ids;
  for (size_t i = 0; i < kAdoptionsMax + 5; ++i) {
    Adoption adoption;
    adoption.what.slot = static_cast<std::uint32_t>(i);
    adoption.at = kMonday + static_cast<TimeMs>(i) * kHourMs;
    Labels labels;
    labels.Set("psp", std::to_string(i));
    ids.push_back(adoptions.Add(adoption, labels).id);
  }
  CHECK(adoptions.latest().size() == kAdoptionsMax);
  CHECK(adoptions.InForce(ids.front()).error().code == ErrorCode::kNotFound);
  REQUIRE(adoptions.InForce(ids.back()).ok());
  adoptions.MarkUndone(ids.back(), kMonday);
  CHECK_FALSE(adoptions.InForce(ids.back()).ok());
  ByteWriter out;
  adoptions.Save(out);
  const std::string bytes = out.Take();
  ByteReader in(bytes);
  Adoptions read;
  REQUIRE(read.Load(in));
  CHECK(read.latest().size() == kAdoptionsMax);
  CHECK(read.latest().back().undone_at == kMonday);
  CHECK(read.latest().front().id == adoptions.latest().front().id);
}

TEST_CASE("Adoption: an operation that says nothing known is refused", "[pipeline]") {
  CHECK(ParseUndoAdoption(UndoAdoptionJson("00ff"))->id == "00ff");
  CHECK(ParseUndoAdoption(UndoAdoptionJson("00ff"))->by.empty());
  CHECK(ParseSaidNormal(SaidNormalJson("00ff", "ada"))->incident == "00ff");
  CHECK(ParseSaidNormal(SaidNormalJson("00ff", "ada"))->by == "ada");
  CHECK_FALSE(ParseSaidNormal(UndoAdoptionJson("00ff")).ok());
  CHECK(ParseUndoAdoption(UndoAdoptionJson("00ff", "ada"))->by == "ada");
  for (const char* text : {"", "{}", "[]", R"({"operation":"undo_adoption"})",
                           R"({"operation":"undo_adoption","adoption":7})",
                           R"({"operation":"else","adoption":"00ff"})"}) {
    INFO(text);
    CHECK_FALSE(ParseUndoAdoption(text).ok());
  }
}

}  // namespace
}  // namespace quell::pipeline
