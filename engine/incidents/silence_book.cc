#include "engine/incidents/silence_book.h"

#include <algorithm>

namespace quell::incidents {
namespace {

constexpr DurationMs kKeptMs = 120 * kHourMs;  // as Alertmanager's --data.retention

}  // namespace

const ingest::SilenceMatcher* SilenceBook::KeyOf(const ingest::Silence& silence) {
  for (const ingest::SilenceMatcher& matcher : silence.matchers) {
    if (!matcher.is_regex && matcher.is_equal && !matcher.value.empty()) return &matcher;
  }
  return nullptr;
}

void SilenceBook::Remove(const std::string& id) {
  const auto at = by_id_.find(id);
  if (at == by_id_.end()) return;
  if (const auto* key = KeyOf(at->second->silence)) {
    const auto pair = by_pair_.find(Pair(key->name, key->value));
    pair->second.erase(id);
    if (pair->second.empty()) by_pair_.erase(pair);
  } else {
    without_pair_.erase(id);
  }
  by_id_.erase(at);
}

void SilenceBook::Set(const ingest::Silence& silence, size_t silences_max) {
  auto entry = std::make_shared<Entry>();
  entry->silence = silence;
  for (const ingest::SilenceMatcher& matcher : silence.matchers) {
    auto compiled = ingest::CompileMatcher(matcher);
    if (!compiled.ok()) return;  // it was checked when it was posted
    entry->matchers.push_back(*std::move(compiled));
  }
  Remove(silence.id);
  const auto* key = KeyOf(silence);
  Entries& entries = key == nullptr ? without_pair_ : by_pair_[Pair(key->name, key->value)];
  entries[silence.id] = entry;
  by_id_[silence.id] = std::move(entry);
  while (by_id_.size() > std::max<size_t>(silences_max, 1)) {
    const auto first =
        std::min_element(by_id_.begin(), by_id_.end(), [](const auto& a, const auto& b) {
          return a.second->silence.ends_at < b.second->silence.ends_at;
        });
    Remove(std::string(first->first));
  }
}

void SilenceBook::Forget(TimeMs now) {
  std::vector<std::string> old;
  for (const auto& [id, entry] : by_id_) {
    if (entry->silence.ends_at + kKeptMs < now) old.push_back(id);
  }
  for (const std::string& id : old) Remove(id);
}

template <typename Call>
bool SilenceBook::AnyCovering(const Labels& labels, TimeMs now, const Call& call) const {
  const auto among = [&](const Entries& entries) {
    for (const auto& [id, entry] : entries) {
      if (ingest::StateOf(entry->silence, now) != ingest::SilenceState::kActive) continue;
      const bool covers =
          std::all_of(entry->matchers.begin(), entry->matchers.end(),
                      [&](const Matcher& matcher) { return matcher.Matches(labels); });
      if (covers && call(id)) return true;
    }
    return false;
  };
  if (by_id_.empty()) return false;
  if (among(without_pair_)) return true;
  for (const Label& label : labels) {
    const auto at = by_pair_.find(Pair(label.name, label.value));
    if (at != by_pair_.end() && among(at->second)) return true;
  }
  return false;
}

bool SilenceBook::Silenced(const Labels& labels, TimeMs now) const {
  return AnyCovering(labels, now, [](const std::string&) { return true; });
}

std::vector<std::string> SilenceBook::Covering(const Labels& labels, TimeMs now) const {
  std::vector<std::string> out;
  AnyCovering(labels, now, [&out](const std::string& id) {
    out.push_back(id);
    return false;
  });
  std::sort(out.begin(), out.end());
  return out;
}

const ingest::Silence* SilenceBook::Find(const std::string& id) const {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : &at->second->silence;
}

std::vector<ingest::Silence> SilenceBook::All() const {
  std::vector<ingest::Silence> out;
  for (const auto& [id, entry] : by_id_) out.push_back(entry->silence);
  return out;
}

void SilenceBook::Save(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(by_id_.size()));
  for (const auto& [id, entry] : by_id_) out.PutString(ingest::EncodeSilence(entry->silence));
}

bool SilenceBook::Load(ByteReader& in) {
  const size_t count = in.GetCount(4);
  for (size_t i = 0; i < count && in.ok(); ++i) {
    const auto silence = ingest::DecodeSilence(in.GetString());
    if (!silence.ok()) return false;
    Set(*silence, count);
  }
  return in.ok();
}

}  // namespace quell::incidents
