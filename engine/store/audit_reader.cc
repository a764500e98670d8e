#include "engine/store/audit_reader.h"

#include <charconv>

#include "core/hash.h"
#include "engine/store/audit_table.h"
#include "engine/store/schema.h"

namespace quell::store {
namespace {

constexpr size_t kPortion = 1000;
constexpr size_t kHashSize = 64;

class SqliteAuditReader final : public AuditReader {
 public:
  explicit SqliteAuditReader(Database database) : database_(std::move(database)) {}

  Status Prepare() {
    QUELL_ASSIGN(const std::string id,
                 database_.Scalar("PRAGMA application_id", "read application id"));
    if (id != std::to_string(kApplicationId)) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "store " + database_.path() + " is none of Quell's");
    }
    QUELL_ASSIGN(const std::string table,
                 database_.Scalar("SELECT name FROM sqlite_schema WHERE name = 'audit'", "read"));
    if (table.empty()) {
      return MakeError(
          ErrorCode::kUnsupported,
          "store " + database_.path() +
              " was written by a version without an audit log; the next start adds it");
    }
    QUELL_TRY(database_.Execute("BEGIN", "read the audit log"));
    QUELL_TRY(table_.Prepare(database_, kAuditRowsMax));
    QUELL_ASSIGN(head_, table_.Head());
    return Ok{};
  }

  [[nodiscard]] const AuditHead& head() const override { return head_; }

  Status ForEach(const std::function<bool(const AuditRow&)>& call) override {
    // Not from head_.pruned on: a row below it should not be there.
    for (std::uint64_t last = 0;;) {
      QUELL_ASSIGN(const auto rows, table_.After(last, kPortion));
      for (const AuditRow& row : rows) {
        if (!call(row)) return Ok{};
        last = row.entry;
      }
      if (rows.size() < kPortion) return Ok{};
    }
  }

  Result<std::optional<std::string>> BodyOf(std::uint64_t sequence) override {
    return table_.BodyOf(sequence);
  }

 private:
  Database database_;
  AuditTable table_;
  AuditHead head_;
};

// What lies in the store under the entry's effect is what the entry was made from.
Result<bool> BodyFits(AuditReader& reader, const AuditRow& row, AuditVerdict& verdict) {
  if (row.sequence == 0 || row.digest.empty()) return true;
  QUELL_ASSIGN(const auto body, reader.BodyOf(row.sequence));
  if (!body) return true;
  ++verdict.bodies;
  return Sha256Hex(*body) == row.digest;
}

}  // namespace

Result<std::unique_ptr<AuditReader>> OpenAuditReader(const std::string& path) {
  QUELL_ASSIGN(Database database, Database::OpenReadOnly(path));
  auto reader = std::make_unique<SqliteAuditReader>(std::move(database));
  QUELL_TRY(reader->Prepare());
  return std::unique_ptr<AuditReader>(std::move(reader));
}

Result<AuditVerdict> VerifyAudit(AuditReader& reader) {
  AuditVerdict verdict;
  verdict.head = reader.head();
  AuditWalk walk(verdict.head);
  Status failed = Ok{};
  QUELL_TRY(reader.ForEach([&](const AuditRow& row) {
    if (auto problem = walk.Take(row)) {
      verdict.problem = *std::move(problem);
      return false;
    }
    const auto fits = BodyFits(reader, row, verdict);
    if (!fits.ok()) {
      failed = fits.error();
      return false;
    }
    if (!*fits) {
      verdict.problem = "entry " + std::to_string(row.entry) + " fits, but what effect " +
                        std::to_string(row.sequence) +
                        " left in the store is not what it was made from";
      return false;
    }
    ++verdict.entries;
    return true;
  }));
  QUELL_TRY(failed);
  if (verdict.problem.empty()) {
    if (auto problem = walk.Finish()) verdict.problem = *std::move(problem);
  }
  return verdict;
}

Result<bool> HoldsNoted(AuditReader& reader, std::string_view noted) {
  const size_t colon = noted.find(':');
  std::uint64_t entry = 0;
  const char* const end = noted.data() + std::min(colon, noted.size());
  const auto read = std::from_chars(noted.data(), end, entry);
  if (colon == std::string_view::npos || read.ec != std::errc() || read.ptr != end ||
      noted.size() - colon - 1 != kHashSize) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "a noted head is ENTRY:HASH, as quell audit verify prints it");
  }
  const std::string_view hash = noted.substr(colon + 1);
  const AuditHead& head = reader.head();
  if (entry == head.pruned) return hash == head.pruned_hash;
  bool found = false;
  QUELL_TRY(reader.ForEach([&](const AuditRow& row) {
    found = row.entry == entry && row.hash == hash;
    return row.entry < entry;
  }));
  return found;
}

}  // namespace quell::store
