// Completion for bash, zsh and fish, written from the tree of verbs: names, flags, the values that
// a flag takes where they are few, files and folders where it takes those. Pure.
#pragma once

#include <string>

#include "cli/tree/walk.h"

namespace quell::cli {

std::string BashCompletion(const Verb& root);
std::string ZshCompletion(const Verb& root);
std::string FishCompletion(const Verb& root);

}  // namespace quell::cli
