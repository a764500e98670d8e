// The server's routes for the draft of a postmortem and for similar incidents.
#include "engine/api/server_state.h"
#include "engine/postmortem/draft.h"
#include "engine/postmortem/similar.h"

namespace quell::api {

void Server::State::AddPostmortem() {
  front->AddRoute("GET", R"(/api/v1/incidents/([0-9a-f]{1,64})/similar)",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    auto similar =
                        postmortem::SimilarJson(engine.store(), request.matches[1].str());
                    if (!similar.ok()) return Fail(out, similar.error());
                    Tagged(request, out, *std::move(similar));
                  });
  front->AddRoute(
      "GET", R"(/api/v1/incidents/([0-9a-f]{1,64})/export)",
      [this](const httplib::Request& request, httplib::Response& out) {
        const std::string name =
            request.has_param("format") ? request.get_param_value("format") : "json";
        const auto format = postmortem::ParseFormat(name);
        if (!format.ok()) return Fail(out, format.error());
        const std::string key = request.matches[1].str();
        auto text = postmortem::Export(engine.store(), key, *format);
        if (!text.ok()) return Fail(out, text.error());
        Tagged(request, out, *std::move(text), std::string(postmortem::MediaTypeOf(*format)));
        // To be kept, never shown with the page's own rights.
        out.set_header("X-Content-Type-Options", "nosniff");
        out.set_header("Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; sandbox");
        if (*format != postmortem::Format::kJson) {
          out.set_header("Content-Disposition", "attachment; filename=\"postmortem-" +
                                                    key.substr(0, 12) + '.' + name + '"');
        }
      });
}

}  // namespace quell::api
