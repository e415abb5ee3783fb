#include "engine/runbook/report.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace drydock::runbook {
namespace {

// A caret under a line of a megabyte helps nobody.
constexpr std::size_t kLongestLine = 400;
// A name of a megabyte is shown by its beginning.
constexpr std::size_t kLongestWords = 1000;
// Beyond that nobody reads on, and a hostile file could make us write for minutes.
constexpr std::size_t kMostDiagnostics = 1000;

// At most so many bytes, never half a character.
std::string shortened(std::string words) {
    if (words.size() <= kLongestWords) return words;
    std::size_t end = kLongestWords;
    while (end > 0 && (static_cast<unsigned char>(words[end]) & 0xC0U) == 0x80U) --end;
    words.resize(end);
    return words + "…";
}

}  // namespace

Report::Report(std::string path, std::string_view text) : path_(std::move(path)) {
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line = text.substr(begin, end - begin);
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines_.push_back(line);
        begin = end + 1;
    }
}

std::string_view Report::line(std::uint32_t number) const {
    if (number == 0 || number > lines_.size()) return {};
    return lines_[number - 1];
}

void Report::add(Place place, std::string message, std::string hint) {
    if (found_.size() >= kMostDiagnostics) return;
    message = shortened(std::move(message));
    hint = shortened(std::move(hint));
    // One mistake is often found on two ways: as a name and as a call of it.
    for (const Diagnostic& known : found_) {
        if (known.place == place && known.message == message) return;
    }
    const std::string_view shown = line(place.line);
    found_.push_back(
        {.path = path_,
         .place = place,
         .message = std::move(message),
         .hint = std::move(hint),
         .source_line = shown.size() > kLongestLine ? std::string() : std::string(shown)});
}

Diagnostics Report::take() {
    std::stable_sort(found_.begin(), found_.end(),
                     [](const Diagnostic& left, const Diagnostic& right) {
                         return std::tie(left.place.line, left.place.column) <
                                std::tie(right.place.line, right.place.column);
                     });
    return std::exchange(found_, {});
}

}  // namespace drydock::runbook
