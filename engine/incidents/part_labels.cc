#include "engine/incidents/part_labels.h"

#include <algorithm>
#include <array>

namespace quell::incidents {
namespace {

constexpr std::array<std::string_view, 17> kPartLabels = {
    "service",   "service_name", "app",      "app_name", "application", "job",
    "component", "microservice", "workload", "module",   "deployment",  "k8s_deployment_name",
    "instance",  "pod",          "pod_name", "host",     "container"};

constexpr std::ptrdiff_t kCopies = 5;  // the last ones

}  // namespace

bool NamesPart(std::string_view label_name) {
  return std::find(kPartLabels.begin(), kPartLabels.end(), label_name) != kPartLabels.end();
}

bool NamesCopy(std::string_view label_name) {
  return std::find(kPartLabels.end() - kCopies, kPartLabels.end(), label_name) != kPartLabels.end();
}

}  // namespace quell::incidents
