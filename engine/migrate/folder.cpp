#include "engine/migrate/folder.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>

#include "engine/migrate/formats.h"

namespace drydock::migrate {
namespace {

// Above that a number is a date: 20240101. Nobody counts days without gaps.
constexpr std::uint64_t kSmallestDate = 10'000'000;

bool is_before(const Version& left, const Version& right) { return left.parts < right.parts; }

void order(Folder& folder) {
    std::ranges::stable_sort(folder.migrations, is_before, &Migration::version);
    std::ranges::stable_sort(folder.code, is_before, &CodeMigration::version);
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
    if (failed != std::errc() || number > std::numeric_limits<std::int64_t>::max()) {
        reading.problem(file, "its number is larger than any that a database keeps",
                        "give it a number of at most 18 digits");
        return std::nullopt;
    }
    return Version{.text = std::string(digits), .parts = {number}};
}

ReadResult read_folder(const std::string& path, const ReadOptions& options) {
    Reading reading(path, options);
    read_golang_migrate(reading);
    if (reading.folder.migrations.empty() && reading.folder.code.empty() &&
        !reading.has_problems())
        reading.problem("", "there are no migrations in it",
                        "name the folder that holds them, or make the first one");
    ReadResult result{.folder = {}, .problems = reading.take_problems()};
    if (!result.problems.empty()) return result;
    order(reading.folder);
    find_gaps(reading.folder);
    result.folder = std::move(reading.folder);
    return result;
}

}  // namespace drydock::migrate
