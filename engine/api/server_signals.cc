// The server's routes about signals and announced changes, as the page and scripts read them.
#include <algorithm>
#include <cmath>

#include "engine/api/server_state.h"
#include "ingest/alerts/filter.h"

namespace quell::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kWordsMax = 10;
constexpr size_t kSearchBytesMax = 256;
constexpr size_t kFiltersMax = 100;

Json LabelsJson(const Labels& labels) {
  Json out = Json::object();
  for (const Label& label : labels) out[label.name] = label.value;
  return out;
}

Json EvidenceJson(const pipeline::Standing& standing) {
  return {{"state", pipeline::EvidenceStateName(standing.evidence)},
          {"text", pipeline::StandingText(standing)},
          {"points", standing.points},
          {"points_needed", standing.points_needed}};
}

Json TimeOrNull(TimeMs time) { return time == 0 ? Json(nullptr) : Json(FormatRfc3339(time)); }

Json RowJson(const SignalRow& row) {
  return {{"id", Hex64(row.id)},
          {"signal", row.name},
          {"kind", row.kind},
          {"what", row.what},
          {"unit", row.unit},
          {"labels", LabelsJson(row.labels)},
          {"state", row.state},
          {"alerting", row.alerting},
          {"last_seen", TimeOrNull(row.last_seen)},
          {"evidence", EvidenceJson(row.standing)},
          {"verdict", row.reason},
          {"value", row.value},
          {"expected", row.expected},
          {"band", {row.band_low, row.band_high}},
          {"tail_probability", row.tail_probability}};
}

// Six digits are more than a plot shows, and half of the bytes.
Json Drawn(float value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == 0) return 0;
  const double scale = std::pow(10, 6 - std::ceil(std::log10(std::fabs(value))));
  return std::round(static_cast<double>(value) * scale) / scale;
}

std::vector<std::string> WordsOf(std::string text) {
  text.resize(std::min(text.size(), kSearchBytesMax));
  std::vector<std::string> out;
  std::string word;
  text += ' ';
  for (const char c : text) {
    if (c != ' ' && c != ',') {
      word += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    } else if (!word.empty() && out.size() < kWordsMax) {
      out.push_back(std::exchange(word, {}));
    }
  }
  return out;
}

std::uint64_t IdOf(const httplib::Request& request) {
  return std::stoull(request.matches[1].str(), nullptr, 16);  // the route takes no other
}

Result<SignalQuery> QueryOf(const httplib::Request& request) {
  SignalQuery query;
  query.limit = NumberOf(request, "limit", 100, 1, 1000);
  query.offset = NumberOf(request, "offset", 0, 0, 999999);
  query.words = WordsOf(request.get_param_value("search"));
  query.state = request.get_param_value("state");
  query.by_urgency = request.get_param_value("sort") == "urgency";
  const size_t filters = request.get_param_value_count("filter");
  if (filters > kFiltersMax) return MakeError(ErrorCode::kInvalidArgument, "more than 100 filters");
  for (size_t i = 0; i < filters; ++i) {
    QUELL_ASSIGN(Matcher filter, ingest::ParseFilter(request.get_param_value("filter", i)));
    query.filters.push_back(std::move(filter));
  }
  return query;
}

Json PageJson(const SignalPage& page, size_t offset) {
  Json rows = Json::array();
  for (const SignalRow& row : page.rows) rows.push_back(RowJson(row));
  Json counts = Json::object();
  for (const auto& [name, count] : page.counts) counts[name] = count;
  return {{"signals", std::move(rows)},
          {"total", page.total},
          {"offset", offset},
          {"counts", std::move(counts)}};
}

// Columns, not rows: a plot wants them so, and they are shorter.
Json PointsJson(std::uint64_t id, const SignalPoints& points) {
  Json times = Json::array(), value = times, expected = times, low = times, high = times,
       score = times;
  for (const exports::TimedPoint& timed : points.points) {
    times.push_back(timed.at / kSecondMs);
    value.push_back(Drawn(timed.point.value));
    expected.push_back(Drawn(timed.point.expected));
    low.push_back(Drawn(timed.point.low));
    high.push_back(Drawn(timed.point.high));
    score.push_back(Drawn(timed.point.score));
  }
  return {{"id", Hex64(id)},
          {"step_seconds", static_cast<double>(points.step_ms) / kSecondMs},
          {"score_to_alert", exports::ScoreOf(points.threshold)},
          {"times", std::move(times)},
          {"value", std::move(value)},
          {"expected", std::move(expected)},
          {"low", std::move(low)},
          {"high", std::move(high)},
          {"score", std::move(score)}};
}

Json ChangeJson(const incidents::Change& change) {
  return {{"id", change.id},
          {"kind", incidents::ChangeKindName(change.kind)},
          {"start", FormatRfc3339(change.start)},
          {"end", FormatRfc3339(change.end)},
          {"scope", LabelsJson(change.scope)},
          {"note", change.note}};
}

Error NoSignal(std::uint64_t id) {
  return MakeError(ErrorCode::kNotFound, "no signal " + Hex64(id));
}

}  // namespace

void Server::State::AddSignals() {
  front->AddRoute("GET", "/api/v1/signals",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    const auto query = QueryOf(request);
                    if (!query.ok()) return Fail(out, query.error());
                    Tagged(request, out, Dump(PageJson(engine.Signals(*query), query->offset)));
                  });
  front->AddRoute("GET", "/api/v1/signals/([0-9a-f]{1,16})",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    SignalQuery query;
                    query.id = IdOf(request);
                    const SignalPage page = engine.Signals(query);
                    if (page.rows.empty()) return Fail(out, NoSignal(*query.id));
                    Tagged(request, out, Dump(RowJson(page.rows.front())));
                  });
  front->AddRoute("GET", "/api/v1/signals/([0-9a-f]{1,16})/points",
                  [this](const httplib::Request& request, httplib::Response& out) {
                    const std::uint64_t id = IdOf(request);
                    const std::string since = request.get_param_value("since");
                    const auto from = since.empty() ? Result<TimeMs>(0) : ParseTime(since);
                    if (!from.ok()) return Fail(out, from.error());
                    const auto points = engine.PointsOf(id, *from);
                    if (!points) return Fail(out, NoSignal(id));
                    Tagged(request, out, Dump(PointsJson(id, *points)));
                  });
  front->AddRoute(
      "GET", "/api/v1/changes", [this](const httplib::Request& request, httplib::Response& out) {
        Json rows = Json::array();
        for (const auto& change : engine.Changes(NumberOf(request, "limit", 100, 1, 1000))) {
          rows.push_back(ChangeJson(change));
        }
        Tagged(request, out, Dump({{"changes", std::move(rows)}}));
      });
}

}  // namespace quell::api
