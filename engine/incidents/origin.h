// Origin: where an incident's trouble may have begun. Plain data; ranked by origins.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/labels.h"

namespace quell::incidents {

enum class OriginReason : std::uint8_t {
  kFirst,      // what began first is part of it
  kWhole,      // all of its lanes alert
  kExplains,   // it explains nine tenths of the lanes that alert, by itself or what depends on it
  kStrongest,  // what deviates most is part of it
  kUpstream,   // others that alert depend on it
  kChangeBefore,  // a change of just this was made shortly before
};
std::string_view OriginReasonName(OriginReason reason);  // "first", "whole", ...
inline constexpr OriginReason kLastOriginReason = OriginReason::kChangeBefore;

struct Origin {
  Labels where;        // a place; of a change what it was made to. Empty = everything
  std::string change;  // the id of a change; "" = a place
  std::string named;   // the change in words; "" of a place
  double confidence = 0;
  std::vector<OriginReason> reasons;  // ascending

  bool operator==(const Origin&) const = default;
};

inline constexpr size_t kOriginsMax = 3;
// Below this confidence of the first the answer is "unclear", whatever is listed.
inline constexpr double kOriginClear = 0.5;

// Whether the first is worth naming as the origin.
bool IsClear(const std::vector<Origin>& origins);

// "psp=acme, region=eu (0.87: began first, gateway and what depends on it alert)".
std::string OriginWords(const Origin& origin);
// "Likely origin: ... .", "Likely origin: unclear; perhaps ... ."; "" where there are none.
std::string OriginSentence(const std::vector<Origin>& origins);

}  // namespace quell::incidents
