#include "ingest/openmetrics_parser.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "ingest/label_text.h"
#include "ingest/utf8.h"

namespace quell::ingest {
namespace {

constexpr std::int64_t kMillisecondsAbove = 100'000'000'000;  // as seconds: the year 5138
constexpr double kSecondsMax = 253402300800.0;                // the year 10000

Error Fail(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The word at `at`, for error texts.
std::string Word(std::string_view line, size_t at) {
  const std::string_view rest = line.substr(at);
  return Quoted(rest.substr(0, rest.find_first_of(" \t")), 60);
}

// `[-]digits[.digits]` to milliseconds; 0 bytes used where it is of another form.
size_t ParseDecimalTime(std::string_view text, TimeMs& time) {
  size_t at = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) ++at;
  const size_t first = at;
  std::int64_t whole = 0;
  while (at < text.size() && IsDigit(text[at]) && at - first < 17) {
    whole = whole * 10 + (text[at++] - '0');
  }
  if (at == first) return 0;
  if (at >= text.size() || text[at] == ' ' || text[at] == '\t') {
    time = whole > kMillisecondsAbove ? whole : whole * 1000;
  } else if (text[at] == '.') {
    const size_t fraction = ++at;
    std::int64_t millis = 0;
    for (; at < text.size() && IsDigit(text[at]); ++at) {
      const size_t place = at - fraction;
      if (place < 3) millis = millis * 10 + (text[at] - '0');
      if (place == 3 && text[at] >= '5') ++millis;
    }
    const bool ends = at >= text.size() || text[at] == ' ' || text[at] == '\t';
    if (!ends) return 0;
    for (size_t digits = at - fraction; digits < 3; ++digits) millis *= 10;
    if (static_cast<double>(whole) > kSecondsMax) return 0;
    time = whole * 1000 + millis;
  } else {
    return 0;
  }
  if (negative) time = -time;
  return at;
}

}  // namespace

size_t ParseNumber(std::string_view text, double& value) {
  const size_t sign = !text.empty() && text[0] == '+' ? 1 : 0;
  const char* begin = text.data() + sign;
  const char* end = text.data() + text.size();
  if (sign == 1 && begin != end && *begin == '-') return 0;
  const auto [stop, ec] = std::from_chars(begin, end, value);
  if (stop == begin) return 0;
  if (ec == std::errc::result_out_of_range) {
    // Too small is zero; too large is no number.
    value = std::strtod(std::string(begin, stop).c_str(), nullptr);
    if (std::isinf(value)) return 0;
  } else if (ec != std::errc()) {
    return 0;
  }
  return static_cast<size_t>(stop - text.data());
}

void OpenMetricsParser::SkipBlanks(std::string_view line) {
  while (at_ < line.size() && (line[at_] == ' ' || line[at_] == '\t')) ++at_;
}

Status OpenMetricsParser::TakeLine(std::string_view line) {
  at_ = 0;
  if (seen_eof_ && !line.empty()) return Fail("text after \"# EOF\"");
  SkipBlanks(line);
  if (at_ == line.size()) return Ok{};
  if (line[at_] == '#') return TakeComment(line.substr(at_));
  return TakeSample(line);
}

// "# EOF" ends a file; "# TYPE name type" must be whole; any other comment passes.
Status OpenMetricsParser::TakeComment(std::string_view line) {
  if (line == "# EOF") {
    seen_eof_ = true;
    return Ok{};
  }
  for (const std::string_view keyword : {"# TYPE ", "# HELP ", "# UNIT "}) {
    if (!line.starts_with(keyword)) continue;
    at_ += keyword.size();
    const std::string_view rest = line.substr(keyword.size());
    if (rest.empty() || rest[0] == ' ') {
      return Fail("expected a metric name after " + std::string(keyword.substr(0, 6)));
    }
    if (keyword == "# TYPE " && rest.find(' ') == std::string_view::npos) {
      return Fail("expected a type after the metric name");
    }
  }
  return Ok{};
}

// Sets series_ and moves at_ behind the series' text.
Status OpenMetricsParser::FindSeries(std::string_view line) {
  const std::string_view rest = line.substr(at_);
  if (!last_text_.empty() && rest.starts_with(last_text_)) {
    const size_t length = last_text_.size();
    const char next = length < rest.size() ? rest[length] : ' ';
    if (last_text_.back() == '}' || next == ' ' || next == '\t') {
      at_ += length;
      return Ok{};
    }
  }
  const size_t begin = at_;
  const size_t end = SeriesTextEnd(line, at_);
  const std::string_view text = line.substr(begin, end - begin);
  const auto known = end == std::string_view::npos ? std::nullopt : table_.Find(text);
  if (known) {
    series_ = *known;
    at_ = end;
  } else {
    QUELL_ASSIGN(const Labels labels, ParseSeriesText(line, at_));
    if (at_ != end) return Fail("expected a blank, not " + Word(line, at_));
    if (labels.MetricName().empty()) return at_ = begin, Fail("the metric name is missing");
    series_ = sink_.Series(labels);
    if (series_ != HistorySink::kNoSeries) ++counters_.series;
    QUELL_TRY(table_.Insert(text, series_));
  }
  last_text_ = text;
  return Ok{};
}

Result<double> OpenMetricsParser::Value(std::string_view line) {
  double value = 0;
  const size_t used = ParseNumber(line.substr(at_), value);
  const size_t end = at_ + used;
  if (used == 0 || (end < line.size() && line[end] != ' ' && line[end] != '\t')) {
    return Fail("expected a value, not " + Word(line, at_));
  }
  at_ = end;
  return value;
}

Result<TimeMs> OpenMetricsParser::Timestamp(std::string_view line) {
  if (at_ >= line.size() || line[at_] == '#') {
    return Fail("the sample has no timestamp, which history needs");
  }
  const std::string_view rest = line.substr(at_);
  TimeMs time = 0;
  size_t used = ParseDecimalTime(rest, time);
  if (used == 0) {  // an exponent, perhaps
    double seconds = 0;
    used = ParseNumber(rest, seconds);
    if (used > 0 && !(std::abs(seconds) < kSecondsMax)) used = 0;
    if (used > 0) time = std::llround(seconds * 1000);
  }
  const size_t end = at_ + used;
  const bool in_range = std::abs(static_cast<double>(time)) < kSecondsMax * 1000;
  if (used == 0 || !in_range || (end < line.size() && line[end] != ' ' && line[end] != '\t')) {
    return Fail("expected a timestamp, not " + Word(line, at_));
  }
  at_ = end;
  return time;
}

// What may follow a timestamp: an exemplar `# {labels} value [timestamp]`.
Status OpenMetricsParser::TakeRest(std::string_view line) {
  SkipBlanks(line);
  if (at_ == line.size()) return Ok{};
  if (line[at_] != '#') return Fail("expected the end of the line, not " + Word(line, at_));
  ++at_;
  SkipBlanks(line);
  if (at_ == line.size() || line[at_] != '{') return Fail("expected an exemplar's {");
  QUELL_TRY(ParseSeriesText(line, at_));
  SkipBlanks(line);
  QUELL_TRY(Value(line));
  SkipBlanks(line);
  if (at_ < line.size()) QUELL_TRY(Timestamp(line));
  SkipBlanks(line);
  if (at_ < line.size()) return Fail("expected the end of the line, not " + Word(line, at_));
  ++counters_.exemplars_dropped;
  return Ok{};
}

Status OpenMetricsParser::TakeSample(std::string_view line) {
  QUELL_TRY(FindSeries(line));
  if (series_ == HistorySink::kNoSeries) {
    ++counters_.skipped_samples;
    return Ok{};
  }
  SkipBlanks(line);
  if (at_ < line.size() && line[at_] == '{') {  // a native histogram in a dump
    ++counters_.skipped_samples;
    return Ok{};
  }
  QUELL_ASSIGN(const double value, Value(line));
  SkipBlanks(line);
  QUELL_ASSIGN(const TimeMs time, Timestamp(line));
  if (at_ < line.size()) QUELL_TRY(TakeRest(line));
  ++counters_.samples;
  return sink_.Add(series_, time, value);
}

}  // namespace quell::ingest
