// Reading an audit log from its file, beside an engine that runs or none: what `quell audit` does.
//
// Opens the database read-only and sees it as of one moment. Thread-compatible.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/store/audit.h"

namespace quell::store {

class AuditReader {
 public:
  virtual ~AuditReader() = default;
  [[nodiscard]] virtual const AuditHead& head() const = 0;
  // All entries, oldest first, until `call` returns false.
  virtual Status ForEach(const std::function<bool(const AuditRow&)>& call) = 0;
  // What an entry's effect left in the store, where it still is there.
  virtual Result<std::optional<std::string>> BodyOf(std::uint64_t sequence) = 0;
};

// kNotFound, kUnsupported where the file has no audit log yet, kInvalidArgument where it is none of
// Quell's.
Result<std::unique_ptr<AuditReader>> OpenAuditReader(const std::string& path);

struct AuditVerdict {
  std::uint64_t entries = 0;  // that fit
  std::uint64_t bodies = 0;   // what was decided upon is still there, and has the digest
  std::string problem;        // the first that does not; "" = all is well
  AuditHead head;
};
// Walks the whole chain, and holds what the store has of its effects against the digests.
Result<AuditVerdict> VerifyAudit(AuditReader& reader);
// Whether the log holds an entry with this number and hash, as somebody noted them: "ENTRY:HASH".
// kInvalidArgument where that is not what it should look like.
Result<bool> HoldsNoted(AuditReader& reader, std::string_view noted);

}  // namespace quell::store
