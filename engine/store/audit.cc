#include "engine/store/audit.h"

#include <array>

#include "core/hash.h"

namespace quell::store {
namespace {

constexpr std::string_view kMagic = "quell-audit-1\n";

void PutField(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
  out += ',';
}

std::string EntryName(const AuditRow& row) { return "entry " + std::to_string(row.entry); }

void PutEscaped(std::string& out, std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

std::string CanonicalAudit(const AuditRow& row) {
  std::string out(kMagic);
  for (const std::string& number :
       {std::to_string(row.entry), std::to_string(row.sequence), std::to_string(row.at)}) {
    PutField(out, number);
  }
  for (const std::string* text :
       {&row.kind, &row.what, &row.key, &row.actor, &row.detail, &row.digest, &row.model}) {
    PutField(out, *text);
  }
  return out;
}

std::string ChainHash(std::string_view former, const AuditRow& row) {
  return Sha256Hex(std::string(former) + CanonicalAudit(row));
}

std::string PruneDetail(std::uint64_t through, std::string_view hash) {
  return "entries up to " + std::to_string(through) + " are removed; the last had " +
         std::string(hash);
}

std::optional<std::string> AuditWalk::Take(const AuditRow& row) {
  if (row.entry != last_ + 1) {
    return EntryName(row) + " follows entry " + std::to_string(last_) +
           (row.entry > last_ ? ": what was between is missing" : "");
  }
  const std::string expected = ChainHash(hash_, row);
  if (expected != row.hash) {
    return EntryName(row) + " does not fit: its hash is " + row.hash +
           ", its content and the entry before it give " + expected;
  }
  last_ = row.entry;
  hash_ = row.hash;
  if (row.kind == "prune") pruning_ = row.detail;
  return std::nullopt;
}

std::optional<std::string> AuditWalk::Finish() const {
  if (last_ != head_.entry || hash_ != head_.hash) {
    return "the log ends at entry " + std::to_string(last_) + " with " + hash_ +
           ", its head says entry " + std::to_string(head_.entry) + " with " + head_.hash;
  }
  if (head_.pruned != 0 && pruning_ != PruneDetail(head_.pruned, head_.pruned_hash)) {
    return "entries up to " + std::to_string(head_.pruned) +
           " are missing, and no entry says that they were removed with the hash " +
           head_.pruned_hash;
  }
  return std::nullopt;
}

bool Asked(const AuditQuery& query, const AuditRow& row) {
  const auto is = [](const std::string& wanted, const std::string& text) {
    return wanted.empty() || wanted == text;
  };
  return is(query.kind, row.kind) && is(query.actor, row.actor) && is(query.key, row.key) &&
         (!query.since || row.at >= *query.since) && (!query.until || row.at < *query.until) &&
         (query.before == 0 || row.entry < query.before);
}

std::string AuditJson(const AuditRow& row) {
  std::string out = "{\"entry\":" + std::to_string(row.entry) +
                    ",\"sequence\":" + std::to_string(row.sequence) +
                    ",\"at_ms\":" + std::to_string(row.at) + ",\"at\":";
  PutEscaped(out, FormatRfc3339(row.at));
  const std::array<std::pair<std::string_view, const std::string*>, 8> texts = {
      {{"kind", &row.kind},
       {"what", &row.what},
       {"key", &row.key},
       {"actor", &row.actor},
       {"detail", &row.detail},
       {"digest", &row.digest},
       {"model", &row.model},
       {"hash", &row.hash}}};
  for (const auto& [name, text] : texts) {
    out += ",\"" + std::string(name) + "\":";
    PutEscaped(out, *text);
  }
  return out + "}";
}

}  // namespace quell::store
