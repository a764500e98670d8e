// The server's routes for the audit log, and its metrics.
#include <algorithm>

#include "engine/api/server_state.h"

namespace quell::api {
namespace {

Result<store::AuditQuery> ReadAuditQuery(const httplib::Request& request) {
  store::AuditQuery query;
  query.kind = request.get_param_value("kind");
  query.actor = request.get_param_value("actor");
  query.key = request.get_param_value("key");
  const auto& kinds = store::kAuditKinds;
  if (!query.kind.empty() &&
      std::find(std::begin(kinds), std::end(kinds), query.kind) == std::end(kinds)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "kind must be decision, page, action, config, model or prune");
  }
  QUELL_ASSIGN(const ListSpan span, SpanOf(request));
  query.since = span.since;
  query.until = span.until;
  query.before = span.before;
  return query;
}

}  // namespace

void Server::State::AddAudit() {
  front->AddRoute(
      "GET", "/api/v1/audit", [this](const httplib::Request& request, httplib::Response& out) {
        const auto query = ReadAuditQuery(request);
        if (!query.ok()) return Fail(out, query.error());
        const size_t limit = LimitOf(request);
        const auto rows = engine.store().AuditRows(*query, limit);
        if (!rows.ok()) return Fail(out, rows.error());
        std::string text = "{\"audit\":[";
        for (size_t i = 0; i < rows->size(); ++i) {
          text += (i > 0 ? "," : "") + store::AuditJson((*rows)[i]);
        }
        const bool more = rows->size() == limit && rows->back().entry > 1;
        text += "],\"next\":" + (more ? std::to_string(rows->back().entry) : std::string("null"));
        Tagged(request, out, text + "}\n");
      });
  front->AddRoute("GET", "/api/v1/audit/head",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    const auto head = engine.store().AuditLogHead();
                    if (!head.ok()) return Fail(out, head.error());
                    Tagged(request, out,
                           Dump({{"entry", head->entry},
                                 {"hash", head->hash},
                                 {"head", std::to_string(head->entry) + ':' + head->hash},
                                 {"removed", head->pruned}}));
                  });
}

std::string RenderAudit(const Result<store::AuditHead>& head, const models::Version& model) {
  MetricsText out;
  if (head.ok()) {
    out.Family("quell_audit_entries", "gauge", "Entries appended to the audit log, ever.");
    out.Sample("", static_cast<double>(head->entry));
    out.Family("quell_audit_removed_entries", "gauge",
               "Entries that retention has removed from the audit log.");
    out.Sample("", static_cast<double>(head->pruned));
  }
  out.Family("quell_model_info", "gauge", "The version that decides (docs/models.md).");
  out.Sample("version=\"" + model.id + '"', 1);
  return out.text();
}

}  // namespace quell::api
