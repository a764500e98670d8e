#include "engine/pipeline/adoptions.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/hash.h"
#include "detectors/seasonal_baseline.h"

namespace quell::pipeline {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kUndo = "undo_adoption";
constexpr std::string_view kSaidNormal = "new_normal";
constexpr size_t kRowBytes = 64;  // of a saved adoption, at least

std::string_view WhyAdopted(detectors::ShiftKind kind) {
  switch (kind) {
    case detectors::ShiftKind::kLevel:
      return "the deviation has lasted, and wandered little against its size";
    case detectors::ShiftKind::kScale:
      return "the noise has been learned anew, and has stayed so for longer than a weekend";
    case detectors::ShiftKind::kNewNormal:
      return "somebody said that this is the new normal";
    case detectors::ShiftKind::kTime:
      return "at these hours it has deviated in the same direction again and again, and was "
             "learned";
  }
  return "";
}

// "02:00-02:30", local civil time.
std::string HoursOf(const Adoption& a) {
  const auto clock = [](std::uint32_t quarter) {
    char text[8];
    std::snprintf(text, sizeof text, "%02u:%02u", quarter / 4 % 24, quarter % 4 * 15);
    return std::string(text);
  };
  const std::uint32_t first = a.cells.empty() ? 0 : a.cells.front().cell;
  return clock(first) + '-' + clock(first + a.quarters);
}

std::string_view WhyUndone(detectors::ShiftKind kind) {
  switch (kind) {
    case detectors::ShiftKind::kLevel:
    case detectors::ShiftKind::kNewNormal:
      return "an operator asked for the earlier level; what deviates from it is not adopted again "
             "for a day";
    case detectors::ShiftKind::kScale:
      return "an operator asked for the earlier noise; it stays so for three days";
    case detectors::ShiftKind::kTime:
      return "an operator asked for the earlier shape; what is odd at these hours is not learned "
             "for seven days";
  }
  return "";
}

}  // namespace

const Adoption& Adoptions::Add(Adoption adoption, const Labels& labels) {
  std::string seed = std::to_string(adoption.at);
  // A signal may adopt several things at once.
  if (adoption.what.what != detectors::ShiftKind::kLevel) seed += ShiftKindName(adoption.what.what);
  if (!adoption.cells.empty()) {
    seed += HoursOf(adoption) + (adoption.what.to < adoption.what.from ? '-' : '+');
  }
  adoption.id = Hex64(Hash64(seed, labels.Fingerprint()));
  if (latest_.size() >= kAdoptionsMax) latest_.pop_front();
  return latest_.emplace_back(std::move(adoption));
}

bool Adoptions::Continue(const Adoption& more) {
  for (auto a = latest_.rbegin(); a != latest_.rend() && more.at - a->at <= kWeekMs; ++a) {
    const bool same_side = (a->what.to > a->what.from) == (more.what.to > more.what.from);
    if (a->undone_at != 0 || a->cells.empty() || a->what.slot != more.what.slot || !same_side) {
      continue;
    }
    std::vector<detectors::QuarterBefore> fresh;
    for (const detectors::QuarterBefore& cell : more.cells) {
      const bool known = std::any_of(a->cells.begin(), a->cells.end(),
                                     [&](const auto& other) { return other.cell == cell.cell; });
      if (!known) fresh.push_back(cell);
    }
    if (2 * fresh.size() > more.cells.size()) continue;
    a->cells.insert(a->cells.end(), fresh.begin(), fresh.end());
    a->what.to = more.what.to;
    return true;
  }
  return false;
}

Result<const Adoption*> Adoptions::InForce(std::string_view id) const {
  const auto found =
      std::find_if(latest_.begin(), latest_.end(), [&](const Adoption& a) { return a.id == id; });
  if (found == latest_.end()) {
    return MakeError(ErrorCode::kNotFound,
                     "no such adoption among the latest " + std::to_string(kAdoptionsMax));
  }
  if (found->undone_at != 0) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "adoption " + found->id + " was undone at " + FormatRfc3339(found->undone_at));
  }
  return &*found;
}

const Adoption& Adoptions::MarkUndone(std::string_view id, TimeMs at) {
  const auto found =
      std::find_if(latest_.begin(), latest_.end(), [&](const Adoption& a) { return a.id == id; });
  found->undone_at = at;
  return *found;
}

void Adoptions::Save(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(latest_.size()));
  for (const Adoption& a : latest_) {
    out.PutString(a.id);
    for (const TimeMs time : {a.at, a.undone_at}) out.Put(time);
    out.Put(a.what.slot);
    out.Put(a.what.what);
    out.Put(a.what.since);
    for (const double value : {a.what.shift, a.what.variance, a.what.from, a.what.to}) {
      out.Put(value);
    }
    for (const float noise : a.what.noises) out.Put(noise);
    out.Put(a.quarters);
    out.PutArray(a.cells);
  }
}

bool Adoptions::Load(ByteReader& in) {
  const size_t count = in.GetCount(kRowBytes);
  if (count > kAdoptionsMax) return false;
  latest_.clear();
  for (size_t i = 0; i < count && in.ok(); ++i) {
    Adoption& a = latest_.emplace_back();
    a.id = in.GetString();
    for (TimeMs* time : {&a.at, &a.undone_at}) *time = in.Get<TimeMs>();
    a.what.slot = in.Get<std::uint32_t>();
    a.what.what = in.Get<detectors::ShiftKind>();
    a.what.since = in.Get<TimeMs>();
    for (double* value : {&a.what.shift, &a.what.variance, &a.what.from, &a.what.to}) {
      *value = in.Get<double>();
    }
    for (float& noise : a.what.noises) noise = in.Get<float>();
    a.quarters = in.Get<std::uint32_t>();
    a.cells = in.GetArray<detectors::QuarterBefore>();
    for (const auto& cell : a.cells) {
      if (cell.cell >= detectors::kDayCells) return false;
    }
    if (ShiftKindName(a.what.what) == "unknown") return false;
  }
  return in.ok();
}

std::string AdoptionJson(std::string_view decision, TimeMs at, const AdoptionRow& row) {
  const Adoption& a = row.adoption;
  Json labels = Json::object();
  for (const Label& label : row.labels) labels[label.name] = label.value;
  Json out;
  if (!decision.empty()) {
    out["at"] = FormatRfc3339(at);
    out["decision"] = decision;
  }
  out["adoption"] = a.id;
  out["signal"] = row.signal;
  out["labels"] = std::move(labels);
  out["what"] = row.what;
  out["shifted"] = ShiftKindName(a.what.what);
  if (a.what.what == detectors::ShiftKind::kTime) out["hours"] = HoursOf(a);
  out["from"] = a.what.from;
  out["to"] = a.what.to;
  out["unit"] = row.unit;
  out["since"] = FormatRfc3339(a.what.since);
  out["adopted_at"] = FormatRfc3339(a.at);
  out["undone_at"] = a.undone_at == 0 ? Json(nullptr) : Json(FormatRfc3339(a.undone_at));
  out["why"] = decision == "adoption_undone" ? WhyUndone(a.what.what) : WhyAdopted(a.what.what);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string UndoAdoptionJson(std::string_view id, std::string_view by) {
  Json out = {{"operation", kUndo}, {"adoption", id}};
  if (!by.empty()) out["by"] = by;
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<UndoneAdoption> ParseUndoAdoption(std::string_view json) {
  const Json root = Json::parse(json, nullptr, false);
  if (root.is_object() && root.value("operation", Json()) == Json(kUndo)) {
    const Json id = root.value("adoption", Json());
    const Json by = root.value("by", Json());
    if (id.is_string()) {
      return UndoneAdoption{id.get<std::string>(), by.is_string() ? by.get<std::string>() : ""};
    }
  }
  return MakeError(ErrorCode::kInvalidArgument, "not an operation that this program knows");
}

std::string SaidNormalJson(std::string_view incident, std::string_view by) {
  Json out = {{"operation", kSaidNormal}, {"incident", incident}};
  if (!by.empty()) out["by"] = by;
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<SaidNormal> ParseSaidNormal(std::string_view json) {
  const Json root = Json::parse(json, nullptr, false);
  if (root.is_object() && root.value("operation", Json()) == Json(kSaidNormal)) {
    const Json incident = root.value("incident", Json());
    const Json by = root.value("by", Json());
    if (incident.is_string()) {
      return SaidNormal{incident.get<std::string>(), by.is_string() ? by.get<std::string>() : ""};
    }
  }
  return MakeError(ErrorCode::kInvalidArgument, "not an operation that this program knows");
}

std::string NewNormalJson(std::string_view incident, const std::vector<NewNormalRow>& rows) {
  Json signals = Json::array();
  const auto band = [](const detectors::DetectorBank::Band& of) {
    return Json{{"expected", of.expected}, {"band", {of.low, of.high}}};
  };
  for (const NewNormalRow& row : rows) {
    Json labels = Json::object();
    for (const Label& label : row.labels) labels[label.name] = label.value;
    signals.push_back({{"id", Hex64(row.fingerprint)},
                       {"signal", row.signal},
                       {"what", row.what},
                       {"labels", std::move(labels)},
                       {"unit", row.unit},
                       {"since", FormatRfc3339(row.preview.adopted.since)},
                       {"now", row.now},
                       {"from", row.preview.adopted.from},
                       {"to", row.preview.adopted.to},
                       {"band_unit", row.band_unit},
                       {"before", band(row.preview.before)},
                       {"after", band(row.preview.after)},
                       {"stays", row.stays}});
  }
  const Json out = {{"incident", incident}, {"signals", std::move(signals)}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace quell::pipeline
