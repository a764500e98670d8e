// Draft: a postmortem's facts as JSON, from what is recorded of an incident.
//
// Only what the store has, nothing made up: what people have to write is headed and empty. Bounded
// and deterministic: same store, same bytes. Form: Postmortem in docs/openapi.yaml.
#pragma once

#include <string>
#include <string_view>

#include "engine/postmortem/recorded.h"

namespace quell::postmortem {

inline constexpr size_t kMembersMax = 100;   // alerts whose evidence is told, the most telling
inline constexpr size_t kTimelineMax = 500;  // moments; of more the first and the last half
inline constexpr size_t kTextMax = 1000;     // characters of one text of others

// `similar`: what SimilarTo (similar.h) found.
Json DraftOf(const Recorded& recorded, const Json& similar);

enum class Format : std::uint8_t { kMarkdown, kHtml, kJson };
// kInvalidArgument for what is none of "md", "html", "json".
Result<Format> ParseFormat(std::string_view name);
std::string_view MediaTypeOf(Format format);

// The whole draft. kNotFound where there is no such incident.
Result<std::string> Export(store::Store& store, const std::string& key, Format format);

}  // namespace quell::postmortem
