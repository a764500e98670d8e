// AuditTable: the audit log's rows in SQLite. Appends happen inside the caller's transaction.
//
// Above `rows_max` the oldest go, a portion at once, and an entry says so; where that happens
// follows from the chain alone. Thread-compatible; private to engine/store.
#pragma once

#include <functional>
#include <vector>

#include "engine/store/audit.h"
#include "engine/store/sqlite.h"

namespace quell::store {

inline constexpr std::uint64_t kAuditRowsMax = 1'000'000;

class AuditTable {
 public:
  // `database` must outlive the table.
  Status Prepare(Database& database, std::uint64_t rows_max);

  Result<AuditHead> Head();
  // Appends with the next number and hash; `row` brings neither. Moves `head`, which the caller has
  // read in this transaction and saves at its end.
  Status Append(AuditRow row, AuditHead& head);
  Status Save(const AuditHead& head);

  // Newest first.
  Result<std::vector<AuditRow>> Rows(const AuditQuery& query, size_t limit);
  // Oldest first, those after `entry`.
  Result<std::vector<AuditRow>> After(std::uint64_t entry, size_t limit);
  // The body that an effect left in `decisions`, `outbox` or `feedback`; nullopt: none is there.
  Result<std::optional<std::string>> BodyOf(std::uint64_t sequence);

 private:
  Status Prune(AuditHead& head, TimeMs at, const std::string& model);
  Status Insert(AuditRow& row, AuditHead& head);

  Database* database_ = nullptr;
  std::uint64_t rows_max_ = kAuditRowsMax;
  Statement head_, save_, insert_, after_, hash_of_, remove_, body_;
};

}  // namespace quell::store
