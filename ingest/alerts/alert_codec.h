// The journal record of a batch of alerts (docs/formats/journal.md, kind 8).
//
//   u8 version = 1 | u32 count | per alert:
//   u64 fingerprint | i64 starts_at | i64 ends_at | u8 flags (1: timeout) | u32 bytes | text
// The text (labels, annotations, URL) is opaque to who only keeps it: equal alerts have equal text.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/labels.h"
#include "core/result.h"
#include "ingest/alerts/received_alert.h"

namespace quell::ingest {

struct AlertRow {
  std::uint64_t fingerprint = 0;  // Labels::Fingerprint
  TimeMs starts_at = 0;
  TimeMs ends_at = 0;
  bool timeout = false;
  std::string_view text;
};

// Labels::Fingerprint, of pairs in order.
std::uint64_t FingerprintOf(const std::vector<Label>& pairs);

// Labels and annotations as CheckAlerts leaves them. Replaces what is in `out`.
void EncodeAlerts(std::span<const ReceivedAlert* const> alerts, std::string& out);
// The rows' texts point into `payload`. kCorrupt where it does not decode.
Result<std::vector<AlertRow>> DecodeAlerts(std::string_view payload);

struct AlertText {
  Labels labels;
  Labels annotations;
  std::string generator_url;
};
// What does not decode is left empty.
AlertText DecodeAlertText(std::string_view text);

}  // namespace quell::ingest
