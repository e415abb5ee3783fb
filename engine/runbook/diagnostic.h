#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/runbook/runbook.h"

namespace drydock::runbook {

// One thing that is wrong with a document, at its place. All of a file are collected in one pass.
struct Diagnostic {
    std::string path;     // the file, as the user named it
    Place place;
    std::string message;  // lower case, no full stop
    std::string hint;     // may be empty
    std::string source_line;  // the line itself, for the caret; may be empty
};
using Diagnostics = std::vector<Diagnostic>;

// "file:line:column: error: message", the source line, a caret, "hint: …".
[[nodiscard]] std::string to_text(const Diagnostic& diagnostic);

// The candidate nearest to `word` (edit distance at most a third of its length), or "".
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       const std::vector<std::string>& candidates);

}  // namespace drydock::runbook
