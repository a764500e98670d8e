// SilenceBook: the silences that somebody made, and which alerts they cover.
//
// A silence covers an alert, ours or another system's, while it is active and all of its matchers
// hold on the alert's labels (a label that is absent is ""). Thread-compatible.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes.h"
#include "core/labels.h"
#include "ingest/alerts/silence.h"

namespace quell::incidents {

class SilenceBook {
 public:
  // A known id replaces what it was. Above `silences_max` those that end first go.
  void Set(const ingest::Silence& silence, size_t silences_max);
  // Drops what ended more than five days before `now`.
  void Forget(TimeMs now);

  [[nodiscard]] bool Silenced(const Labels& labels, TimeMs now) const;
  // The ids of those that cover the labels, ascending.
  [[nodiscard]] std::vector<std::string> Covering(const Labels& labels, TimeMs now) const;

  [[nodiscard]] size_t size() const { return by_id_.size(); }
  [[nodiscard]] const ingest::Silence* Find(const std::string& id) const;
  [[nodiscard]] std::vector<ingest::Silence> All() const;  // by id

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);  // false where it does not decode

 private:
  struct Entry {
    ingest::Silence silence;
    std::vector<Matcher> matchers;
  };
  using Pair = std::pair<std::string, std::string>;

  void Remove(const std::string& id);
  // Where to look for it: under a pair that an alert must have; nullptr: it asks for none.
  static const ingest::SilenceMatcher* KeyOf(const ingest::Silence& silence);
  template <typename Call>
  bool AnyCovering(const Labels& labels, TimeMs now, const Call& call) const;

  std::map<std::string, std::shared_ptr<const Entry>> by_id_;
  using Entries = std::map<std::string, std::shared_ptr<const Entry>>;
  std::map<Pair, Entries> by_pair_;
  Entries without_pair_;
};

}  // namespace quell::incidents
