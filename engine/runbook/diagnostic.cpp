#include "engine/runbook/diagnostic.h"

#include <algorithm>
#include <numeric>

namespace drydock::runbook {
namespace {

// Levenshtein, with a transposed pair of letters counted as one error: what fingers do.
std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> before(right.size() + 1);
    std::vector<std::size_t> last(right.size() + 1);
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= left.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t changed = left[i - 1] == right[j - 1] ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + changed});
            const bool swapped =
                i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[right.size()];
}

// The caret's indentation: tabs stay tabs, so that it stands under its letter in any terminal.
std::string caret_line(const Diagnostic& diagnostic) {
    std::string out;
    for (std::size_t i = 0; i + 1 < diagnostic.place.column; ++i) {
        const char c = i < diagnostic.source_line.size() ? diagnostic.source_line[i] : ' ';
        const bool continues =
            (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;  // UTF-8: no column
        if (!continues) out += c == '\t' ? '\t' : ' ';
    }
    return out + "^";
}

}  // namespace

std::string to_text(const Diagnostic& diagnostic) {
    std::string out = diagnostic.path;
    if (diagnostic.place.line > 0) {
        out += ":" + std::to_string(diagnostic.place.line) + ":" +
               std::to_string(diagnostic.place.column);
    }
    out += ": error: " + diagnostic.message + "\n";
    if (!diagnostic.source_line.empty()) {
        out += "  " + diagnostic.source_line + "\n";
        if (diagnostic.place.column > 0) out += "  " + caret_line(diagnostic) + "\n";
    }
    if (!diagnostic.hint.empty()) out += "hint: " + diagnostic.hint + "\n";
    return out;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
    const std::size_t allowed = std::max<std::size_t>(word.size() / 3, 1);
    std::string best;
    std::size_t best_distance = allowed + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t longer = std::max(candidate.size(), word.size());
        if (longer - std::min(candidate.size(), word.size()) > allowed) continue;
        const std::size_t found = distance(word, candidate);
        // A single letter is within one error of every other: that would be no help.
        if (found < best_distance && found < longer) {
            best = candidate;
            best_distance = found;
        }
    }
    return best;
}

}  // namespace drydock::runbook
