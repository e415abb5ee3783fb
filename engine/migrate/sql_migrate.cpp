// sql-migrate: one file each, its parts under `-- +migrate Up` and `-- +migrate Down`. The tool
// takes every .sql file and knows it by its whole name; it orders by the leading number, then by
// name, and puts names without a number last. It sees an annotation only where it begins its line
// and is spelled with one blank.

#include <algorithm>

#include "engine/migrate/annotation.h"
#include "engine/migrate/formats.h"

namespace drydock::migrate {
namespace {

constexpr Marking kMarking{.tool = "sql-migrate",
                           .marker = "+migrate",
                           .up = "-- +migrate Up",
                           .down = "-- +migrate Down",
                           .known = "-- +migrate Up, Down, StatementBegin, StatementEnd",
                           .cuts_lines = true};

Request request_of(const Annotation& annotation) {
    if (!annotation.spaced) return {};
    const std::string_view words = annotation.words;
    const std::size_t end = std::min(words.find_first_of(" \t"), words.size());
    const std::string_view verb = words.substr(0, end);
    const std::size_t from = words.find_first_not_of(" \t", end);
    const std::string_view option = from == words.npos ? std::string_view() : words.substr(from);
    const bool outside = option == "notransaction";
    if (verb == "StatementBegin" && option.empty()) return {.verb = Verb::BlockBegin};
    if (verb == "StatementEnd" && option.empty()) return {.verb = Verb::BlockEnd};
    if ((verb != "Up" && verb != "Down") || (!option.empty() && !outside)) return {};
    return {.verb = verb == "Up" ? Verb::Up : Verb::Down, .no_transaction = outside};
}

// "001_add_tags.sql" → 1, "add_tags"; "initial.sql" → no number, "initial".
bool name_of(Reading& reading, const std::string& file, Migration& migration) {
    migration.key = file;
    const std::string_view stem = std::string_view(file).substr(0, file.size() - kSql.size());
    const auto numbered = numbered_name(stem);
    if (!numbered) {
        migration.version.text = stem;
        migration.name = stem;
        return true;
    }
    auto version = version_of(reading, file, numbered->digits);
    if (!version) return false;
    migration.version = std::move(*version);
    const std::string_view rest = numbered->rest;
    migration.name = rest.substr(std::min(rest.find_first_not_of("_-."), rest.size()));
    return true;
}

}  // namespace

void read_sql_migrate(Reading& reading) {
    for (const std::string& name : annotated_files(reading, kMarking.marker)) {
        Migration migration = read_annotated(reading, name, kMarking, request_of);
        if (!name_of(reading, name, migration)) continue;
        finish_migration(reading, migration);
        reading.folder.migrations.push_back(std::move(migration));
    }
}

}  // namespace drydock::migrate
