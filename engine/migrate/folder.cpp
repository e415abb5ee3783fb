#include "engine/migrate/folder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <limits>
#include <set>

#include "engine/migrate/annotation.h"
#include "engine/migrate/formats.h"

namespace drydock::migrate {
namespace {

// Above that a number is a date: 20240101. Nobody counts days without gaps.
constexpr std::uint64_t kSmallestDate = 10'000'000;
constexpr std::size_t kMostNamed = 4;

struct Reader {
    Format format;
    std::string_view marker;  // of annotations; empty where names tell
    void (*read)(Reading&);
};
constexpr std::array kReaders{
    Reader{Format::GolangMigrate, "", read_golang_migrate},
    Reader{Format::SqlMigrate, "+migrate", read_sql_migrate},
    Reader{Format::Goose, "+goose", read_goose},
    Reader{Format::Dbmate, "migrate:", read_dbmate},
    Reader{Format::Flyway, "", read_flyway},
    Reader{Format::Diesel, "", read_diesel},
};

// What looking at the names, then into the files, has found.
using Found = std::map<Format, std::vector<std::string>>;

// Every format whose annotations a file has.
void look_into(Reading& reading, const std::string& name, Found& found) {
    const auto file = reading.load(name);
    if (file == nullptr) return;
    for (const Reader& reader : kReaders) {
        if (!reader.marker.empty() && !annotations_of(*file, reader.marker).empty())
            found[reader.format].push_back(name);
    }
}

Found look(Reading& reading) {
    Found found;
    for (const Entry& entry : reading.entries()) {
        const auto pair = pair_name(entry.name);
        if (is_diesel_folder(reading, entry)) {
            found[Format::Diesel].push_back(entry.name + "/");
        } else if (entry.is_folder) {
            continue;
        } else if (pair && pair->extension.ends_with("sql")) {
            found[Format::GolangMigrate].push_back(entry.name);
        } else if (is_flyway_name(entry.name)) {
            found[Format::Flyway].push_back(entry.name);
        } else if (entry.name.ends_with(kSql)) {
            look_into(reading, entry.name, found);
        }
    }
    return found;
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i)
        text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > kMostNamed)
        text += " and " + std::to_string(names.size() - kMostNamed) + " more";
    return text;
}

// The one format of the folder; what keeps it from having one is told.
std::optional<Format> settled(Reading& reading, const Found& found) {
    if (reading.options().format) return reading.options().format;
    if (found.size() == 1) return found.begin()->first;
    if (found.empty()) {
        if (reading.has_problems()) return std::nullopt;
        std::vector<std::string> names;
        for (const Entry& entry : reading.entries()) names.push_back(entry.name);
        reading.problem("",
                        names.empty() ? "the folder is empty"
                                      : "there are no migrations in it, only " + listed(names),
                        "name the folder that holds the migrations, or make the first one");
        return std::nullopt;
    }
    std::string all;
    for (const auto& [format, names] : found) {
        all += (all.empty() ? "" : "; ") + std::string(format_name(format)) + ": " + listed(names);
    }
    reading.problem("", "the files are of several formats: " + all,
                    "keep one format in a folder, or name the one that is meant");
    return std::nullopt;
}

// What no reader took: programs between the migrations, and files that are none. A numbered .sql
// file that is none of the format's is told: somebody meant it to be applied.
void take_the_rest(Reading& reading) {
    constexpr std::array<std::string_view, 8> kPrograms{".go", ".py", ".js", ".ts",
                                                        ".rb", ".java", ".kt", ".php"};
    Folder& folder = reading.folder;
    std::set<std::string, std::less<>> taken;
    for (const Migration& migration : folder.migrations) {
        taken.insert(migration.up.file->path);
        if (migration.down) taken.insert(migration.down->file->path);
    }
    for (const CodeMigration& code : folder.code) taken.insert(code.path);
    for (const Entry& entry : reading.entries()) {
        const std::string& name = entry.name;
        const auto numbered = numbered_name(name);
        const bool own_folder = folder.format == Format::Diesel && entry.is_folder && numbered;
        if (taken.contains(name) || own_folder || reading.was_told(name)) continue;
        const bool is_program = !entry.is_folder && numbered &&
                                numbered->rest.starts_with('_') && !name.ends_with("_test.go") &&
                                !pair_name(name) &&
                                std::ranges::any_of(kPrograms, [&](std::string_view end) {
                                    return name.ends_with(end);
                                });
        if (is_program) {
            if (auto version = version_of(reading, name, numbered->digits))
                folder.code.push_back({.version = std::move(*version), .path = name});
        } else if (numbered && !entry.is_folder && name.ends_with(kSql) &&
                   !reading.options().format) {
            reading.problem(name,
                            "it begins with a number, but is no migration of " +
                                std::string(format_name(folder.format)),
                            "mark it as one, or name it without a number");
        } else {
            folder.beside.push_back(entry.is_folder ? name + "/" : name);
        }
    }
}

// Whether `left` is applied before `right`, as the tool orders them.
class Before {
  public:
    explicit Before(Format format) : format_(format) {}

    bool operator()(const Migration& left, const Migration& right) const {
        if (left.kind != right.kind) return left.kind == Migration::Kind::Versioned;
        if (left.kind == Migration::Kind::Repeatable) return left.name < right.name;
        if (format_ == Format::Dbmate || format_ == Format::Diesel)
            return left.up.file->path < right.up.file->path;
        const bool right_has_none = right.version.parts.empty();
        if (left.version.parts.empty() || right_has_none)
            return left.version.parts.empty() == right_has_none ? left.key < right.key
                                                                : right_has_none;
        if (left.version.parts != right.version.parts)
            return left.version.parts < right.version.parts;
        return left.up.file->path < right.up.file->path;
    }

  private:
    Format format_;
};

void refuse_shared_versions(Reading& reading) {
    std::map<std::vector<std::uint64_t>, std::string> known;
    const auto see = [&](const Version& version, const std::string& path) {
        if (version.parts.empty()) return;
        const auto [first, fresh] = known.emplace(version.parts, path);
        if (fresh) return;
        reading.problem(path, "its number is also that of " + first->second,
                        "give one of them the next number that is free");
    };
    for (const Migration& migration : reading.folder.migrations) {
        const std::string& path = migration.up.file->path;
        // 2024-05-01-x.sql: to sql-migrate the names differ, and the number is a year.
        const bool by_name = reading.folder.format == Format::SqlMigrate &&
                             !path.substr(migration.version.text.size()).starts_with('_');
        if (!by_name) see(migration.version, path);
    }
    for (const CodeMigration& code : reading.folder.code) see(code.version, code.path);
}

void find_gaps(Folder& folder) {
    std::vector<std::uint64_t> numbers;
    for (const Migration& migration : folder.migrations) {
        if (migration.version.parts.size() == 1) numbers.push_back(migration.version.number());
    }
    for (const CodeMigration& code : folder.code) {
        if (code.version.parts.size() == 1) numbers.push_back(code.version.number());
    }
    std::ranges::sort(numbers);
    for (std::size_t i = 1; i < numbers.size(); ++i) {
        if (numbers[i] < kSmallestDate && numbers[i] > numbers[i - 1] + 1)
            folder.gaps.push_back({.after = numbers[i - 1], .before = numbers[i]});
    }
}

void refuse_empty(Reading& reading) {
    if (!reading.folder.migrations.empty() || !reading.folder.code.empty() ||
        reading.has_problems())
        return;
    reading.problem("",
                    "there are no migrations of " +
                        std::string(format_name(reading.folder.format)) + " in it",
                    "name the folder that holds the migrations, or another format");
}

}  // namespace

std::optional<NumberedName> numbered_name(std::string_view name) {
    const std::size_t end = std::min(name.find_first_not_of("0123456789"), name.size());
    if (end == 0) return std::nullopt;
    return NumberedName{.digits = name.substr(0, end), .rest = name.substr(end)};
}

std::optional<Version> version_of(Reading& reading, std::string_view file,
                                  std::string_view digits) {
    std::uint64_t number = 0;
    const auto [end, failed] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (failed == std::errc::invalid_argument || end != digits.data() + digits.size()) {
        reading.problem(file, "its version " + std::string(digits) + " is no number",
                        "name it by a number or a date");
        return std::nullopt;
    }
    if (failed != std::errc() || number > std::numeric_limits<std::int64_t>::max()) {
        reading.problem(file, "its number is larger than any that a database keeps",
                        "give it a number of at most 18 digits");
        return std::nullopt;
    }
    return Version{.text = std::string(digits), .parts = {number}};
}

ReadResult read_folder(const std::string& path, const ReadOptions& options) {
    Reading reading(path, options);
    const auto format = settled(reading, look(reading));
    if (format) {
        reading.folder.format = *format;
        std::ranges::find(kReaders, *format, &Reader::format)->read(reading);
        take_the_rest(reading);
        std::ranges::stable_sort(reading.folder.migrations, Before(*format));
        std::ranges::stable_sort(reading.folder.code, {}, [](const CodeMigration& code) {
            return code.version.parts;
        });
        refuse_shared_versions(reading);
        refuse_empty(reading);
    }
    ReadResult result{.folder = {}, .problems = reading.take_problems()};
    if (!result.problems.empty()) return result;
    find_gaps(reading.folder);
    result.folder = std::move(reading.folder);
    return result;
}

}  // namespace drydock::migrate
