// Incident files of all three formats, and change events: what was read is in order and within
// calendars, written as JSON it reads the same; errors name file, line and column.
#include <cctype>

#include "engine/incidents/change_json.h"
#include "replay/scoring/incident_formats.h"
#include "tests/fuzz/fuzz_target.h"

namespace quell::fuzz {
namespace {

using replay::JsonDocument;
using replay::LabelledIncident;

const std::string kFile = "fuzz.json";
constexpr TimeMs kYear10000Ms = 253402300800000;

// As ReadIncidents tells them apart.
Result<std::vector<LabelledIncident>> Read(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || (text[first] != '{' && text[first] != '[')) {
    return replay::ReadCsvIncidents(text, kFile);
  }
  QUELL_ASSIGN(const JsonDocument document, JsonDocument::Parse(text, kFile));
  return replay::LooksLikePagerDuty(document) ? replay::ReadPagerDutyIncidents(document)
                                              : replay::ReadQuellIncidents(document);
}

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

void CheckRead(const std::vector<LabelledIncident>& incidents) {
  const LabelledIncident* before = nullptr;
  for (const LabelledIncident& incident : incidents) {
    FUZZ_REQUIRE(incident.start <= incident.end);
    FUZZ_REQUIRE(incident.start > -kYear10000Ms && incident.end <= kYear10000Ms);
    FUZZ_REQUIRE(before == nullptr || before->start < incident.start ||
                 (before->start == incident.start && before->id <= incident.id));
    before = &incident;
  }
  if (!Writable(incidents)) return;
  const auto document = JsonDocument::Parse(replay::IncidentsToJson(incidents), kFile);
  FUZZ_REQUIRE(document.ok());
  const auto again = replay::ReadQuellIncidents(*document);
  FUZZ_REQUIRE(again.ok());
  FUZZ_REQUIRE(again->size() == incidents.size());
  for (size_t i = 0; i < incidents.size(); ++i) FUZZ_REQUIRE(Same((*again)[i], incidents[i]));
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
          R"({"id":"c","kind":"deploy","time":"2026-06-01T10:00:00Z","end":1780308600,"note":"n",)"
          R"("service":"pay"})"};
}

}  // namespace quell::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  const std::string text(fuzz::View(data, size));
  const auto incidents = fuzz::Read(text);
  if (incidents.ok()) {
    fuzz::CheckRead(*incidents);
  } else {
    fuzz::CheckError(incidents.error().message);
  }
  fuzz::CheckChange(text);
  return 0;
}
