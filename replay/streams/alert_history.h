// A history of alerts as JSON, with the incident that each belonged to
// (docs/formats/alert_history.md).
#pragma once

#include <string>

#include "core/result.h"
#include "replay/streams/alert_stream.h"

namespace quell::streams {

// {"alerts": [{"labels": {...}, "startsAt": ..., "endsAt": ..., "incident": "INC-1"}]}. Errors name
// file:line:column and the field.
Result<AlertStream> ParseAlertHistory(std::string text, const std::string& name);
std::string AlertHistoryJson(const AlertStream& stream);

// Corrects the truth by what people said (GET /api/v1/feedback, one record a line or a list):
// merged incidents are one, the second part of a split one is another. Returns how many records
// said something about alerts of the history. Errors name file:line.
Result<size_t> ApplyFeedback(const std::string& text, const std::string& name, AlertStream& stream);

}  // namespace quell::streams
