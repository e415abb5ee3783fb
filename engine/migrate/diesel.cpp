// diesel, and what others keep likewise: a folder for each migration, VERSION_name, with up.sql and
// maybe down.sql in it. The version is what stands before the first underscore, without its dashes;
// diesel orders it as text. A metadata.toml may ask to run outside of a transaction.

#include <algorithm>

#include "engine/migrate/formats.h"
#include "engine/migrate/script.h"

namespace drydock::migrate {
namespace {

constexpr std::string_view kUp = "up.sql";
constexpr std::string_view kDown = "down.sql";
constexpr std::string_view kMetadata = "metadata.toml";

bool has(const std::vector<Entry>& entries, std::string_view name) {
    return std::ranges::any_of(
        entries, [name](const Entry& entry) { return !entry.is_folder && entry.name == name; });
}

// Its one setting; what else stands in it is told.
bool wants_transaction(Reading& reading, const std::string& path) {
    bool wants = true;
    const auto file = reading.load(path);
    if (file == nullptr) return wants;
    for (std::uint32_t number = 1; number <= file->line_starts.size(); ++number) {
        std::string words(file->line(number).substr(0, file->line(number).find('#')));
        std::erase_if(words, [](char c) { return c == ' ' || c == '\t'; });
        if (words.empty()) continue;
        if (words == "run_in_transaction=false" || words == "run_in_transaction=true") {
            wants = words.ends_with("true");
            continue;
        }
        reading.problem(*file, file->line_starts[number - 1], "a setting that is not understood",
                        "write run_in_transaction = false, or take the line away");
    }
    return wants;
}

void read_one(Reading& reading, const std::string& folder) {
    const std::vector<Entry> entries = reading.entries_of(folder);
    const std::size_t underscore = std::min(folder.find('_'), folder.size());
    std::string digits = folder.substr(0, underscore);
    std::erase(digits, '-');
    auto version = version_of(reading, folder, digits);
    if (!version) return;
    if (!has(entries, kUp)) {
        reading.problem(folder, "there is no up.sql in it",
                        has(entries, kDown) ? "write it, or take the folder away"
                                            : "a migration is up.sql, and mostly down.sql");
        return;
    }
    const auto up = reading.load(folder + "/" + std::string(kUp));
    const bool undoes = has(entries, kDown);
    const auto down = undoes ? reading.load(folder + "/" + std::string(kDown)) : nullptr;
    if (up == nullptr) return;
    Migration migration{.version = std::move(*version),
                        .name = folder.substr(std::min(underscore + 1, folder.size())),
                        .key = digits,
                        .up = make_script(reading, up)};
    if (down != nullptr) migration.down = make_script(reading, down);
    if (has(entries, kMetadata) &&
        !wants_transaction(reading, folder + "/" + std::string(kMetadata))) {
        migration.up.in_transaction = false;
        if (migration.down) migration.down->in_transaction = false;
    }
    finish_migration(reading, migration);
    reading.folder.migrations.push_back(std::move(migration));
}

}  // namespace

bool is_diesel_folder(const Reading& reading, const Entry& entry) {
    if (!entry.is_folder || !numbered_name(entry.name)) return false;
    const std::vector<Entry> entries = reading.entries_of(entry.name);
    return has(entries, kUp) || has(entries, kDown);
}

void read_diesel(Reading& reading) {
    for (const Entry& entry : reading.entries()) {
        if (entry.is_folder && numbered_name(entry.name)) read_one(reading, entry.name);
    }
}

}  // namespace drydock::migrate
