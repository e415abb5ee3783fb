// dbmate: one file each, VERSION_name.sql, its parts under `-- migrate:up` and `-- migrate:down`,
// in this order. The tool knows a migration by its digits as they are written, and orders by file
// name.

#include <algorithm>

#include "engine/migrate/annotation.h"
#include "engine/migrate/formats.h"

namespace drydock::migrate {
namespace {

constexpr Marking kMarking{.tool = "dbmate",
                           .marker = "migrate:",
                           .up = "-- migrate:up",
                           .down = "-- migrate:down",
                           .known = "up, down, each with transaction:false where it is wanted",
                           .up_comes_first = true};

Request request_of(const Annotation& annotation) {
    const std::string_view words = annotation.words;
    const std::size_t end = std::min(words.find_first_of(" \t"), words.size());
    const std::string_view verb = words.substr(0, end);
    const std::size_t from = words.find_first_not_of(" \t", end);
    const std::string_view option = from == words.npos ? std::string_view() : words.substr(from);
    const bool known = option.empty() || option == "transaction:false" ||
                       option == "transaction:true";
    if ((verb != "up" && verb != "down") || !known) return {};
    return {.verb = verb == "up" ? Verb::Up : Verb::Down,
            .no_transaction = option == "transaction:false"};
}

}  // namespace

void read_dbmate(Reading& reading) {
    for (const std::string& name : annotated_files(reading, kMarking.marker)) {
        Migration migration = read_annotated(reading, name, kMarking, request_of);
        const auto numbered = numbered_name(name);
        if (!numbered) {
            reading.problem(name, "its name does not begin with a number",
                            "name it VERSION_name.sql");
            continue;
        }
        auto version = version_of(reading, name, numbered->digits);
        if (!version) continue;
        migration.version = std::move(*version);
        migration.key = numbered->digits;
        const std::string_view rest = numbered->rest.substr(0, numbered->rest.size() - kSql.size());
        migration.name = rest.substr(std::min(rest.find_first_not_of("_-."), rest.size()));
        finish_migration(reading, migration);
        reading.folder.migrations.push_back(std::move(migration));
    }
}

}  // namespace drydock::migrate
