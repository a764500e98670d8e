#include <algorithm>
#include <array>
#include <map>

#include "core/file.h"
#include "core/hash.h"
#include "replay/scoring/incident_history.h"
#include "replay/scoring/json_document.h"

namespace quell::replay {
namespace {

using incidents::Change;
using incidents::ChangeKind;
using nlohmann::ordered_json;

constexpr std::array<std::string_view, 7> kOwnKeys = {"id",   "time", "start", "end",
                                                      "kind", "note", "labels"};

Status ReadTimes(const JsonCursor& item, Change& change) {
  if (item.Has("time")) {
    QUELL_ASSIGN(const JsonCursor time, item.Member("time"));
    if (item.Has("start")) return time.Wrong("and start are both given; one of them is meant");
    QUELL_ASSIGN(change.start, time.Time());
  } else if (item.Has("start")) {
    QUELL_ASSIGN(const JsonCursor start, item.Member("start"));
    QUELL_ASSIGN(change.start, start.Time());
  } else {
    return item.Wrong("needs a time, or a start and an end");
  }
  change.end = change.start;
  if (item.Has("end")) {
    QUELL_ASSIGN(const JsonCursor end, item.Member("end"));
    QUELL_ASSIGN(change.end, end.Time());
    if (change.end < change.start) {
      return end.Wrong(FormatRfc3339(change.end) + " is before its start " +
                       FormatRfc3339(change.start));
    }
  }
  return Ok{};
}

// Every text that is not one of the format's own keys, and the object "labels", is scope.
Status ReadScope(const JsonCursor& item, Change& change) {
  for (const auto& [name, value] : item.value().items()) {
    const bool own = std::find(kOwnKeys.begin(), kOwnKeys.end(), name) != kOwnKeys.end();
    if (own || value.is_null()) continue;
    QUELL_ASSIGN(const JsonCursor member, item.Member(name));
    QUELL_ASSIGN(const std::string text, member.Text());
    change.scope.Set(name, text);
  }
  if (!item.Has("labels")) return Ok{};
  QUELL_ASSIGN(const JsonCursor labels, item.Member("labels"));
  if (!labels.value().is_object()) {
    return labels.Wrong(std::string("must be an object, not ") + labels.value().type_name());
  }
  for (const auto& [name, unused] : labels.value().items()) {
    QUELL_ASSIGN(const JsonCursor member, labels.Member(name));
    QUELL_ASSIGN(const std::string text, member.Text());
    change.scope.Set(name, text);
  }
  return Ok{};
}

Result<Change> ReadChange(const JsonCursor& item) {
  Change change;
  QUELL_ASSIGN(const JsonCursor kind, item.Member("kind"));
  QUELL_ASSIGN(const std::string kind_name, kind.Text());
  change.kind = incidents::ChangeKindFromName(kind_name);
  QUELL_TRY(ReadTimes(item, change));
  QUELL_TRY(ReadScope(item, change));
  QUELL_ASSIGN(change.note, item.OptionalText("note"));
  if (change.kind == ChangeKind::kOther && kind_name != "other") {
    change.note = change.note.empty() ? kind_name : kind_name + ": " + change.note;
  }
  QUELL_ASSIGN(change.id, item.OptionalText("id"));
  if (change.id.empty()) {
    Hasher hasher;
    hasher.Add(kind_name);
    hasher.Add(std::to_string(change.start));
    hasher.Add(std::to_string(change.end));
    hasher.Add(change.scope.ToString());
    hasher.Add(change.note);
    change.id = "change-" + Hex64(hasher.Finish());
  }
  return change;
}

}  // namespace

Result<Change> ParseChange(const std::string& json, const std::string& where) {
  QUELL_ASSIGN(const JsonDocument document, JsonDocument::Parse(json, where));
  return ReadChange(JsonCursor(document));
}

Result<std::vector<Change>> ReadChanges(const std::string& path) {
  constexpr size_t kFileBytesMax = size_t{1} << 30U;
  QUELL_ASSIGN(std::string text, ReadFile(path, kFileBytesMax));
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    return MakeError(ErrorCode::kInvalidArgument,
                     path + R"(:1:1: the file is empty; write {"changes":[]} for no changes)");
  }
  QUELL_ASSIGN(const JsonDocument document, JsonDocument::Parse(std::move(text), path));
  QUELL_ASSIGN(const JsonCursor list, JsonCursor(document).Member("changes"));
  QUELL_ASSIGN(const std::vector<JsonCursor> items, list.Items());
  std::vector<Change> changes;
  std::map<std::string, size_t> seen;
  for (size_t i = 0; i < items.size(); ++i) {
    QUELL_ASSIGN(Change change, ReadChange(items[i]));
    const auto [first, fresh] = seen.emplace(change.id, i);
    if (!fresh) {
      return items[i].Wrong("has the id \"" + change.id + "\" of changes[" +
                            std::to_string(first->second) + "] again");
    }
    changes.push_back(std::move(change));
  }
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
    return a.start != b.start ? a.start < b.start : a.id < b.id;
  });
  return changes;
}

std::string ChangesToJson(std::span<const Change> changes) {
  ordered_json list = ordered_json::array();
  for (const Change& change : changes) {
    ordered_json item;
    item["id"] = change.id;
    if (change.end == change.start) {
      item["time"] = FormatRfc3339(change.start);
    } else {
      item["start"] = FormatRfc3339(change.start);
      item["end"] = FormatRfc3339(change.end);
    }
    item["kind"] = incidents::ChangeKindName(change.kind);
    ordered_json shadowed = ordered_json::object();
    for (const Label& label : change.scope) {
      const bool own = std::find(kOwnKeys.begin(), kOwnKeys.end(), label.name) != kOwnKeys.end();
      (own ? shadowed : item)[label.name] = label.value;
    }
    if (!shadowed.empty()) item["labels"] = std::move(shadowed);
    if (!change.note.empty()) item["note"] = change.note;
    list.push_back(std::move(item));
  }
  ordered_json root;
  root["changes"] = std::move(list);
  return root.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace quell::replay
