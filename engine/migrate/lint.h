#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/migrate/migration.h"
#include "engine/value.h"

// What is risky or wrong in migrations, told by their words: no database is asked. Pure; any number
// of threads may look at one folder.
//
// The migrations that are looked at are a plan: what is to be applied, in one go. A table that the
// plan itself makes has no rows and no readers, so nothing is said of locks on it.
namespace drydock::migrate {

// Error: it fails, or does not do what it says. Warning: it blocks, loses or breaks something that
// is in use. Info: there is a better way.
enum class Level : std::uint8_t { Error, Warning, Info };
[[nodiscard]] std::string_view level_name(Level level);  // "error", "warning", "info": stable

enum class Where : std::uint8_t { Both, Postgres, Sqlite };

// What a statement does with the rows of a table that has some.
enum class Cost : std::uint8_t { None, Scan, Rewrite };  // reads all of them; writes them anew

// All views are constants.
struct Rule {
    std::string_view name;  // stable: waivers name it
    Level level = Level::Warning;
    Where where = Where::Both;
    Cost cost = Cost::None;    // of what it finds
    bool optional = false;     // only where LintOptions asks for it
    std::string_view summary;  // a line, lower case
    std::string_view why;      // what happens: sentences
    // A file each, which the rule finds, and does not; maybe with its name in a first comment.
    std::string_view bad;
    std::string_view good;
};
// Each rule once, in the order of the documentation.
[[nodiscard]] std::span<const Rule* const> rules();
[[nodiscard]] const Rule* find_rule(std::string_view name);  // null: there is none

struct TableSize {
    std::int64_t rows = 0;   // as the server estimates them; -1: it has not counted them yet
    std::int64_t bytes = 0;  // exact; 0: it has no row
};

struct LintOptions {
    sql::Dialect dialect = sql::Dialect::Postgres;
    // "15.4", "3.40.1"; empty: not known, and taken for a release that still gets fixes.
    std::string server_version;
    // The first migration that is not applied, by its place in Folder::migrations: it and those
    // after it are looked at, as one plan. Without it each migration is looked at, as a plan of its
    // own: in a review nobody knows where the databases are.
    std::optional<std::size_t> from;
    // By name, with the schema unless that is public or main. Where they are known, locks on
    // tables below `small_bytes` are passed over: they are held for a moment.
    std::map<std::string, TableSize, std::less<>> sizes;
    std::int64_t small_bytes = 1 << 20;
    bool idempotent = false;  // not-idempotent
    bool verb_names = false;  // name-without-verb
};

struct Finding {
    std::string_view rule;
    Level level = Level::Warning;
    std::string file;      // from the folder
    runbook::Place place;  // of the part of the statement that it is about
    std::string message;   // lower case, no full stop
    std::string hint;      // how to write it instead
};

// As commands and actions tell it: {rule, level, file, line, column, message, hint}.
[[nodiscard]] Value to_value(const Finding& finding);

// By migration and place. What a waiver passes over is not in it; a waiver that does nothing is.
[[nodiscard]] std::vector<Finding> lint(const Folder& folder, const LintOptions& options);

}  // namespace drydock::migrate
