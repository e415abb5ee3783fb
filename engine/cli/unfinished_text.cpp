#include "engine/cli/unfinished_text.h"

#include <algorithm>

#include "engine/cli/text.h"

namespace drydock::cli {
namespace {

using Is = migrate::UnfinishedPart::Is;

// Those before and after are counted only.
constexpr std::size_t kMostParts = 12;

void print_part(Output& output, const migrate::UnfinishedPart& part) {
    const Style style = part.is == Is::Done      ? Style::Green
                        : part.is == Is::NotDone ? Style::Yellow
                                                 : Style::Red;
    output.line("  " + output.styled(style, padded(word_for(part.is), 9)) + " " +
                fitted(part.place + "  " + part.statement, output.width() - 12));
    output.line("            " + fitted(part.evidence, output.width() - 12));
}

}  // namespace

void print_unfinished(Output& output, const migrate::Unfinished& unfinished) {
    for (const std::string& line : wrapped("", summary(unfinished), output.width()))
        output.line(output.styled(Style::Red, line));
    std::size_t first = 0;
    while (first < unfinished.parts.size() && unfinished.parts.size() > kMostParts &&
           unfinished.parts[first].is == Is::Done)
        ++first;
    if (first > 0) output.line("  " + std::to_string(first) + " parts before it are done");
    const std::size_t end = std::min(unfinished.parts.size(), first + kMostParts);
    for (std::size_t i = first; i < end; ++i) print_part(output, unfinished.parts[i]);
    if (end < unfinished.parts.size())
        output.line("  and " + std::to_string(unfinished.parts.size() - end) + " more after them");
    for (const std::string& line : wrapped("hint: ", advice(unfinished), output.width()))
        output.line(line);
}

Value to_value(const std::optional<migrate::Unfinished>& found) {
    if (!found) return {};
    const migrate::Unfinished& unfinished = *found;
    Value::List parts;
    for (const migrate::UnfinishedPart& part : unfinished.parts) {
        parts.emplace_back(Value::Map{{"is", word_for(part.is)},
                                      {"place", part.place},
                                      {"statement", part.statement},
                                      {"evidence", part.evidence}});
    }
    return Value::Map{{"version", unfinished.version.empty() ? unfinished.key : unfinished.version},
            {"name", unfinished.name},
            {"way", unfinished.way == migrate::Passage::Way::Up ? "up" : "down"},
            {"counted", unfinished.counted},
            {"untouched", unfinished.untouched},
            {"summary", summary(unfinished)},
            {"advice", advice(unfinished)},
            {"parts", std::move(parts)}};
}

}  // namespace drydock::cli
