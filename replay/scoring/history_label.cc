#include <algorithm>
#include <array>

#include "replay/scoring/incident_formats.h"

namespace quell::replay {
namespace {

bool IsLabelName(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9');
  });
}

// Names that a notifier adds about itself; no series carries them as what was affected.
bool IsAboutTheNotifier(std::string_view name) {
  constexpr std::array<std::string_view, 7> kNames = {
      "alertname", "severity", "firing", "resolved", "num_firing", "num_resolved", "__name__"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace

void AddHistoryLabel(std::string_view name, std::string_view value, Labels& labels) {
  constexpr size_t kValueBytesMax = 256;
  if (!IsLabelName(name) || IsAboutTheNotifier(name) || value.size() > kValueBytesMax ||
      value.find('\n') != std::string_view::npos) {
    return;
  }
  labels.Set(name, value);
}

}  // namespace quell::replay
