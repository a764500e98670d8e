// Asks a Prometheus server for no more than the signals need: for the selectors of the
// configuration, or for the metrics that discovery could make something of.
#include <algorithm>

#include "core/log.h"
#include "engine/backfill/source.h"
#include "engine/signals/discovery.h"

namespace quell::backfill {
namespace {

constexpr DurationMs kFirstWindowMs = 2 * kHourMs;  // a block of a Prometheus server
constexpr size_t kNamesMax = 100000;
constexpr size_t kPatternBytesMax = 64U << 10U;  // a longer selector costs more than it saves
constexpr std::string_view kEverything = "{__name__=~\".+\"}";

// Whether discovery might use a series of this name, whatever its other labels are.
bool MayBeDiscovered(const std::string& name) {
  return !signals::Discover(Labels{{std::string(kMetricName), name}, {"service", "any"}}).empty() ||
         !signals::Discover(Labels{{std::string(kMetricName), name}, {"le", "1"}}).empty() ||
         !signals::Discover(Labels{{std::string(kMetricName), name}, {"outcome", "failed"}})
              .empty();
}

std::string Escaped(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == ':';
    if (!plain) return "";
    out += c;
  }
  return out;
}

// `{__name__=~"a|b"}`, or everything where that cannot be said briefly.
std::string SelectorOf(const std::vector<std::string>& names) {
  std::string pattern;
  for (const std::string& name : names) {
    const std::string escaped = Escaped(name);
    if (escaped.empty()) return std::string(kEverything);
    pattern += (pattern.empty() ? "" : "|") + escaped;
  }
  if (pattern.empty() || pattern.size() > kPatternBytesMax) return std::string(kEverything);
  return "{__name__=~\"" + pattern + "\"}";
}

class PrometheusSource final : public Source {
 public:
  PrometheusSource(PrometheusSourceOptions options, Selector selector, Wants wants)
      : options_(std::move(options)),
        reader_(options_.access, std::move(selector), options_.step_ms, options_.samples_max,
                std::move(wants)) {}

  std::string Name() const override { return "prometheus:" + reader_.safe_url(); }

  Result<Plan> Prepare(TimeMs from, TimeMs to, const Plan* former) override {
    Plan plan{options_.selector, from, to};
    if (former != nullptr) {
      plan = *former;
    } else if (plan.selector.empty()) {
      plan.selector = Choose(from, to);
    }
    auto selector = Selector::Parse(plan.selector);
    if (!selector.ok()) return WithContext(selector.error(), "selector");
    reader_.Select(*std::move(selector));
    return plan;
  }

  Result<ingest::SampleBatch> Window(TimeMs start, TimeMs end) override {
    return reader_.Fetch(start, end);
  }

  DurationMs WindowMs() const override { return kFirstWindowMs; }
  std::uint64_t HistogramChunks() const override { return reader_.histogram_chunks(); }

 private:
  [[nodiscard]] std::vector<const Selector*> Configured() const {
    std::vector<const Selector*> out;
    for (const signals::SignalDef& def : options_.definitions) {
      for (const auto* selector : {&def.total, &def.bad, &def.selector}) {
        if (selector->has_value()) out.push_back(&**selector);
      }
    }
    return out;
  }

  std::string Choose(TimeMs from, TimeMs to) {
    const std::vector<const Selector*> configured = Configured();
    const bool all_named = std::all_of(configured.begin(), configured.end(),
                                       [](const auto* one) { return !one->MetricName().empty(); });
    if (!options_.discover) {
      if (configured.size() == 1) return configured.front()->ToString();
      if (!all_named) return std::string(kEverything);
    }
    std::vector<std::string> names;
    for (const Selector* selector : configured) names.emplace_back(selector->MetricName());
    if (options_.discover) {
      if (!all_named) return std::string(kEverything);
      const auto known = reader_.MetricNames(from, to, kNamesMax);
      if (!known.ok()) {
        Log(LogLevel::kInfo, "cannot list metrics; asking for all of them",
            {{"reason", known.error().message}});
        return std::string(kEverything);
      }
      std::copy_if(known->begin(), known->end(), std::back_inserter(names), MayBeDiscovered);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return SelectorOf(names);
  }

  PrometheusSourceOptions options_;
  ingest::PrometheusReader reader_;
};

}  // namespace

Result<std::unique_ptr<Source>> MakePrometheusSource(PrometheusSourceOptions options, Wants wants) {
  QUELL_TRY(ingest::CheckPrometheusUrl("--prometheus", options.access.url));
  const std::string text = options.selector.empty() ? std::string(kEverything) : options.selector;
  auto selector = Selector::Parse(text);
  if (!selector.ok()) return WithContext(selector.error(), "--selector");
  return std::unique_ptr<Source>(std::make_unique<PrometheusSource>(
      std::move(options), *std::move(selector), std::move(wants)));
}

}  // namespace quell::backfill
