#include "cli/static_rules_flags.h"

namespace quell::cli {

void AddStaticRulesFlags(CLI::App& verb, StaticRulesFlags& flags) {
  auto* rules = verb.add_option("--static-rules", flags.files,
                                "Prometheus rules file: what its alerts would have paged over the\n"
                                "same history, beside; repeatable; needs --prometheus")
                    ->type_name("FILE");
  auto* server = verb.add_option("--prometheus", flags.prometheus.url,
                                 "the Prometheus that holds the history, to evaluate the rules")
                     ->type_name("URL")
                     ->needs(rules);
  rules->needs(server);
  verb.add_option("--static-group-by", flags.group_by,
                  "labels that Alertmanager groups the alerts by; ... = all")
      ->type_name("LABEL,...")
      ->delimiter(',')
      ->capture_default_str()
      ->needs(rules);
  verb.add_option("--static-pages-for", flags.pages_for,
                  "only alerts that match page, as {severity=\"critical\"}; default: all")
      ->type_name("SELECTOR")
      ->needs(rules);
  AddPrometheusAccessFlags(verb, flags.prometheus);
}

Result<replay::StaticRulesOptions> StaticRulesOptionsOf(const StaticRulesFlags& flags) {
  replay::StaticRulesOptions options;
  if (flags.files.empty()) return options;
  QUELL_TRY(ingest::CheckPrometheusUrl("--prometheus", flags.prometheus.url));
  options.files = flags.files;
  QUELL_ASSIGN(options.access, PrometheusAccessOf(flags.prometheus));
  options.notify.group_by = flags.group_by;
  if (!flags.pages_for.empty()) {
    auto selector = Selector::Parse(flags.pages_for);
    if (!selector.ok()) return WithContext(selector.error(), "--static-pages-for");
    options.pages_for = *std::move(selector);
  }
  return options;
}

}  // namespace quell::cli
