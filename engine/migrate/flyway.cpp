// Flyway: V1.2__name.sql is applied once, U1.2__name.sql takes it back, R__name.sql is applied anew
// whenever its text changes, after all versions. A version's parts stand between dots or single
// underscores and are compared one by one; 1 and 1.0 are the same. A file NAME.sql.conf holds
// settings of that script. ${name} stands for a value that is given.

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/migrate/checksum.h"
#include "engine/migrate/formats.h"
#include "engine/migrate/script.h"

namespace drydock::migrate {
namespace {

constexpr std::string_view kSeparator = "__";
constexpr std::string_view kConf = ".conf";

struct Name {
    char prefix = 'V';
    std::string_view version;  // "1.2", "1_2"; empty for R
    std::string_view description;
};

std::optional<Name> flyway_name(std::string_view file) {
    const std::size_t dot = file.rfind('.');
    const std::size_t separator = file.find(kSeparator);
    if (file.empty() || separator == file.npos || dot == file.npos || dot < separator)
        return std::nullopt;
    const std::size_t from = separator + kSeparator.size();
    const Name name{.prefix = file.front(),
                    .version = file.substr(1, separator - 1),
                    .description = file.substr(from, std::max(dot, from) - from)};
    if (name.prefix == 'R') return name.version.empty() ? std::optional(name) : std::nullopt;
    const bool versioned = name.prefix == 'V' || name.prefix == 'U' || name.prefix == 'B';
    const bool numbered = !name.version.empty() && numbered_name(name.version);
    return versioned && numbered ? std::optional(name) : std::nullopt;
}

std::optional<Version> version_in(Reading& reading, const std::string& file,
                                  std::string_view text) {
    Version version{.text = std::string(text), .parts = {}};
    std::ranges::replace(version.text, '_', '.');
    std::string_view rest = version.text;
    for (;;) {
        const std::size_t end = std::min(rest.find('.'), rest.size());
        std::uint64_t part = 0;
        const auto [stop, failed] = std::from_chars(rest.data(), rest.data() + end, part);
        if (failed != std::errc() || stop != rest.data() + end) {
            reading.problem(file, "the version " + version.text + " is none",
                            "write numbers with dots or single underscores between them");
            return std::nullopt;
        }
        version.parts.push_back(part);
        if (end == rest.size()) break;
        rest.remove_prefix(end + 1);
    }
    while (version.parts.size() > 1 && version.parts.back() == 0) version.parts.pop_back();
    return version;
}

struct Settings {
    bool in_transaction = true;
    bool replaces = true;
};

// Of the file beside the script; what else stands in it is told.
Settings settings_of(Reading& reading, const std::string& script) {
    Settings settings;
    const std::string path = script + std::string(kConf);
    const bool there = std::ranges::any_of(
        reading.entries(), [&](const Entry& entry) { return entry.name == path; });
    const auto file = there ? reading.load(path) : nullptr;
    if (file == nullptr) return settings;
    for (std::uint32_t number = 1; number <= file->line_starts.size(); ++number) {
        std::string words(file->line(number));
        std::erase_if(words, [](char c) { return c == ' ' || c == '\t'; });
        if (words.empty() || words.starts_with('#') || words == "encoding=UTF-8") continue;
        if (words == "executeInTransaction=false" || words == "executeInTransaction=true") {
            settings.in_transaction = words.ends_with("true");
        } else if (words == "placeholderReplacement=false" ||
                   words == "placeholderReplacement=true") {
            settings.replaces = words.ends_with("true");
        } else {
            reading.problem(*file, file->line_starts[number - 1],
                            "a setting that is not understood",
                            "executeInTransaction and placeholderReplacement are");
        }
    }
    return settings;
}

Script script_of(Reading& reading, const std::shared_ptr<const SourceFile>& file) {
    const Settings settings = settings_of(reading, file->path);
    const bool replaces = settings.replaces && file->text.find("${") != std::string::npos;
    Script script = make_script(
        reading, file,
        {{.spans = {{.begin = file->begin(),
                     .end = file->text.size(),
                     .variables = replaces ? Variables::Braces : Variables::None}}}});
    script.in_transaction = settings.in_transaction;
    return script;
}

void read_applied(Reading& reading, const std::string& file, const Name& name) {
    Migration migration{.name = std::string(name.description)};
    if (name.prefix == 'R') {
        migration.kind = Migration::Kind::Repeatable;
        migration.key = "R__" + migration.name;
    } else {
        auto version = version_in(reading, file, name.version);
        if (!version) return;
        migration.version = std::move(*version);
        migration.key = migration.version.text;
    }
    const auto source = reading.load(file);
    if (source == nullptr) return;
    migration.up = script_of(reading, source);
    // Of a repeatable script it looks at the text that it runs.
    const bool replaced =
        migration.kind == Migration::Kind::Repeatable && migration.up.replaced != nullptr;
    const std::string& summed = replaced ? *migration.up.replaced : source->text;
    migration.foreign_checksums = {flyway_checksum(summed), old_flyway_checksum(summed)};
    reading.folder.migrations.push_back(std::move(migration));
}

void read_undo(Reading& reading, const std::string& file, const Name& name) {
    const auto version = version_in(reading, file, name.version);
    const auto source = version ? reading.load(file) : nullptr;
    if (source == nullptr) return;
    const auto undone = std::ranges::find_if(
        reading.folder.migrations, [&](const Migration& migration) {
            return migration.kind == Migration::Kind::Versioned &&
                   migration.version.parts == version->parts;
        });
    if (undone == reading.folder.migrations.end()) {
        reading.problem(file, "it takes back a migration that is not there",
                        "write the V file of the same version, or take this file away");
    } else if (undone->down) {
        reading.problem(file, "its version is also that of " + undone->down->file->path,
                        "take one of them away");
    } else {
        undone->down = script_of(reading, source);
    }
}

bool is_program(std::string_view file) {
    constexpr std::array<std::string_view, 5> kPrograms{".java", ".kt", ".groovy", ".class",
                                                        ".scala"};
    return std::ranges::any_of(kPrograms, [file](auto end) { return file.ends_with(end); });
}

// V1_x.sql: Flyway leaves it out without a word.
bool nearly_named(std::string_view file) {
    return file.ends_with(kSql) && file.size() > 1 && !is_flyway_name(file) &&
           ((std::string_view("VUB").find(file.front()) != std::string_view::npos &&
             numbered_name(file.substr(1))) ||
            file.starts_with("R_"));
}

// Flyway reads the folders within too; we do not, and say so.
void refuse_inner_folders(Reading& reading) {
    for (const Entry& entry : reading.entries()) {
        if (!entry.is_folder) continue;
        const std::vector<Entry> inner = reading.entries_of(entry.name);
        if (std::ranges::any_of(inner, is_flyway_name, &Entry::name))
            reading.problem(entry.name, "it has migrations of its own",
                            "move them up, or name this folder as another one of migrations");
    }
}

// beforeMigrate.sql, afterEachMigrate__grants.sql, …: flyway runs them at its own times.
bool is_callback(std::string_view file) {
    if (!file.ends_with(kSql)) return false;
    for (const std::string_view when : {std::string_view("before"), std::string_view("after")}) {
        if (file.starts_with(when) && file[when.size()] >= 'A' && file[when.size()] <= 'Z')
            return true;
    }
    return false;
}

}  // namespace

bool is_flyway_name(std::string_view file) {
    return file.ends_with(kSql) && flyway_name(file).has_value();
}

void read_flyway(Reading& reading) {
    refuse_inner_folders(reading);
    std::vector<std::pair<std::string, Name>> undos;
    for (const Entry& entry : reading.entries()) {
        if (nearly_named(entry.name) && !entry.is_folder) {
            reading.problem(entry.name, "flyway leaves it out: its name has no __",
                            "name it V1__name.sql, U1__name.sql or R__name.sql");
        }
        if (is_callback(entry.name) && !entry.is_folder) {
            if (const auto file = reading.load(entry.name))
                reading.note(*file, 0, "flyway runs it with its migrations, Drydock does not",
                             "run it in a step of a runbook, after the migrations");
        }
        const auto name = flyway_name(entry.name);
        if (!name || entry.is_folder) continue;
        if (is_program(entry.name)) {
            auto version = version_in(reading, entry.name, name->version);
            if (version && name->prefix == 'V')
                reading.folder.code.push_back({.version = *version, .path = entry.name});
        } else if (!entry.name.ends_with(kSql)) {
            continue;
        } else if (name->prefix == 'B') {
            reading.problem(entry.name, "a baseline migration is not understood",
                            "take it away, and mark the state of the database as a baseline");
        } else if (name->prefix == 'U') {
            undos.emplace_back(entry.name, *name);
        } else {
            read_applied(reading, entry.name, *name);
        }
    }
    for (const auto& [file, name] : undos) read_undo(reading, file, name);
    for (Migration& migration : reading.folder.migrations) finish_migration(reading, migration);
}

}  // namespace drydock::migrate
