// ReceivedAlert: one alert as somebody posted it. Plain data; buffers are meant to be used again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/labels.h"
#include "core/time.h"

namespace quell::ingest {

struct AlertLimits {
  size_t body_bytes_max = 4U << 20U;
  size_t alerts_max = 20000;            // in one request
  size_t labels_max = 64;               // of one alert; as many annotations
  size_t name_bytes_max = 1024;         // of a label or an annotation
  size_t value_bytes_max = 4096;        // of a label
  size_t annotation_bytes_max = 16384;  // of an annotation or the generator's URL

  bool operator==(const AlertLimits&) const = default;
};

struct ReceivedAlert {
  bool has_labels = false;         // `labels` was there, be it empty
  std::vector<Label> labels;       // as posted; after the check sorted by name, none empty
  std::vector<Label> annotations;  // the same
  TimeMs starts_at = 0;            // 0 = not given
  TimeMs ends_at = 0;              // 0 = not given
  bool timeout = false;            // ends_at is no more than a guess: nobody said when it ends
  std::string generator_url;

  void Clear() {
    has_labels = timeout = false;
    labels.clear();
    annotations.clear();
    starts_at = ends_at = 0;
    generator_url.clear();
  }
};

// What to answer a client: status, and a body that is JSON.
struct ApiAnswer {
  int status = 200;
  std::string body;

  [[nodiscard]] bool ok() const { return status == 200; }
};
// {"code", "message"}, as Alertmanager's request checks answer; codes from 600 on go with 422.
ApiAnswer CodedAnswer(int code, const std::string& message);
// The message as a JSON string, as its handlers answer.
ApiAnswer TextAnswer(int status, const std::string& message);
// 415 unless the media type is JSON.
ApiAnswer CheckMediaType(std::string_view content_type);
// A name in quotes as Go writes one with %q.
std::string GoQuoted(std::string_view text);

}  // namespace quell::ingest
