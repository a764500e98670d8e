#include "ingest/alerts/alert_parser.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ingest/utf8.h"

namespace quell::ingest {
namespace {

using Json = nlohmann::json;

constexpr TimeMs kGoZeroTime = -62135596800000;  // 0001-01-01T00:00:00Z

enum class Field : std::uint8_t { kOther, kLabels, kAnnotations, kStartsAt, kEndsAt, kUrl };

bool SameName(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

Field FieldOf(std::string_view name) {
  if (SameName(name, "labels")) return Field::kLabels;
  if (SameName(name, "annotations")) return Field::kAnnotations;
  if (SameName(name, "startsat")) return Field::kStartsAt;
  if (SameName(name, "endsat")) return Field::kEndsAt;
  if (SameName(name, "generatorurl")) return Field::kUrl;
  return Field::kOther;
}

// Every byte that is part of no character becomes U+FFFD, as Go's decoder has it.
std::string WithValidUtf8(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t longest = std::min<size_t>(4, text.size() - at);
    size_t length = 1;
    while (length <= longest && !IsValidUtf8(text.substr(at, length))) ++length;
    if (length > longest) {
      out += "\xEF\xBF\xBD";
      ++at;
    } else {
      out.append(text.substr(at, length));
      at += length;
    }
  }
  return out;
}

}  // namespace

Result<TimeMs> ParseApiTime(std::string_view text) {
  const auto bad = [&] {
    return MakeError(ErrorCode::kInvalidArgument, "parsing time " + Quoted(text) + " failed");
  };
  if (text.size() < 19 || text[4] != '-' || (text[10] != 'T' && text[10] != 't')) return bad();
  const char last = text.back();
  const bool zone = last == 'Z' || last == 'z' || text.find_first_of("+-", 19) != text.npos;
  const auto time = zone ? ParseTime(text) : ParseTime(std::string(text) + 'Z');
  if (!time.ok()) return bad();
  return *time == kGoZeroTime ? 0 : *time;
}

// Events of the JSON reader, by depth: 1 the list, 2 an alert, 3 its labels or annotations.
class AlertParser::Reader final : public nlohmann::json_sax<Json> {
 public:
  explicit Reader(AlertParser& parser) : parser_(parser) {}

  bool null() override {
    if (depth_ == 1) return Fail("an alert is null");
    if (depth_ == 3 && IsMap()) return Pair("");
    return depth_ > 0 || Wrong("null");
  }
  bool boolean(bool) override { return Scalar("bool"); }
  bool number_integer(number_integer_t) override { return Scalar("number"); }
  bool number_unsigned(number_unsigned_t) override { return Scalar("number"); }
  bool number_float(number_float_t, const string_t&) override { return Scalar("number"); }
  bool binary(binary_t&) override { return Scalar("binary"); }

  bool string(string_t& value) override {
    if (depth_ == 3 && IsMap()) {
      auto& pairs = field_ == Field::kLabels ? alert_->labels : alert_->annotations;
      pairs.back().value.swap(value);
      return true;
    }
    if (depth_ != 2) return depth_ > 2 || Wrong("string");
    switch (field_) {
      case Field::kLabels:
      case Field::kAnnotations:
        return Wrong("string");
      case Field::kStartsAt:
        return Time(value, alert_->starts_at);
      case Field::kEndsAt:
        return Time(value, alert_->ends_at);
      case Field::kUrl:
        alert_->generator_url.swap(value);
        return true;
      case Field::kOther:
        return true;
    }
    return true;
  }

  bool key(string_t& name) override {
    if (depth_ == 2) field_ = FieldOf(name);
    if (depth_ != 3 || !IsMap()) return true;
    auto& pairs = field_ == Field::kLabels ? alert_->labels : alert_->annotations;
    if (pairs.size() > parser_.limits_.labels_max) {
      // One more than may be is enough for the check to see.
      pairs.back().value.clear();
      pairs.back().name.swap(name);
      return true;
    }
    pairs.emplace_back().name.swap(name);
    return true;
  }

  bool start_array(size_t) override {
    if (depth_ == 1 || (depth_ == 2 && field_ != Field::kOther) || (depth_ == 3 && IsMap())) {
      return Wrong("array");
    }
    ++depth_;
    return true;
  }
  bool end_array() override {
    --depth_;
    return true;
  }

  bool start_object(size_t) override {
    if (depth_ == 0 || (depth_ == 3 && IsMap())) return Wrong("object");
    if (depth_ == 2 && field_ != Field::kOther && !IsMap()) return Wrong("object");
    ++depth_;
    if (depth_ == 2) return Begin();
    if (depth_ == 3 && field_ == Field::kLabels) alert_->has_labels = true;
    return true;
  }
  bool end_object() override {
    --depth_;
    if (depth_ == 2) field_ = Field::kOther;
    return true;
  }

  bool parse_error(size_t position, const std::string&, const Json::exception&) override {
    if (reason_.empty()) reason_ = "invalid JSON at byte " + std::to_string(position);
    return false;
  }

  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] bool too_many() const { return too_many_; }

 private:
  [[nodiscard]] bool IsMap() const {
    return field_ == Field::kLabels || field_ == Field::kAnnotations;
  }
  bool Fail(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }
  bool Wrong(const char* what) {
    return Fail(std::string("cannot unmarshal ") + what +
                (depth_ == 0 ? " into a list of alerts" : " into a field of an alert"));
  }
  bool Scalar(const char* what) {
    const bool skipped = depth_ > 3 || (depth_ >= 2 && field_ == Field::kOther);
    return skipped || Wrong(what);
  }
  bool Pair(std::string_view value) {
    auto& pairs = field_ == Field::kLabels ? alert_->labels : alert_->annotations;
    pairs.back().value = value;
    return true;
  }
  bool Time(const std::string& text, TimeMs& out) {
    const auto time = ParseApiTime(text);
    if (!time.ok()) return Fail(time.error().message);
    out = *time;
    return true;
  }
  bool Begin() {
    if (parser_.count_ == parser_.limits_.alerts_max) {
      too_many_ = true;
      return Fail("too many alerts");
    }
    if (parser_.count_ == parser_.alerts_.size()) parser_.alerts_.emplace_back();
    alert_ = &parser_.alerts_[parser_.count_++];
    alert_->Clear();
    field_ = Field::kOther;
    return true;
  }

  AlertParser& parser_;
  ReceivedAlert* alert_ = nullptr;
  Field field_ = Field::kOther;
  size_t depth_ = 0;
  std::string reason_;
  bool too_many_ = false;
};

void AlertParser::Trim() {
  constexpr size_t kAlertsKept = 1024;
  if (alerts_.size() <= kAlertsKept) return;
  count_ = 0;
  alerts_.resize(kAlertsKept);
  alerts_.shrink_to_fit();
}

ApiAnswer AlertParser::Parse(std::string_view body) {
  count_ = 0;
  if (body.empty()) return CodedAnswer(602, "alerts in body is required");
  std::string repaired;
  if (!IsValidUtf8(body)) {
    repaired = WithValidUtf8(body);
    body = repaired;
  }
  Reader reader(*this);
  if (Json::sax_parse(body.begin(), body.end(), &reader)) return {};
  count_ = 0;
  if (reader.too_many()) {
    return TextAnswer(413, "more than " + std::to_string(limits_.alerts_max) +
                               " alerts in one request (alerts.per_request_max)");
  }
  return CodedAnswer(400, "parsing alerts body from \"\" failed, because " + reader.reason());
}

}  // namespace quell::ingest
