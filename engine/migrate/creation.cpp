#include "engine/migrate/creation.h"

#include <algorithm>
#include <limits>

#include "engine/error.h"

namespace drydock::migrate {
namespace {

// "20240102030405", and dates without a time.
constexpr std::size_t kFewestDigitsOfDate = 8;
constexpr std::size_t kDigitsOfSecond = 14;
constexpr std::size_t kUsualWidth = 6, kWidthOfGoose = 5, kWidthOfSqlMigrate = 3;

bool is_fit(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !name.empty() && std::ranges::all_of(name, fits) && name.front() != '_' &&
           name.back() != '_' && name.find("__") == std::string_view::npos;
}

std::string digits_of(Timestamp now) {
    std::string digits;
    for (const char c : to_text(now)) {
        if (digits.size() < kDigitsOfSecond && c >= '0' && c <= '9') digits += c;
    }
    return digits;
}

std::string with_width(std::uint64_t number, std::size_t width) {
    const std::string digits = std::to_string(number);
    return std::string(width - std::min(width, digits.size()), '0') + digits;
}

const Migration* last_of(const Folder& folder) {
    const Migration* last = nullptr;
    for (const Migration& one : folder.migrations) {
        if (one.kind == Migration::Kind::Versioned && !one.version.parts.empty()) last = &one;
    }
    return last;
}

std::size_t usual_width(Format format) {
    if (format == Format::Flyway) return 1;
    if (format == Format::Goose) return kWidthOfGoose;
    return format == Format::SqlMigrate ? kWidthOfSqlMigrate : kUsualWidth;
}

bool numbers_by_date(const Folder& folder, const Migration* last) {
    if (folder.format == Format::Dbmate || folder.format == Format::Diesel) return true;
    return last != nullptr && last->version.parts.size() == 1 &&
           last->version.text.size() >= kFewestDigitsOfDate &&
           (last->version.text.starts_with("19") || last->version.text.starts_with("20"));
}

// A program in between has a number as well.
std::uint64_t largest_program(const Folder& folder) {
    std::uint64_t largest = 0;
    for (const CodeMigration& one : folder.code) {
        if (!one.version.parts.empty()) largest = std::max(largest, one.version.parts.front());
    }
    return largest;
}

// "1.2" is followed by "1.3".
std::string version_after(const Folder& folder, const Migration* last) {
    const std::size_t least = usual_width(folder.format);
    const std::uint64_t program = largest_program(folder);
    if (last == nullptr) return with_width(program + 1, least);
    const std::string& text = last->version.text;
    const std::size_t begin = text.find_last_not_of("0123456789");
    const std::string before =
        begin == std::string::npos ? std::string() : text.substr(0, begin + 1);
    std::uint64_t number = last->version.parts.back();
    if (before.empty()) number = std::max(number, program);
    if (number >= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        throw Error(ErrorCode::Refused, "there is no number after " + text,
                    "name the files yourself");
    return before + with_width(number + 1, text.size() - before.size());
}

std::string dated_version(const Folder& folder, const Migration* last, Timestamp now) {
    const std::string digits = digits_of(now);
    // A folder whose last number lies in the future, or is wider, would take the new one for older.
    const std::uint64_t number = std::stoull(digits);
    if (last != nullptr && last->version.parts.size() == 1 && last->version.parts[0] >= number) {
        throw Error(ErrorCode::Refused,
                    "the last migration, " + last->version.text + "_" + last->name +
                        ", has a date that is not before now (" + digits + ")",
                    "wait a second, or look at its number: the new one must come after it");
    }
    if (folder.format != Format::Diesel) return digits;
    return digits.substr(0, 4) + "-" + digits.substr(4, 2) + "-" + digits.substr(6, 2) + "-" +
           digits.substr(8);
}

std::vector<NewFile> files_of(const Folder& folder, const std::string& version,
                              const std::string& name) {
    const std::string stem = version + "_" + name;
    const bool goes_back = std::ranges::any_of(
        folder.migrations, [](const Migration& one) { return one.down.has_value(); });
    switch (folder.format) {
        case Format::GolangMigrate: return {{stem + ".up.sql", ""}, {stem + ".down.sql", ""}};
        case Format::SqlMigrate: return {{stem + ".sql", "-- +migrate Up\n\n-- +migrate Down\n\n"}};
        case Format::Goose: return {{stem + ".sql", "-- +goose Up\n\n-- +goose Down\n\n"}};
        case Format::Dbmate: return {{stem + ".sql", "-- migrate:up\n\n-- migrate:down\n\n"}};
        case Format::Diesel: return {{stem + "/up.sql", ""}, {stem + "/down.sql", ""}};
        case Format::Flyway: {
            std::vector<NewFile> files{{"V" + version + "__" + name + ".sql", ""}};
            if (goes_back) files.push_back({"U" + version + "__" + name + ".sql", ""});
            return files;
        }
    }
    return {};
}

}  // namespace

std::vector<NewFile> next_migration(const Folder& folder, std::string_view name, Timestamp now) {
    if (!is_fit(name)) {
        throw Error(ErrorCode::Usage, "`" + std::string(name) + "` is no name for a migration",
                    "lower case letters, digits and underscores, and a verb first: add_tags");
    }
    const auto taken = std::ranges::find(folder.migrations, name, &Migration::name);
    if (taken != folder.migrations.end()) {
        throw Error(ErrorCode::Refused,
                    taken->version.text + "_" + taken->name + " has that name already",
                    "name the new one by what it changes");
    }
    const Migration* last = last_of(folder);
    const std::string version = numbers_by_date(folder, last) ? dated_version(folder, last, now)
                                                              : version_after(folder, last);
    return files_of(folder, version, std::string(name));
}

}  // namespace drydock::migrate
