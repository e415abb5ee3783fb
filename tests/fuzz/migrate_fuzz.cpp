// Any text as a file of migrations, in each format and dialect. The first byte chooses its name.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <string>

#include "engine/migrate/folder.h"
#include "engine/sql/split.h"
#include "tests/doubles/temp_folder.h"
#include "tests/fuzz/fuzz.h"

using namespace drydock;

namespace {

// Nothing is lost between statements: there are only semicolons, blanks and comments.
void check_gap(std::string_view gap, sql::Dialect dialect) {
    for (const sql::Token& token : sql::lex(gap, dialect)) MUST(token.text == ";");
}

void check_split(std::string_view text, sql::Dialect dialect) {
    const sql::SplitText found = sql::split_file(text, dialect);
    for (const sql::SplitProblem& problem : found.problems)
        MUST(problem.offset < text.size() && !problem.message.empty() && !problem.hint.empty());
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    const bool changes_strings = lower.find("standard_conforming_strings") != std::string::npos;
    std::size_t at = 0;
    for (const sql::FileStatement& statement : found.statements) {
        const auto begin = static_cast<std::size_t>(statement.text.data() - text.data());
        MUST(begin >= at && begin + statement.text.size() <= text.size());
        MUST(!statement.tokens.empty());
        if (found.problems.empty()) check_gap(text.substr(at, begin - at), dialect);
        at = begin + statement.text.size();
        if (statement.data) {
            const auto data = static_cast<std::size_t>(statement.data->data() - text.data());
            MUST(data >= at && data + statement.data->size() <= text.size());
            at = data + statement.data->size();
            if (text.substr(at).starts_with("\\.")) at += 2;
        }
        // Alone it is the same, unless what stood before it changed how strings are read, or it
        // looks like a command of the sqlite3 shell once it begins a line.
        if (statement.text.starts_with('.') || changes_strings) continue;
        const sql::SplitText alone = sql::split_file(statement.text, dialect);
        MUST(alone.problems.empty() && alone.statements.size() == 1);
        MUST(alone.statements[0].text == statement.text);
    }
    if (found.problems.empty()) check_gap(text.substr(at), dialect);
}

void check_script(const migrate::Script& script, std::string_view text) {
    MUST(script.file->text == text);
    MUST(script.first_line <= script.last_line);
    for (const migrate::Statement& statement : script.statements) {
        MUST(statement.place.line >= script.first_line && statement.place.line <= script.last_line);
        if (script.replaced == nullptr)
            MUST(text.substr(statement.offset, statement.text.size()) == statement.text);
    }
    (void)script.transaction_control();
}

void check_read(const std::string& name, std::string_view text, sql::Dialect dialect) {
    static const TempFolder folder;
    const std::string path = folder.file(name);
    std::ofstream(path, std::ios::binary) << text;
    const migrate::ReadResult read = migrate::read_folder(
        folder.path(), {.dialect = dialect, .variables = {{"a", "x;y"}, {"empty", ""}}});
    ::unlink(path.c_str());
    MUST(read.folder.has_value() == read.problems.empty());
    for (const runbook::Diagnostic& problem : read.problems)
        MUST(!problem.message.empty() && !problem.hint.empty());
    if (!read.folder) return;
    for (const migrate::Migration& migration : read.folder->migrations) {
        check_script(migration.up, text);
        if (migration.down) check_script(*migration.down, text);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    constexpr std::array<const char*, 4> kNames{"1_a.sql", "1_a.up.sql", "V1__a.sql", "R__a.sql"};
    const std::string_view text = fuzz::text_of(bytes + 1, size - 1);
    const sql::Dialect dialect = bytes[0] % 2 == 0 ? sql::Dialect::Sqlite : sql::Dialect::Postgres;
    check_split(text, dialect);
    check_read(kNames[(bytes[0] / 2) % kNames.size()], text, dialect);
    return 0;
}
