// Which labels name a part of the system that others depend on, by Prometheus' and OpenTelemetry's
// conventions: "service", "app", "job", and the copies of one, "instance", "pod".
//
// Services call each other, so trouble of two of them at one place is no contradiction: one may
// well be the other's. Two PSPs or two regions do not call each other.
#pragma once

#include <string_view>

namespace quell::incidents {

bool NamesPart(std::string_view label_name);

// Of those, labels that tell copies of one part apart: "instance", "pod", "host".
bool NamesCopy(std::string_view label_name);

}  // namespace quell::incidents
