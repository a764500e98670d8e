// The server's routes of replay's reports.
#include "engine/api/reports.h"
#include "engine/api/server_state.h"

namespace quell::api {

void Server::State::AddReports() {
  // As at the start: a reload does not move it.
  const std::string folder = engine.config().reports_dir;
  front->AddRoute("GET", "/api/v1/reports",
                  [folder](const httplib::Request& request, httplib::Response& out) {
                    const auto list = ListReportsJson(folder);
                    if (!list.ok()) return Fail(out, list.error());
                    Tagged(request, out, Dump(*list));
                  });
  front->AddRoute("GET", "/api/v1/reports/([A-Za-z0-9][A-Za-z0-9._-]{0,99})",
                  [folder](const httplib::Request& request, httplib::Response& out) {
                    auto report = ReadReport(folder, request.matches[1].str());
                    if (!report.ok()) return Fail(out, report.error());
                    out.set_header("X-Content-Type-Options", "nosniff");
                    Tagged(request, out, *std::move(report));
                  });
}

}  // namespace quell::api
