#include "engine/migrate/directive.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace drydock::migrate {
namespace {

constexpr std::string_view kMark = "drydock:";
constexpr std::string_view kBlanks = " \t";

std::string_view trimmed(std::string_view text) {
    const std::size_t from = text.find_first_not_of(" \t\r");
    if (from == std::string_view::npos) return text.substr(0, 0);
    return text.substr(from, text.find_last_not_of(" \t\r") + 1 - from);
}

// The first word, taken away from `text`.
std::string_view take_word(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_of(kBlanks), text.size());
    const std::string_view word = text.substr(0, end);
    text = trimmed(text.substr(end));
    return word;
}

// Within a quote or the data of a COPY it is no comment.
bool is_in_statement(const Script& script, std::size_t offset) {
    const char* const at = script.file->text.data() + offset;
    const auto holds = [at](std::string_view text) {
        return std::greater_equal<>()(at, text.data()) &&
               std::less<>()(at, text.data() + text.size());
    };
    const auto after = std::ranges::upper_bound(script.statements, offset, {}, &Statement::offset);
    if (after == script.statements.begin()) return false;
    const Statement& statement = *std::prev(after);
    if (statement.data && holds(*statement.data)) return true;
    if (!holds(statement.text)) return false;
    const auto token = std::ranges::upper_bound(
        statement.tokens, at, std::less<>(),
        [](const sql::Token& one) { return one.text.data(); });
    return token != statement.tokens.begin() && holds(std::prev(token)->text);
}

// The words of the directive whose mark stands at `mark`; nullopt when that is in no line comment.
std::optional<std::string_view> words_at(const SourceFile& file, std::size_t mark) {
    const std::string_view text = file.text;
    const std::size_t before =
        mark == 0 ? std::string_view::npos : text.find_last_not_of(kBlanks, mark - 1);
    if (before == std::string_view::npos || before == 0 || text.substr(before - 1, 2) != "--")
        return std::nullopt;
    const std::size_t from = mark + kMark.size();
    return trimmed(text.substr(from, std::min(text.find('\n', from), text.size()) - from));
}

void read_directive(Reading& reading, Script& script, std::size_t mark, std::string_view words) {
    const std::string_view verb = take_word(words);
    if (verb == "irreversible") {
        if (words.empty()) {
            reading.problem(*script.file, mark, "irreversible without a reason",
                            "say why: -- drydock: irreversible the old values are gone");
        }
        script.irreversible_reason = words;
        return;
    }
    if (verb != "allow") {
        reading.problem(*script.file, mark,
                        "drydock:" + (verb.empty() ? "" : " " + std::string(verb)) +
                            " is no directive",
                        "write allow RULE reason, or irreversible REASON");
        return;
    }
    const std::string_view rule = take_word(words);
    if (rule.empty() || words.empty()) {
        reading.problem(*script.file, mark, "allow without a rule and a reason",
                        "say why: -- drydock: allow RULE the table is empty");
        return;
    }
    script.waivers.push_back({.rule = std::string(rule),
                              .reason = std::string(words),
                              .line = script.file->place_of(mark).line});
}

// Of a line `-- Description: words` above the first statement.
std::string description_of(const Script& script) {
    constexpr std::string_view kWord = "description:";
    const std::uint32_t end = script.statements.empty()
                                  ? static_cast<std::uint32_t>(script.file->line_starts.size() + 1)
                                  : script.statements.front().place.line;
    for (std::uint32_t number = 1; number < end; ++number) {
        std::string_view line = trimmed(script.file->line(number));
        if (!line.starts_with("--")) continue;
        line = trimmed(line.substr(2));
        const bool says = std::ranges::equal(
            line.substr(0, kWord.size()), kWord,
            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
        if (says) return std::string(trimmed(line.substr(kWord.size())));
    }
    return {};
}

}  // namespace

void read_directives(Reading& reading, Script& script, const std::vector<Part>& parts) {
    const std::string_view text = script.file->text;
    for (const Part& part : parts) {
        for (std::size_t mark = text.find(kMark, part.begin()); mark < part.end();
             mark = text.find(kMark, mark)) {
            const auto words = words_at(*script.file, mark);
            // What stands in replaced text is looked at as it was written.
            if (words && !is_in_statement(script, mark))
                read_directive(reading, script, mark, *words);
            // The comment goes on to the end of its line, whatever else stands in it.
            mark = words ? static_cast<std::size_t>(words->data() - text.data()) + words->size()
                         : mark + 1;
        }
    }
}

void finish_migration(Reading& reading, Migration& migration) {
    migration.digest = migration.up.file->digest;
    migration.description = description_of(migration.up);
    migration.irreversible_reason = migration.up.irreversible_reason;
    if (migration.down && migration.irreversible_reason.empty())
        migration.irreversible_reason = migration.down->irreversible_reason;
    const bool undoes = migration.down && !migration.down->statements.empty();
    if (!migration.irreversible_reason.empty()) {
        migration.reverse = Reverse::Irreversible;
        if (undoes) {
            reading.problem(migration.down->file->path,
                            "it is declared irreversible, and has statements that take it back",
                            "take away the one or the other");
        }
    } else if (migration.down) {
        migration.reverse = undoes ? Reverse::Script : Reverse::Empty;
    } else {
        migration.reverse = Reverse::Missing;
    }
    if (migration.up.statements.empty()) {
        reading.note(*migration.up.file, 0, "it has no statement",
                     "write what it does, or take the file away");
    }
}

}  // namespace drydock::migrate
