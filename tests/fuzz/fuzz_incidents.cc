// Incident files of all formats, and change events: what was read is in order, within calendars and
// told apart by id, written as JSON it reads the same; the order of Alertmanager's payloads does
// not matter; errors name file, line and column.
#include <algorithm>
#include <cctype>
#include <set>

#include "engine/incidents/change_json.h"
#include "replay/scoring/incident_formats.h"
#include "tests/fuzz/fuzz_target.h"

namespace quell::fuzz {
namespace {

using replay::JsonDocument;
using replay::LabelledIncident;

const std::string kFile = "fuzz.json";
constexpr TimeMs kYear10000Ms = 253402300800000;

void CheckError(const std::string& message) {
  FUZZ_REQUIRE(message.rfind(kFile + ':', 0) == 0);
  size_t at = kFile.size() + 1;
  for (int number = 0; number < 2; ++number) {
    const size_t begin = at;
    while (at < message.size() && std::isdigit(static_cast<unsigned char>(message[at]))) ++at;
    FUZZ_REQUIRE(at > begin && at < message.size() && message[at] == ':');
    FUZZ_REQUIRE(message[begin] != '0');
    ++at;
  }
}

bool Same(const LabelledIncident& a, const LabelledIncident& b) {
  return a.id == b.id && a.start == b.start && a.end == b.end && a.severity == b.severity &&
         a.kind == b.kind && a.affected == b.affected;
}

void CheckSame(const std::vector<LabelledIncident>& a, const std::vector<LabelledIncident>& b) {
  FUZZ_REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) FUZZ_REQUIRE(Same(a[i], b[i]));
}

// CSV may hold bytes that JSON has no way to write, times before year 0 have no RFC 3339.
bool Writable(const std::vector<LabelledIncident>& incidents) {
  for (const LabelledIncident& incident : incidents) {
    if (incident.id.empty() || incident.start < 0 || incident.end >= kYear10000Ms) return false;
    for (const std::string* text : {&incident.id, &incident.severity, &incident.kind}) {
      for (const char c : *text) {
        if (static_cast<unsigned char>(c) >= 0x80) return false;
      }
    }
    for (const Labels& labels : incident.affected) {
      for (const char c : labels.ToString()) {
        if (static_cast<unsigned char>(c) >= 0x80) return false;
      }
    }
  }
  return true;
}

// Labels that a series could carry, and that a page could show.
void CheckLabels(const LabelledIncident& incident) {
  for (const Labels& labels : incident.affected) {
    for (const Label& label : labels) {
      FUZZ_REQUIRE(!label.name.empty());
      FUZZ_REQUIRE(!label.value.empty());
    }
  }
}

void CheckRead(const std::vector<LabelledIncident>& incidents) {
  const LabelledIncident* before = nullptr;
  std::set<std::string> ids;
  for (const LabelledIncident& incident : incidents) {
    FUZZ_REQUIRE(incident.start <= incident.end);
    FUZZ_REQUIRE(incident.start > -kYear10000Ms && incident.end <= kYear10000Ms);
    FUZZ_REQUIRE(before == nullptr || before->start < incident.start ||
                 (before->start == incident.start && before->id <= incident.id));
    FUZZ_REQUIRE(ids.insert(incident.id).second);
    CheckLabels(incident);
    before = &incident;
  }
  if (!Writable(incidents)) return;
  const auto document = JsonDocument::Parse(replay::IncidentsToJson(incidents), kFile);
  FUZZ_REQUIRE(document.ok());
  const auto again = replay::ReadQuellIncidents(*document);
  FUZZ_REQUIRE(again.ok());
  CheckSame(*again, incidents);
}

// The payloads of a file come in the order in which they were caught.
void CheckOrder(const std::string& text, const std::vector<LabelledIncident>& incidents) {
  const auto document = JsonDocument::Parse(text, kFile);
  if (!document.ok() || !replay::LooksLikeAlertmanager(*document)) return;
  nlohmann::json root = document->root();
  if (!root.is_array()) return;
  std::reverse(root.begin(), root.end());
  const auto reversed = JsonDocument::Parse(root.dump(), kFile);
  FUZZ_REQUIRE(reversed.ok());
  const auto again = replay::ReadAlertmanagerHistory(*reversed);
  FUZZ_REQUIRE(again.ok());
  CheckSame(*again, incidents);
}

void CheckChange(const std::string& text) {
  const auto change = incidents::ParseChangeJson(text, "body");
  if (!change.ok()) {
    FUZZ_REQUIRE(change.error().message.rfind("body: ", 0) == 0);
    return;
  }
  FUZZ_REQUIRE(change->start <= change->end && change->start != 0);
}

}  // namespace

std::vector<std::string> Seeds() {
  return {R"({"incidents":[{"id":"a","start":"2026-06-01T10:00:00Z","end":1780308600.5,)"
          R"("severity":"critical","kind":"psp_outage","affected":[{"match":{"psp":"acme"}}]},)"
          R"({"id":7,"start":0,"end":0}]})",
          "id,start,end,severity,kind,labels\n"
          "a,2026-06-01T10:00:00Z,2026-06-01T11:00:00+02:00,high,x,\"psp=\"\"a\"\",b=c|d=e\"\n"
          "b,1780308600,1780308601,,,p=q;r=s\n",
          R"({"incidents":[{"id":"P1","created_at":"2026-06-01T10:00:00Z","resolved_at":)"
          R"("2026-06-01T11:00:00Z","urgency":"high","service":{"summary":"pay"},)"
          R"("alerts":[{"body":{"details":{"psp":"acme","firing":"Labels:\n - region = eu\n"}}}]},)"
          R"({"id":"P2","created_at":"2026-06-01T10:10:00Z","last_status_change_at":)"
          R"("2026-06-01T10:20:00Z","resolve_reason":{"type":"merge_resolve_reason",)"
          R"("incident":{"id":"P1"}}}],"more":false})",
          // Alertmanager: /alerts, /alerts/groups, webhook payloads.
          R"([{"labels":{"alertname":"PspDown","psp":"acme","severity":"critical"},)"
          R"("startsAt":"2026-08-22T10:00:00.000Z","endsAt":"2026-08-22T10:30:00Z"},)"
          R"({"labels":{"alertname":"Watchdog","severity":"none"},"startsAt":0}])",
          R"([{"labels":{"psp":"acme"},"receiver":{"name":"pd"},"alerts":[{"labels":)"
          R"({"alertname":"A","psp":"acme"},"startsAt":"2026-08-22T10:00:00Z","endsAt":)"
          R"("0001-01-01T00:00:00Z"},{"labels":{"alertname":"B"},"startsAt":)"
          R"("2026-08-22T10:04:00Z","endsAt":"2026-08-22T10:09:00+02:00"}]}])",
          R"([{"version":"4","groupKey":"g","receiver":"pd","groupLabels":{},"alerts":[{"labels":)"
          R"({"alertname":"A","region":"eu"},"startsAt":"2026-08-22T10:00:00Z"}]},{"groupKey":"g",)"
          R"("receiver":"pd","groupLabels":{},"alerts":[{"labels":{"alertname":"A","region":"eu"},)"
          R"("startsAt":"2026-08-22T10:00:00Z","endsAt":"2026-08-22T10:30:00Z"}]}])",
          // Opsgenie, incident.io.
          "Tiny ID,Alert ID,Message,Status,Priority,CreatedAt,UpdatedAt,Tags,Extra Properties\n"
          "1,a-1,down,closed,P1,1787392800000,1787394600000,\"psp:acme, region=eu\",\"{x=y}\"\n"
          "2,a-2,,merged,,,,,\n",
          "ID,Name,Status,Severity,Incident type,Reported at,Closed at,Impact started,Service\n"
          "INC-1,\"a, b\",Closed,Major,Outage,2026-08-22 10:00 UTC,2026/08/22 10:30:00,"
          "2026-08-22 09:58,checkout\nINC-2,x,Canceled,,,,,,\n",
          R"({"id":"c","kind":"deploy","time":"2026-06-01T10:00:00Z","end":1780308600,"note":"n",)"
          R"("service":"pay"})"};
}

}  // namespace quell::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  const std::string text(fuzz::View(data, size));
  const auto incidents = replay::ReadIncidentText(text, fuzz::kFile);
  if (incidents.ok()) {
    fuzz::CheckRead(*incidents);
    fuzz::CheckOrder(text, *incidents);
  } else {
    fuzz::CheckError(incidents.error().message);
  }
  fuzz::CheckChange(text);
  return 0;
}
