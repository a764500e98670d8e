// The server's routes of the web page: its files, and what it asks first.
#include "engine/api/server_state.h"
#include "engine/api/version.h"
#include "web/assets.h"

namespace quell::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kOverview =
    "Quell\n\nPOST /api/v1/write      remote write 1.0 and 2.0\n"
    "POST /api/v1/changes    announce a change; GET lists them\n"
    "POST /api/v2/alerts     Alertmanager's API v2: alerts, silences, status\n"
    "GET  /api/v1/incidents  what is and was wrong, newest first\n"
    "POST /api/v1/incidents/ID/ACTION  acknowledge, resolve, notes, merge, new-normal, ...\n"
    "GET  /api/v1/feedback   what people said of incidents\n"
    "POST /api/v1/pagerduty/webhook  PagerDuty's webhooks, version 3\n"
    "GET  /api/v1/alerts     GET /api/v1/decisions  GET /api/v1/signals\n"
    "GET  /api/v1/adoptions  what was adopted as normal; POST .../ID/undo takes it back\n"
    "GET  /api/v1/events     what has changed, as server-sent events\n"
    "GET  /api/v1/status     GET /metrics  GET /-/healthy  GET /-/ready\n"
    "GET  /metrics/signals   what signals show and what is expected\n";

// Nothing but the page's own files; no script or style inside a document, no frame around it.
void SetPageHeaders(httplib::Response& out) {
  out.set_header("Content-Security-Policy",
                 "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
                 "frame-ancestors 'none'");
  out.set_header("X-Content-Type-Options", "nosniff");
  out.set_header("Referrer-Policy", "no-referrer");
  out.set_header("Cross-Origin-Opener-Policy", "same-origin");
  out.set_header("Cross-Origin-Resource-Policy", "same-origin");
  out.set_header("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
}

bool TakesGzip(const httplib::Request& request) {
  return request.get_header_value("Accept-Encoding").find("gzip") != std::string::npos;
}

void AnswerAsset(const httplib::Request& request, httplib::Response& out, const web::Asset& asset) {
  const bool gzip = TakesGzip(request) && !asset.gzip.empty();
  SetPageHeaders(out);
  out.set_header("Vary", "Accept, Accept-Encoding");
  out.set_header("ETag", std::string(asset.etag));
  out.set_header("Cache-Control",
                 asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (request.get_header_value("If-None-Match") == asset.etag) {
    out.status = 304;
    return;
  }
  if (gzip) out.set_header("Content-Encoding", "gzip");
  out.set_content(std::string(gzip ? asset.gzip : asset.bytes), std::string(asset.type));
}

const web::Asset* FindAsset(std::string_view path) {
  for (const web::Asset& asset : web::Assets()) {
    if (asset.path == path) return &asset;
  }
  return nullptr;
}

}  // namespace

void Server::State::AddPage() {
  front->AddRoute("GET", "/", [](const httplib::Request& request, httplib::Response& out) {
    const web::Asset* page = FindAsset("/");
    const bool browser = request.get_header_value("Accept").find("text/html") != std::string::npos;
    if (page != nullptr && browser) return AnswerAsset(request, out, *page);
    out.set_header("Vary", "Accept, Accept-Encoding");
    out.set_content(kOverview, "text/plain");
  });
  front->AddRoute("GET", "/web/([A-Za-z0-9._-]{1,80})",
                  [](const httplib::Request& request, httplib::Response& out) {
                    const web::Asset* asset = FindAsset(request.path);
                    if (asset == nullptr) {
                      return Fail(out, MakeError(ErrorCode::kNotFound, "no such file"));
                    }
                    AnswerAsset(request, out, *asset);
                  });
  front->AddEvents("/api/v1/events", *events);
  front->AddRoute("GET", "/api/v1/session",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    const std::string identity = request.get_header_value(http::kIdentityHeader);
                    const auth::RoleSet roles = authenticator->RolesOf(identity);
                    Json may = Json::array();
                    for (const std::string& name : auth::RoleNames()) {
                      if (roles.Has(*auth::ParseRole(name))) may.push_back(name);
                    }
                    out.set_header("Cache-Control", "no-store");
                    out.set_content(Dump({{"version", kVersion},
                                          {"identity", identity},
                                          {"roles", std::move(may)},
                                          {"asks", authenticator->options()->configured}}),
                                    "application/json");
                  });
}

}  // namespace quell::api
