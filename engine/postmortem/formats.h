// Formats: a document as Markdown (CommonMark with tables) and as HTML of one file.
//
// The text of others is inert in both: control characters and marks that turn text are shown
// (core/inert.h), and nothing in it is markup, a link or a line of its own. No script.
#pragma once

#include <string>

#include "engine/postmortem/document.h"

namespace quell::postmortem {

std::string Markdown(const Document& document);
std::string Html(const Document& document);

// One text as each format has it.
std::string MarkdownText(std::string_view text);
std::string HtmlText(std::string_view text);

}  // namespace quell::postmortem
