// golang-migrate: a file for each direction, VERSION_NAME.up.sql and VERSION_NAME.down.sql. The
// tool pairs them by their number alone, which may be padded or a timestamp, and takes whatever
// stands behind the direction for the extension.

#include <algorithm>

#include "engine/migrate/formats.h"
#include "engine/migrate/script.h"

namespace drydock::migrate {
namespace {

constexpr std::string_view kUp = ".up.";
constexpr std::string_view kDown = ".down.";

// "sql", and ".sql" of 000001_x.up..sql, which happens.
bool is_sql(std::string_view extension) {
    return extension == "sql" || extension.ends_with(".sql");
}

struct Files {
    std::string up;
    std::string down;
    std::string name;
    Version version;
};

// The file of one direction; a second one is told.
void place(Reading& reading, std::string& slot, const std::string& file) {
    if (slot.empty()) {
        slot = file;
        return;
    }
    reading.problem(file, "its number is also that of " + slot,
                    "give one of them the next number that is free");
}

// A file of both directions, which somebody renamed: run whole, it would undo itself.
void refuse_other_annotations(Reading& reading, const SourceFile& file) {
    constexpr std::array<std::string_view, 3> kDowns{"-- +migrate Down", "-- +goose Down",
                                                     "-- migrate:down"};
    for (const std::string_view down : kDowns) {
        const std::size_t at = file.text.find(down);
        if (at == std::string::npos || (at > 0 && file.text[at - 1] != '\n')) continue;
        reading.problem(file, at, "a part that takes it back, in a file that is run whole",
                        "move it into the .down.sql, without this line");
    }
}

void read_pair(Reading& reading, const Files& files) {
    if (files.up.empty()) {
        reading.problem(files.down, "it takes back a migration that is not there",
                        "write the .up.sql of the same number, or take this file away");
        return;
    }
    const auto up = reading.load(files.up);
    const auto down = files.down.empty() ? nullptr : reading.load(files.down);
    if (up == nullptr) return;
    refuse_other_annotations(reading, *up);
    Migration migration{.version = files.version,
                        .name = files.name,
                        .key = std::to_string(files.version.number()),
                        .up = make_script(reading, up)};
    if (down != nullptr) migration.down = make_script(reading, down);
    finish_migration(reading, migration);
    reading.folder.migrations.push_back(std::move(migration));
}

}  // namespace

std::optional<PairName> pair_name(std::string_view file) {
    const auto numbered = numbered_name(file);
    if (!numbered || !numbered->rest.starts_with('_')) return std::nullopt;
    const std::string_view rest = numbered->rest.substr(1);
    const std::size_t up = rest.rfind(kUp);
    const std::size_t down = rest.rfind(kDown);
    const bool is_up = up != rest.npos && (down == rest.npos || up > down);
    const std::size_t at = is_up ? up : down;
    if (at == rest.npos) return std::nullopt;
    return PairName{.digits = numbered->digits,
                    .name = rest.substr(0, at),
                    .extension = rest.substr(at + (is_up ? kUp : kDown).size()),
                    .up = is_up};
}

void read_golang_migrate(Reading& reading) {
    std::map<std::uint64_t, Files> pairs;
    for (const Entry& entry : reading.entries()) {
        const auto pair = pair_name(entry.name);
        if (!pair || entry.is_folder) continue;
        auto version = version_of(reading, entry.name, pair->digits);
        if (!version) continue;
        if (pair->extension == "go") {
            if (pair->up) reading.folder.code.push_back({.version = *version, .path = entry.name});
            continue;
        }
        if (!is_sql(pair->extension)) {
            reading.problem(entry.name,
                            "golang-migrate takes it for a migration, but it is no .sql",
                            "rename it, or move it elsewhere");
            continue;
        }
        Files& files = pairs[version->number()];
        place(reading, pair->up ? files.up : files.down, entry.name);
        if (pair->up || files.name.empty()) files.name = pair->name;
        if (pair->up || files.version.parts.empty()) files.version = std::move(*version);
    }
    for (const auto& [number, files] : pairs) read_pair(reading, files);
}

}  // namespace drydock::migrate
