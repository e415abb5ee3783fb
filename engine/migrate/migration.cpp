#include "engine/migrate/migration.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/sql/statement_class.h"

namespace drydock::migrate {
namespace {

struct Named {
    Format format;
    std::string_view name;
};
constexpr std::array kNames{
    Named{Format::GolangMigrate, "golang-migrate"},
    Named{Format::SqlMigrate, "sql-migrate"},
    Named{Format::Goose, "goose"},
    Named{Format::Dbmate, "dbmate"},
    Named{Format::Flyway, "flyway"},
    Named{Format::Diesel, "diesel"},
};

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

std::string_view format_name(Format format) {
    const auto* const found = std::ranges::find(kNames, format, &Named::format);
    CHECK(found != kNames.end());
    return found->name;
}

Format format_named(std::string_view name) {
    const auto* const found = std::ranges::find(kNames, name, &Named::name);
    if (found != kNames.end()) return found->format;
    throw Error(ErrorCode::Document, "`" + std::string(name) + "` is no format of migrations",
                "golang-migrate, sql-migrate, goose, dbmate, flyway or diesel");
}

std::size_t SourceFile::begin() const {
    return text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
}

runbook::Place SourceFile::place_of(std::size_t offset) const {
    CHECK(offset <= text.size());
    const auto after = std::ranges::upper_bound(line_starts, offset);
    const auto line = static_cast<std::size_t>(after - line_starts.begin());
    std::size_t column = offset - line_starts[line - 1] + 1;
    if (line == 1 && column > begin()) column -= begin();
    return {.line = static_cast<std::uint32_t>(line), .column = static_cast<std::uint32_t>(column)};
}

std::string_view SourceFile::line(std::uint32_t number) const {
    if (number == 0 || number > line_starts.size()) return {};
    const std::size_t from = number == 1 ? begin() : line_starts[number - 1];
    const std::size_t to = number < line_starts.size() ? line_starts[number] - 1 : text.size();
    std::string_view found = std::string_view(text).substr(from, to - from);
    if (found.ends_with('\r')) found.remove_suffix(1);
    return found;
}

std::vector<std::size_t> Script::transaction_control() const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < statements.size(); ++i) {
        if (sql::controls_transaction(statements[i].tokens)) found.push_back(i);
    }
    return found;
}

std::uint64_t Version::number() const {
    CHECK(!parts.empty());
    return parts.front();
}

const Migration* Folder::find(std::string_view version) const {
    const auto written = std::ranges::find_if(migrations, [version](const Migration& migration) {
        return !version.empty() && migration.version.text == version;
    });
    if (written != migrations.end()) return &*written;
    std::uint64_t number = 0;
    const auto [end, failed] =
        std::from_chars(version.data(), version.data() + version.size(), number);
    if (failed != std::errc() || end != version.data() + version.size()) return nullptr;
    const auto numbered = std::ranges::find_if(migrations, [number](const Migration& migration) {
        return migration.version.parts == std::vector{number};
    });
    return numbered == migrations.end() ? nullptr : &*numbered;
}

}  // namespace drydock::migrate
