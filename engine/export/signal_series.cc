#include "engine/export/signal_series.h"

#include <array>
#include <charconv>
#include <cmath>

namespace quell::exports {
namespace {

constexpr double kScoreMax = 300;

struct Family {
  std::string_view name;
  std::string_view help;
  double SignalSeries::*member;
};

constexpr std::array<Family, 5> kFamilies = {{
    {"quell_signal_value", "What the signal showed at its last step.", &SignalSeries::value},
    {"quell_signal_expected", "What was expected of it.", &SignalSeries::expected},
    {"quell_signal_expected_low", "Lower end of the central 99 % of what was expected.",
     &SignalSeries::low},
    {"quell_signal_expected_high", "Upper end of the central 99 % of what was expected.",
     &SignalSeries::high},
    {"quell_signal_score", "-log10 of the fused tail probability: 3 is once in a thousand points.",
     &SignalSeries::score},
}};

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

std::string PlainName(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (!IsLetter(c) && !(c >= '0' && c <= '9')) c = '_';
  }
  if (!IsLetter(out.front())) out.insert(out.begin(), '_');
  return out;
}

void AppendNumber(std::string& out, double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  out.append(text.data(), end.ptr);
}

// {name="value",...} with the escapes of the text format.
std::string LabelText(const Labels& labels) {
  std::string out = "{";
  for (const Label& label : labels) {
    if (out.size() > 1) out += ',';
    out += label.name + "=\"";
    for (const char c : label.value) {
      if (c == '\\' || c == '"') out += '\\';
      if (c == '\n') {
        out += "\\n";
      } else {
        out += c;
      }
    }
    out += '"';
  }
  return out + '}';
}

void AppendHead(std::string& out, std::string_view name, std::string_view help) {
  for (const std::string_view part : {std::string_view("# HELP "), name, std::string_view(" "),
                                      help, std::string_view("\n# TYPE "), name}) {
    out += part;
  }
  out += " gauge\n";
}

void AppendCount(std::string& out, std::string_view name, std::string_view help, size_t count) {
  AppendHead(out, name, help);
  out += std::string(name) + ' ' + std::to_string(count) + '\n';
}

}  // namespace

Labels SeriesLabels(const Labels& group, std::string_view name) {
  std::vector<Label> out;
  for (const Label& label : group) {
    if (label.name.empty() || label.name == "alertname" || label.name == kMetricName) continue;
    const bool taken = label.name == "signal";
    out.push_back({taken ? "exported_signal" : PlainName(label.name), label.value});
  }
  out.push_back({"signal", std::string(name)});
  return Labels(std::move(out));
}

double ScoreOf(double tail_probability) {
  if (!(tail_probability > 0)) return kScoreMax;
  return std::min(kScoreMax, std::max(0.0, -std::log10(tail_probability)));
}

std::string RenderSignalSeries(const SignalSeriesSet& set) {
  std::vector<std::string> labels;
  labels.reserve(set.signals.size());
  for (const SignalSeries& signal : set.signals) labels.push_back(LabelText(signal.labels));
  std::string out;
  for (const Family& family : kFamilies) {
    AppendHead(out, family.name, family.help);
    for (size_t i = 0; i < labels.size(); ++i) {
      const double value = set.signals[i].*family.member;
      if (!std::isfinite(value)) continue;
      out += family.name;
      out += labels[i];
      out += ' ';
      AppendNumber(out, value);
      out += '\n';
    }
  }
  AppendCount(out, "quell_signals_exported", "Signals on this page.", set.signals.size());
  AppendCount(out, "quell_signals_left_out", "Signals beyond export.signals_max, not on this page.",
              set.left_out);
  return out;
}

std::vector<ingest::SampleBatch> BatchesOf(const SignalSeriesSet& set, size_t samples_max) {
  std::vector<ingest::SampleBatch> out;
  for (const SignalSeries& signal : set.signals) {
    for (const Family& family : kFamilies) {
      const double value = signal.*family.member;
      if (!std::isfinite(value)) continue;
      if (out.empty() || out.back().samples.size() >= samples_max) out.emplace_back();
      ingest::SampleBatch& batch = out.back();
      ingest::SampleBatch::Series series;
      series.labels = signal.labels;
      series.labels.Set(kMetricName, family.name);
      series.begin = static_cast<std::uint32_t>(batch.samples.size());
      series.end = series.begin + 1;
      batch.samples.push_back({set.at, value});
      batch.series.push_back(std::move(series));
    }
  }
  return out;
}

}  // namespace quell::exports
