#include "engine/postmortem/similar.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "core/inert.h"

namespace quell::postmortem {
namespace {

constexpr double kScopeWeight = 3, kNameWeight = 2, kKindWeight = 1;
constexpr size_t kFeaturesMax = 200;
constexpr size_t kNotesMax = 3;
constexpr size_t kWordsMax = 200;  // characters of what is shared and of a note

// What an incident is about, with the weight of each.
std::map<std::string, double> FeaturesOf(const Json& incident) {
  std::map<std::string, double> out;
  const auto add = [&out](std::string feature, double weight) {
    if (out.size() < kFeaturesMax) out.emplace(std::move(feature), weight);
  };
  for (const Label& label : LabelsOf(incident, "scope")) {
    add(label.name + '=' + label.value, kScopeWeight);
  }
  for (const Json& member : RowsOf(incident, "members")) {
    const std::string name = TextOf(Member(member, "labels"), "alertname");
    add("alert " + (name.empty() ? TextOf(member, "signal") : name), kNameWeight);
    // Of somebody else's alert no kind is known.
    if (!Member(member, "received").is_object()) {
      add("kind " + TextOf(member, "kind"), kKindWeight);
    }
  }
  return out;
}

Json SecondsOf(const Json& incident) {
  const TimeMs onset = TimeOf(incident, "onset");
  const TimeMs resolved = TimeOf(incident, "resolved_at");
  if (resolved == 0 || resolved < onset) return nullptr;
  return static_cast<double>(resolved - onset) / kSecondMs;
}

struct Candidate {
  double similarity = 0;
  TimeMs opened = 0;
  Json incident;
  std::vector<std::string> shared;
};

bool IsEarlier(const Json& one, const Json& incident) {
  const auto order = [](const Json& json) {
    return std::pair(TimeOf(json, "opened_at"), NumberOf(json, "id"));
  };
  return TextOf(one, "state") != "merged" && TextOf(one, "key") != TextOf(incident, "key") &&
         order(one) < order(incident);
}

// What it was, how long it took, and what people did and said.
Result<Json> RowOf(store::Store& store, const Candidate& candidate) {
  const Json& incident = candidate.incident;
  QUELL_ASSIGN(const auto row, store.People(TextOf(incident, "key")));
  const Json people = row ? Json::parse(row->body, nullptr, false) : Json();
  Json notes = Json::array();
  const Json& all = RowsOf(people, "notes");
  for (size_t i = all.size() - std::min(all.size(), kNotesMax); i < all.size(); ++i) {
    notes.push_back(Json{{"at", TextOf(all[i], "at")},
                         {"by", TextOf(all[i], "by")},
                         {"text", Inert(TextOf(all[i], "text"), kWordsMax)}});
  }
  Json shared = Json::array();
  for (const std::string& one : candidate.shared) shared.push_back(Inert(one, kWordsMax));
  const Json& resolved = Member(incident, "resolved_at");
  return Json{{"key", TextOf(incident, "key")},
              {"similarity", std::round(candidate.similarity * 100) / 100},
              {"shared", std::move(shared)},
              {"summary", TextOf(incident, "summary")},
              {"state", TextOf(incident, "state")},
              {"severity", TextOf(incident, "severity")},
              {"onset", TextOf(incident, "onset")},
              {"resolved_at", resolved},
              {"seconds", SecondsOf(incident)},
              {"acknowledged_by", TextOf(Member(people, "acknowledged"), "by")},
              {"resolved_by", TextOf(Member(people, "resolved"), "by")},
              {"notes", std::move(notes)}};
}

}  // namespace

double SimilarityOf(const Json& one, const Json& other, std::vector<std::string>* shared) {
  const auto ours = FeaturesOf(one);
  const auto theirs = FeaturesOf(other);
  double common = 0;
  double all = 0;
  for (const auto& [feature, weight] : ours) {
    all += weight;
    if (theirs.count(feature) == 0) continue;
    common += weight;
    if (shared != nullptr) shared->push_back(feature);
  }
  for (const auto& [feature, weight] : theirs) all += ours.count(feature) == 0 ? weight : 0;
  return all > 0 ? common / all : 0;
}

Result<Json> SimilarTo(store::Store& store, const Json& incident) {
  QUELL_ASSIGN(const auto rows, store.Incidents(kLookedAtMax));
  std::vector<Candidate> found;
  size_t looked_at = 0;
  for (const auto& row : rows) {
    Candidate one;
    one.incident = Json::parse(row.body, nullptr, false);
    if (!IsEarlier(one.incident, incident)) continue;
    ++looked_at;
    one.similarity = SimilarityOf(incident, one.incident, &one.shared);
    one.opened = TimeOf(one.incident, "opened_at");
    if (one.similarity >= kSimilarLeast) found.push_back(std::move(one));
  }
  std::sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(-a.similarity, -a.opened, TextOf(a.incident, "key")) <
           std::tuple(-b.similarity, -b.opened, TextOf(b.incident, "key"));
  });
  Json out = Json::array();
  for (size_t i = 0; i < std::min(found.size(), kSimilarMax); ++i) {
    QUELL_ASSIGN(Json row, RowOf(store, found[i]));
    out.push_back(std::move(row));
  }
  return Json{{"similar", std::move(out)}, {"looked_at", looked_at}};
}

Result<std::string> SimilarJson(store::Store& store, const std::string& key) {
  QUELL_ASSIGN(const auto row, store.Incident(key));
  if (!row) return MakeError(ErrorCode::kNotFound, "no incident " + key);
  QUELL_ASSIGN(const Json similar, SimilarTo(store, Json::parse(row->body, nullptr, false)));
  return similar.dump(-1, ' ', true, Json::error_handler_t::replace) + '\n';
}

}  // namespace quell::postmortem
