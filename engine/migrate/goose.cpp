// goose: one file each, NUMBER_name.sql, its parts under `-- +goose Up` and `-- +goose Down`;
// programs NUMBER_name.go may stand between them. Annotations are read in any case. The tool ends a
// statement at a line whose last word ends with a semicolon, except within StatementBegin and
// StatementEnd; we cut as the server does, and tell where the two differ.

#include <algorithm>
#include <array>

#include "engine/migrate/annotation.h"
#include "engine/migrate/formats.h"

namespace drydock::migrate {
namespace {

constexpr Marking kMarking{
    .tool = "goose",
    .marker = "+goose",
    .up = "-- +goose Up",
    .down = "-- +goose Down",
    .known = "Up, Down, StatementBegin, StatementEnd, NO TRANSACTION, ENVSUB ON, ENVSUB OFF",
    .cuts_lines = true,
    .up_comes_first = true};

struct Known {
    std::string_view words;  // upper case
    Verb verb;
};
constexpr std::array kKnown{
    Known{"UP", Verb::Up},
    Known{"DOWN", Verb::Down},
    Known{"STATEMENTBEGIN", Verb::BlockBegin},
    Known{"STATEMENTEND", Verb::BlockEnd},
    Known{"NO TRANSACTION", Verb::NoTransaction},
    Known{"ENVSUB ON", Verb::VariablesOn},
    Known{"ENVSUB OFF", Verb::VariablesOff},
};

Request request_of(const Annotation& annotation) {
    std::string upper(annotation.words);
    for (char& c : upper) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    }
    const auto* const found = std::ranges::find(kKnown, upper, &Known::words);
    return {.verb = found == kKnown.end() ? Verb::Unknown : found->verb};
}

// Its number and name; false when it has none that goose takes.
bool name_of(Reading& reading, const std::string& file, Migration& migration) {
    const auto numbered = numbered_name(file);
    if (!numbered || !numbered->rest.starts_with('_')) {
        reading.problem(file, "its name has no number that goose takes",
                        "name it NUMBER_name.sql");
        return false;
    }
    auto version = version_of(reading, file, numbered->digits);
    if (!version) return false;
    if (version->number() == 0) {
        reading.problem(file, "the number 0 is goose's own", "give it a number from 1");
        return false;
    }
    migration.version = std::move(*version);
    migration.key = std::to_string(migration.version.number());
    migration.name = numbered->rest.substr(1, numbered->rest.size() - 1 - kSql.size());
    return true;
}

}  // namespace

void read_goose(Reading& reading) {
    for (const std::string& name : annotated_files(reading, kMarking.marker)) {
        Migration migration = read_annotated(reading, name, kMarking, request_of);
        if (!name_of(reading, name, migration)) continue;
        finish_migration(reading, migration);
        reading.folder.migrations.push_back(std::move(migration));
    }
}

}  // namespace drydock::migrate
