// Versions promoted and rolled back in the middle of a journal.
#include "engine/models/governor.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "engine/models/settings.h"
#include "tests/engine/pipeline/small_world.h"

namespace quell::models {
namespace {

using ingest::JournalRecord;
using pipeline::SmallWorld;

constexpr int kSteps = 900;
constexpr int kOutage = 700;

SmallWorld::Lane Troubled(const std::string& psp, int step) {
  SmallWorld::Lane lane;
  if (psp == "acme" && step >= kOutage && step < kOutage + 60) lane.failing = 0.4;
  return lane;
}

ModelAction Registration(const std::string& changes) {
  ModelAction action;
  action.kind = ActionKind::kRegister;
  action.id = "register " + changes;
  action.by = "ada";
  action.at = pipeline::kMonday;
  action.content.settings = MergeSettings(config::DefaultConfig(), "{}", changes).value();
  action.content.program = "1.0 (abc)";
  action.content.author = "ada";
  action.model = NameOf(action.content);
  return action;
}

ModelAction Deed(ActionKind kind, const std::string& model) {
  ModelAction action;
  action.kind = kind;
  action.id = std::string(ActionName(kind)) + model;
  action.by = "bob";
  action.at = pipeline::kMonday;
  action.model = model;
  return action;
}

// The world's records with the actions after the steps named.
std::vector<JournalRecord> Journal(const std::vector<std::pair<int, ModelAction>>& actions) {
  std::vector<JournalRecord> out;
  const auto records = SmallWorld(21).Records(kSteps, Troubled);
  for (size_t i = 0; i < records.size(); ++i) {
    out.push_back(records[i]);
    for (const auto& [step, action] : actions) {
      if (static_cast<size_t>(step) != i) continue;
      JournalRecord record;
      record.kind = ingest::RecordKind::kOperation;
      record.received_ms = records[i].received_ms;
      record.payload = ActionJson(action);
      out.push_back(record);
    }
  }
  for (size_t i = 0; i < out.size(); ++i) out[i].sequence = i + 1;
  return out;
}

struct Governed {
  std::unique_ptr<pipeline::Pipeline> pipeline;
  Governor governor{config::DefaultConfig(), "1.0", "abc", pipeline, nullptr};

  Governed() { Make(); }
  void Make() {
    const auto effective = governor.Effective(config::DefaultConfig());
    pipeline = pipeline::MakePipeline(effective.value().pipeline);
  }
  std::vector<store::Effect> Run(const std::vector<JournalRecord>& records, size_t from = 0) {
    std::vector<store::Effect> out;
    for (size_t i = from; i < records.size(); ++i) {
      governor.Apply(records[i]);
      for (auto& effect : governor.TakeEffects()) out.push_back(std::move(effect));
    }
    return out;
  }
};

std::string WithModels(const std::vector<store::Effect>& effects) {
  std::string out = pipeline::Text(effects);
  for (const store::Effect& effect : effects) out += effect.model + ' ' + effect.deed.what + '\n';
  return out;
}

// Pages nobody: what it costs to be paged for is far above what is seen.
constexpr const char* kDeaf = R"({"policies":[{"match":"{psp=\"acme\"}","floor":"0.9"}]})";

TEST_CASE("Governor: a promoted version decides from its record on, and a rollback ends that",
          "[models]") {
  const ModelAction deaf = Registration(kDeaf);
  const auto pages = [](const std::vector<store::Effect>& effects) {
    return pipeline::CountAction(pipeline::Notifications(effects), "trigger");
  };
  Governed plain;
  REQUIRE(pages(plain.Run(Journal({}))) == 1);

  Governed promoted;
  const auto effects =
      promoted.Run(Journal({{10, deaf}, {600, Deed(ActionKind::kPromote, deaf.model)}}));
  CHECK(pages(effects) == 0);
  CHECK(promoted.governor.version().id == deaf.model);

  Governed back;
  const auto rolled = back.Run(Journal({{10, deaf},
                                        {600, Deed(ActionKind::kPromote, deaf.model)},
                                        {650, Deed(ActionKind::kRollback, deaf.model)}}));
  CHECK(pages(rolled) == 1);
  CHECK(back.governor.version() == plain.governor.version());
}

TEST_CASE("Governor: every effect names the version that decided it, and each action is one",
          "[models]") {
  const ModelAction same = Registration("{}");
  Governed governed;
  const auto effects =
      governed.Run(Journal({{10, same}, {750, Deed(ActionKind::kPromote, same.model)}}));
  const std::string base = Governed().governor.version().id;
  size_t before = 0, after = 0, deeds = 0;
  for (const store::Effect& effect : effects) {
    if (effect.kind == store::EffectKind::kModel) {
      ++deeds;
      CHECK(effect.deed.actor == (effect.deed.what == "model_registered" ? "ada" : "bob"));
      continue;
    }
    CHECK((effect.model == base || effect.model == same.model));
    effect.model == base ? ++before : ++after;
  }
  CHECK(deeds == 2);
  CHECK(before > 0);
  CHECK(after > 0);
  CHECK(governed.governor.counters().taken[static_cast<size_t>(ActionKind::kPromote)] == 1);
}

TEST_CASE("Governor: saved at any record and restored, effects are the same byte for byte",
          "[models]") {
  const ModelAction deaf =
      Registration(R"({"false_pages_per_week":"3","incidents":{"hold":"90s"}})");
  const auto records = Journal({{10, deaf},
                                {705, Deed(ActionKind::kPromote, deaf.model)},
                                {720, Deed(ActionKind::kRollback, deaf.model)}});
  Governed straight;
  const std::string whole = WithModels(straight.Run(records));
  CHECK(whole.find("model_rolled_back") != std::string::npos);
  for (const size_t cut : {5, 100, 707, 708, 722, 724, 760}) {
    INFO("cut before record " << cut);
    Governed first;
    const std::vector<JournalRecord> head(records.begin(),
                                          records.begin() + static_cast<std::ptrdiff_t>(cut));
    std::vector<store::Effect> effects = first.Run(head);
    Governed second;
    REQUIRE(second.governor.Load(first.governor.Save()).ok());
    second.Make();
    REQUIRE(second.pipeline->Load(first.pipeline->Save()).ok());
    second.pipeline->TakeSeriesNumbers(*first.pipeline);
    for (auto& effect : second.Run(records, cut)) effects.push_back(std::move(effect));
    CHECK(WithModels(effects) == whole);
    CHECK(second.governor.Save() == straight.governor.Save());
  }
}

TEST_CASE("Governor: a version in shadow pages nobody, and what it would have done is listed",
          "[models]") {
  const ModelAction deaf = Registration(kDeaf);
  Governed plain;
  const auto before = plain.Run(Journal({}));
  Governed shadowed;
  const auto effects =
      shadowed.Run(Journal({{10, deaf}, {600, Deed(ActionKind::kShadow, deaf.model)}}));
  REQUIRE(shadowed.governor.beside() != nullptr);
  // Nothing but the two deeds has come to what is decided.
  const auto sent = pipeline::Notifications(effects), sent_before = pipeline::Notifications(before);
  REQUIRE(sent.size() == sent_before.size());
  for (size_t i = 0; i < sent.size(); ++i) CHECK(sent[i].body == sent_before[i].body);
  CHECK(effects.size() == before.size() + 2);
  const Differences& differences = shadowed.governor.differences();
  CHECK(shadowed.governor.differences_of() == deaf.model);
  CHECK(differences.counts(Happening::kPage).only_active == 1);
  CHECK(differences.counts(Happening::kPage).only_candidate == 0);
  CHECK(differences.counts(Happening::kAlert).only_active >= 1);
  REQUIRE_FALSE(differences.rows().empty());
  const auto page =
      std::find_if(differences.rows().begin(), differences.rows().end(),
                   [](const Difference& one) { return one.what == Happening::kPage; });
  REQUIRE(page != differences.rows().end());
  CHECK(page->only == Side::kActive);
  CHECK(page->text.find("acme") != std::string::npos);

  Governed same;
  const ModelAction equal = Registration("{}");
  same.Run(Journal({{10, equal}, {600, Deed(ActionKind::kShadow, equal.model)}}));
  const auto& counts = same.governor.differences().counts(Happening::kPage);
  CHECK(counts.both == 1);
  CHECK(counts.lead_ms == 0);
  CHECK(same.governor.differences().rows().empty());
}

TEST_CASE("Governor: with a version in shadow, restored at any record, all is the same",
          "[models]") {
  const ModelAction deaf = Registration(kDeaf);
  const auto records = Journal({{10, deaf},
                                {600, Deed(ActionKind::kShadow, deaf.model)},
                                {760, Deed(ActionKind::kRetire, deaf.model)}});
  Governed straight;
  const std::string whole = WithModels(straight.Run(records));
  const std::string end = straight.governor.Save();
  for (const size_t cut : {601, 602, 603, 704, 730, 761, 762, 763}) {
    INFO("cut before record " << cut);
    Governed first;
    const std::vector<JournalRecord> head(records.begin(),
                                          records.begin() + static_cast<std::ptrdiff_t>(cut));
    std::vector<store::Effect> effects = first.Run(head);
    Governed second;
    REQUIRE(second.governor.Load(first.governor.Save()).ok());
    second.Make();
    REQUIRE(second.pipeline->Load(first.pipeline->Save()).ok());
    CHECK((second.governor.beside() != nullptr) == (first.governor.beside() != nullptr));
    second.pipeline->TakeSeriesNumbers(*first.pipeline);
    for (auto& effect : second.Run(records, cut)) effects.push_back(std::move(effect));
    CHECK(WithModels(effects) == whole);
    CHECK(second.governor.Save() == end);
  }
}

TEST_CASE("Governor: a start that learns anew makes the pipeline beside as the deciding one stands",
          "[models]") {
  const ModelAction deaf = Registration(kDeaf);
  Governed first;
  const auto records = Journal({{10, deaf}, {600, Deed(ActionKind::kShadow, deaf.model)}});
  first.Run(records);
  Governed second;
  REQUIRE(second.governor.Load(first.governor.SaveRegistry()).ok());
  CHECK(second.governor.beside() == nullptr);
  second.Run(records);
  REQUIRE(second.governor.EnsureBeside().ok());
  REQUIRE(second.governor.beside() != nullptr);
  CHECK(second.governor.beside()->signals().signals().size() ==
        second.pipeline->signals().signals().size());
  CHECK(second.governor.counters().refused == 0);
}

TEST_CASE("Governor: an illegal action of the journal is counted and moves nothing", "[models]") {
  Governed governed;
  const auto effects = governed.Run(Journal(
      {{10, Deed(ActionKind::kPromote, "00ff")}, {20, Deed(ActionKind::kRollback, "00ff")}}));
  CHECK(governed.governor.counters().refused == 2);
  CHECK(governed.governor.registry().Active() == nullptr);
  CHECK(pipeline::Text(effects) == pipeline::Text(Governed().Run(Journal({}))));
  CHECK_FALSE(governed.governor.Load("damaged").ok());
}

}  // namespace
}  // namespace quell::models
