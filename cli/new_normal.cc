#include "cli/new_normal.h"

#include <cstdio>

#include "cli/client/table.h"

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string AmountText(const Json& row, const char* member) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", NumberOf(row, member));
  return text;
}

std::string BandText(const Json& band) {
  const Json& edges = RowsOf(band, "band");
  if (edges.size() != 2 || !edges[0].is_number() || !edges[1].is_number()) return "";
  char text[96];
  std::snprintf(text, sizeof text, "%.4g (%.4g - %.4g)", NumberOf(band, "expected"),
                edges[0].get<double>(), edges[1].get<double>());
  return text;
}

void Print(const Json& preview) {
  using Fit = Table::Fit;
  Table table({{"SIGNAL", Fit::kCut},
               {"LABELS", Fit::kCut},
               {"NOW", Fit::kRight},
               {"EXPECTED (BAND) BEFORE"},
               {"AND AFTER"},
               {""}});
  for (const Json& row : RowsOf(preview, "signals")) {
    const bool stays = Member(row, "stays") == Json(true);
    table.Add({TextOf(row, "signal"), LabelsText(row, "labels"), AmountText(row, "now"),
               BandText(Member(row, "before")), BandText(Member(row, "after")),
               stays ? "stays an alert: beyond its limit" : ""});
  }
  std::fputs(table.Render(TerminalWidth()).c_str(), stdout);
}

}  // namespace

int SayNormal(const EngineFlags& engine, const std::string& key, bool yes) {
  const std::string path = "/api/v1/incidents/" + key + "/new-normal";
  const auto preview = Ask(engine, "GET", path);
  if (!preview.ok()) return FailOf(preview.error());
  if (engine.json) {
    PrintJson(*preview);
  } else {
    Print(*preview);
  }
  if (!yes) {
    std::fprintf(stderr, "nothing was changed: --yes makes it so\n");
    return 0;
  }
  const auto answer = Ask(engine, "POST", path);
  if (!answer.ok()) return FailOf(answer.error());
  if (!engine.json) std::printf("accepted: quell adoption list has each, and undoes it\n");
  return 0;
}

}  // namespace quell::cli
