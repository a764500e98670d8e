#include "engine/models/differences.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/hash.h"

namespace quell::models {
namespace {

using Json = nlohmann::json;

constexpr size_t kTextMax = 300;
constexpr size_t kWaitingBytesLeast = 24;

std::string TextOf(const Json& json, const char* key) {
  if (!json.is_object()) return "";
  const auto at = json.find(key);
  return at != json.end() && at->is_string() ? at->get<std::string>() : "";
}

// An alert's or a member's signal, with its labels.
std::string SubjectOf(const Json& alert) {
  std::string out = TextOf(alert, "signal");
  const auto labels = alert.find("labels");
  if (labels == alert.end() || !labels->is_object()) return out;
  for (const auto& [name, value] : labels->items()) {
    if (name != "alertname" && value.is_string())
      out += ' ' + name + '=' + value.get<std::string>();
  }
  return out;
}

std::vector<std::uint64_t> SubjectsOf(const Json& incident) {
  std::vector<std::uint64_t> out;
  const auto members = incident.find("members");
  if (members == incident.end() || !members->is_array()) return out;
  for (const Json& member : *members) {
    if (!member.is_object() || out.size() == Differences::kSubjectsMax) break;
    out.push_back(Hash64(SubjectOf(member)));
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool Share(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  return std::any_of(a.begin(), a.end(), [&](std::uint64_t subject) {
    return std::binary_search(b.begin(), b.end(), subject);
  });
}

void PutDifference(ByteWriter& out, const Difference& one) {
  out.Put(one.what);
  out.Put(one.only);
  out.Put(one.at);
  out.PutString(one.id);
  out.PutString(one.text);
}

Difference GetDifference(ByteReader& in) {
  Difference out;
  out.what = in.Get<Happening>();
  out.only = in.Get<Side>();
  out.at = in.Get<TimeMs>();
  out.id = in.GetString();
  out.text = in.GetString();
  return out;
}

}  // namespace

void Differences::Take(Side side, const std::vector<store::Effect>& effects) {
  const store::Effect* incident = nullptr;  // as it stands; the decision about it follows
  for (const store::Effect& effect : effects) {
    if (effect.kind == store::EffectKind::kIncident) incident = &effect;
    if (effect.kind != store::EffectKind::kDecision) continue;
    const bool page = effect.deed.what == "incident_page";
    if (!page && effect.deed.what != "alert_fired") continue;
    if (page && (incident == nullptr || incident->id != effect.id)) continue;
    const Json body = Json::parse(page ? incident->body : effect.body, nullptr, false);
    if (!body.is_object()) continue;
    Waiting waiting;
    waiting.difference = {page ? Happening::kPage : Happening::kAlert, side, effect.at, effect.id,
                          (page ? TextOf(body, "summary") : SubjectOf(body)).substr(0, kTextMax)};
    waiting.subjects =
        page ? SubjectsOf(body) : std::vector<std::uint64_t>{Hash64(SubjectOf(body))};
    Await(std::move(waiting));
  }
}

void Differences::Await(Waiting waiting) {
  Queue& queue = QueueOf(waiting.difference.what, waiting.difference.only);
  queue.push_back(std::move(waiting));
  if (queue.size() <= kWaitingMax) return;
  queue.pop_front();
  ++left_out_;
}

// The oldest of `side` is decided upon.
void Differences::SettleOne(Happening what, Side side) {
  const Side other_side = side == Side::kActive ? Side::kCandidate : Side::kActive;
  Queue& own = QueueOf(what, side);
  Queue& others = QueueOf(what, other_side);
  const Waiting one = std::move(own.front());
  own.pop_front();
  DifferenceCounts& counts = counts_.at(static_cast<size_t>(what));
  const auto match = std::find_if(others.begin(), others.end(), [&](const Waiting& other) {
    return other.difference.at <= one.difference.at + kApart && Share(one.subjects, other.subjects);
  });
  if (match != others.end()) {
    const DurationMs apart = match->difference.at - one.difference.at;  // `one` is the earlier
    counts.lead_ms += side == Side::kCandidate ? apart : -apart;
    ++counts.both;
    others.erase(match);
    return;
  }
  side == Side::kActive ? ++counts.only_active : ++counts.only_candidate;
  rows_.push_back(one.difference);
  if (rows_.size() > kRowsMax) rows_.pop_front();
}

void Differences::Settle(TimeMs known) {
  known_ = std::max(known_, known);
  for (const Happening what : {Happening::kPage, Happening::kAlert}) {
    for (;;) {
      const Queue& active = QueueOf(what, Side::kActive);
      const Queue& candidate = QueueOf(what, Side::kCandidate);
      if (active.empty() && candidate.empty()) break;
      const bool first =
          candidate.empty() ||
          (!active.empty() && active.front().difference.at <= candidate.front().difference.at);
      const Waiting& oldest = first ? active.front() : candidate.front();
      if (oldest.difference.at + kApart > known_) break;
      SettleOne(what, first ? Side::kActive : Side::kCandidate);
    }
  }
}

size_t Differences::waiting() const {
  size_t out = 0;
  for (const Queue& queue : waiting_) out += queue.size();
  return out;
}

void Differences::Save(ByteWriter& out) const {
  for (const Queue& queue : waiting_) {
    out.Put(static_cast<std::uint64_t>(queue.size()));
    for (const Waiting& one : queue) {
      PutDifference(out, one.difference);
      out.PutArray(one.subjects);
    }
  }
  for (const DifferenceCounts& one : counts_) {
    for (const std::uint64_t count : {one.both, one.only_active, one.only_candidate})
      out.Put(count);
    out.Put(one.lead_ms);
  }
  out.Put(static_cast<std::uint64_t>(rows_.size()));
  for (const Difference& one : rows_) PutDifference(out, one);
  out.Put(left_out_);
  out.Put(known_);
}

bool Differences::Load(ByteReader& in) {
  *this = {};
  for (Queue& queue : waiting_) {
    queue.resize(in.GetCount(kWaitingBytesLeast));
    for (Waiting& one : queue) {
      one.difference = GetDifference(in);
      one.subjects = in.GetArray<std::uint64_t>();
    }
  }
  for (DifferenceCounts& one : counts_) {
    for (auto* count : {&one.both, &one.only_active, &one.only_candidate}) {
      *count = in.Get<std::uint64_t>();
    }
    one.lead_ms = in.Get<DurationMs>();
  }
  rows_.resize(in.GetCount(kWaitingBytesLeast));
  for (Difference& one : rows_) one = GetDifference(in);
  left_out_ = in.Get<std::uint64_t>();
  known_ = in.Get<TimeMs>();
  return in.ok();
}

}  // namespace quell::models
