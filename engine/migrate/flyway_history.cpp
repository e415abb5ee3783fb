// Flyway: `flyway_schema_history`, to which it only adds. A row says what was done last to its
// version, or, without a version, to the repeatable script of its description:
//
//   SQL, JDBC, …     applied         UNDO_SQL, …  taken back
//   BASELINE, …      it and all versions before it count as applied
//   DELETE           its file is gone and it counts as not applied    SCHEMA  nothing
//
// Without success it was begun and has failed. Flyway writes no row before it begins; we do, for
// what is no single transaction, so that Flyway refuses to go on after a crash as it does after
// a failure of its own. The row is taken away again, as by `flyway repair`, before that of the end.

#include <algorithm>
#include <charconv>
#include <map>

#include "engine/json/utf8.h"
#include "engine/migrate/checksum.h"
#include "engine/migrate/tool_table.h"
#include "engine/sql/placeholders.h"

namespace drydock::migrate {
namespace {

// What stands before the names of the constraint and the index is the table's.
constexpr std::string_view kMakeOnServer = R"(create table {} (
    "installed_rank" INT NOT NULL,
    "version" VARCHAR(50),
    "description" VARCHAR(200) NOT NULL,
    "type" VARCHAR(20) NOT NULL,
    "script" VARCHAR(1000) NOT NULL,
    "checksum" INTEGER,
    "installed_by" VARCHAR(100) NOT NULL,
    "installed_on" TIMESTAMP NOT NULL DEFAULT now(),
    "execution_time" INTEGER NOT NULL,
    "success" BOOLEAN NOT NULL
))";
constexpr std::string_view kMakeInFile = R"(create table {} (
    "installed_rank" INT NOT NULL PRIMARY KEY,
    "version" VARCHAR(50),
    "description" VARCHAR(200) NOT NULL,
    "type" VARCHAR(20) NOT NULL,
    "script" VARCHAR(1000) NOT NULL,
    "checksum" INT,
    "installed_by" VARCHAR(100) NOT NULL,
    "installed_on" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')),
    "execution_time" INT NOT NULL,
    "success" BOOLEAN NOT NULL
))";
constexpr std::string_view kRead = R"(
select version, description, type, checksum, installed_on, success from {}
 order by installed_rank)";
// [user] is who Flyway says it was: the session's user, and on SQLite nobody.
constexpr std::string_view kAdd = R"(
insert into {} (installed_rank, version, description, type, script, checksum, installed_by,
                execution_time, success)
values ((select coalesce(max(installed_rank), 0) + 1 from {}), $1, $2, $3, $4, $5, [user],
        $6, $7))";
constexpr std::string_view kRemoveFailed = "delete from {} where success = $1";
// As `flyway repair` does: the newest row of the version that says applied.
constexpr std::string_view kAccept = R"(
update {} set checksum = $2, description = $3
 where installed_rank = (select max(installed_rank) from {}
                          where version = $1 and success = $4 and substr(type, 1, 5) <> 'UNDO_'
                            and type not in ('DELETE', 'SCHEMA', 'BASELINE')))";
constexpr std::string_view kBaseline = "<< Flyway Baseline >>";
constexpr std::size_t kLongestDescription = 200;

using Parts = std::vector<std::uint64_t>;

// As Flyway compares them: 1, 001 and 1.0 are one version.
Parts parts_of(std::string_view version) {
    Parts parts;
    while (!version.empty()) {
        const std::size_t end = std::min(version.find_first_of("._"), version.size());
        std::uint64_t part = 0;
        std::from_chars(version.data(), version.data() + end, part);
        parts.push_back(part);
        version.remove_prefix(std::min(end + 1, version.size()));
    }
    while (parts.size() > 1 && parts.back() == 0) parts.pop_back();
    return parts;
}

std::string with_blanks(std::string name) {
    std::ranges::replace(name, '_', ' ');
    return name;
}

// The first `count` characters.
std::string beginning_of(std::string_view text, std::size_t count) {
    std::size_t at = 0;
    for (; count > 0 && at < text.size(); --count)
        at += std::max<std::size_t>(json::utf8_sequence(text.substr(at)), 1);
    return std::string(text.substr(0, at));
}

// "V1__add_tags.sql": "add tags", shortened as Flyway does.
std::string description_of(const Migration& migration) {
    const std::string text = with_blanks(migration.name);
    if (beginning_of(text, kLongestDescription) == text) return text;
    return beginning_of(text, kLongestDescription - 3) + "...";
}

// What the newest row says of a migration.
struct Last {
    const Migration* file = nullptr;  // absent: the folder has none
    bool applied = false;
    std::int64_t rank = 0;
    std::optional<std::int64_t> checksum;
    std::string time;
};

class FlywayHistory final : public ToolHistory {
  public:
    FlywayHistory(sql::Database& database, const Folder& folder, const ToolSettings& settings)
        : table_(database,
                 settings.table.empty() ? known_table(Format::Flyway).name : settings.table),
          folder_(folder) {
        for (const Migration& migration : folder.migrations) {
            if (migration.kind == Migration::Kind::Repeatable)
                repeatable_[description_of(migration)] = &migration;
            else
                versioned_[migration.version.parts] = &migration;
        }
    }

    [[nodiscard]] std::string table() const override { return table_.text(); }

    [[nodiscard]] ToolState read() override {
        ToolState state{.has_baseline_row = true};
        state.there = there_ = table_.is_there_as(known_table(Format::Flyway));
        failed_ = false;
        if (!state.there) return state;
        std::map<std::string, Last> last;
        Parts baseline;
        std::int64_t rank = 0;
        table_.read(kRead, [&](const sql::Row& row) {
            take(row, ++rank, last, baseline, state);
            return true;
        });
        failed_ = state.dirty.has_value();
        tell(last, baseline, state);
        return state;
    }

    [[nodiscard]] std::vector<sql::AdvisoryKey> locks() override {
        if (!table_.on_server()) return {};
        return {{"of Flyway for " + table_.text(), flyway_lock(table_.schema(), table_.name())}};
    }

    void begin(const Passage& passage) override {
        make();
        add(passage, false);
        failed_ = true;
    }
    void end(const Passage& passage) override {
        make();
        if (failed_) table_.write(kRemoveFailed, {false});
        add(passage, true);
    }
    void unmark(const Migration* /*newest*/) override {
        if (failed_) table_.write(kRemoveFailed, {false});
        failed_ = false;
    }
    void accept(const Migration& migration) override {
        table_.write(kAccept,
                     {held_.at(migration.key), std::int64_t{migration.foreign_checksums.at(0)},
                      description_of(migration), true});
    }

  private:
    // Of the folder; null: it has no file for this row.
    [[nodiscard]] const Migration* file_of(const Value& version,
                                           const std::string& description) const {
        if (version.is_null()) {
            const auto found = repeatable_.find(description);
            return found == repeatable_.end() ? nullptr : found->second;
        }
        const auto found = versioned_.find(parts_of(to_text(version)));
        return found == versioned_.end() ? nullptr : found->second;
    }

    void take(const sql::Row& row, std::int64_t rank, std::map<std::string, Last>& last,
              Parts& baseline, ToolState& state) {
        const Value version = row.value(0);
        const std::string type = to_text(row.value(2));
        if (type == "SCHEMA") return;
        const std::string description = to_text(row.value(1));
        const Migration* const file = file_of(version, description);
        const std::string key = file != nullptr     ? file->key
                                : version.is_null() ? "R__" + description
                                                    : to_text(version);
        const Value success = row.value(5);
        if (success == Value(false) || success == Value(std::int64_t{0})) {
            state.dirty = key;
            return;
        }
        if (type.ends_with("BASELINE")) {
            baseline = parts_of(to_text(version));
            state.baseline = key;
            return;
        }
        const Value checksum = row.value(3);
        held_[key] = to_text(version);
        last[key] = {.file = file,
                     .applied = !type.starts_with("UNDO_") && type != "DELETE",
                     .rank = rank,
                     .checksum = checksum.is_null() ? std::nullopt
                                                    : std::optional(checksum.as<std::int64_t>()),
                     .time = to_text(row.value(4))};
    }

    void tell(const std::map<std::string, Last>& last, const Parts& baseline,
              ToolState& state) const {
        // Files that come before it speak for it; a folder that begins later has none.
        const bool begins_later = versioned_.empty() || baseline < versioned_.begin()->first;
        if (state.baseline && begins_later && !last.contains(*state.baseline))
            state.applied.push_back(*state.baseline);
        for (const Migration& migration : folder_.migrations) {
            if (baseline.empty() || migration.version.parts.empty()) continue;
            if (migration.version.parts <= baseline && !last.contains(migration.key))
                state.applied.push_back(migration.key);
        }
        std::map<std::int64_t, std::string> in_order;
        for (const auto& [key, row] : last) {
            if (row.applied) in_order[row.rank] = key;
        }
        for (const auto& [rank, key] : in_order) {
            const Last& row = last.at(key);
            state.applied.push_back(key);
            state.times[key] = row.time;
            if (!row.checksum || row.file == nullptr) continue;
            const auto& known = row.file->foreign_checksums;
            state.same_file[key] = std::ranges::find(known, *row.checksum) != known.end();
        }
    }

    void make() const {
        if (there_ || !table_.columns().empty()) return;
        const bool server = table_.on_server();
        const auto named = [&](std::string_view end) {
            return sql::quoted_identifier(table_.name() + std::string(end), sql::Dialect::Postgres);
        };
        table_.write(server ? kMakeOnServer : kMakeInFile);
        if (server)
            table_.write("alter table {} add constraint " + named("_pk") +
                         R"( primary key ("installed_rank"))");
        const std::string on = server ? "{}" : named("");
        table_.write("create index " + std::string(server ? "" : R"("main".)") + named("_s_idx") +
                     " on " + on + R"( ("success"))");
    }

    // What was undone without a script for it counts for Flyway as one whose file is gone.
    [[nodiscard]] static std::string_view type_of(const Passage& passage) {
        if (passage.way == Passage::Way::Up) return passage.baseline ? "BASELINE" : "SQL";
        return passage.migration->down ? "UNDO_SQL" : "DELETE";
    }
    [[nodiscard]] static Value checksum_of(const Passage& passage) {
        const Migration& migration = *passage.migration;
        if (passage.way == Passage::Way::Down && migration.down)
            return std::int64_t{flyway_checksum(migration.down->file->text)};
        if (passage.baseline || migration.foreign_checksums.empty()) return {};
        return std::int64_t{migration.foreign_checksums.front()};
    }
    void add(const Passage& passage, bool success) const {
        const Migration& migration = *passage.migration;
        const bool undo = passage.way == Passage::Way::Down && migration.down.has_value();
        const Script& script = undo ? *migration.down : migration.up;
        const bool repeatable = migration.kind == Migration::Kind::Repeatable;
        const auto milliseconds =
            std::chrono::duration_cast<std::chrono::milliseconds>(passage.took).count();
        std::string statement(kAdd);
        const std::string_view user = table_.on_server() ? "current_user" : "''";
        statement.replace(statement.find("[user]"), 6, user);
        table_.write(statement,
                     {repeatable ? Value() : Value(migration.version.text),
                      passage.baseline ? std::string(kBaseline) : description_of(migration),
                      type_of(passage),
                      passage.baseline ? std::string(kBaseline) : script.file->path,
                      checksum_of(passage),
                      std::min<std::int64_t>(milliseconds, INT32_MAX), success});
    }

    ToolTable table_;
    const Folder& folder_;
    std::map<Parts, const Migration*> versioned_;
    std::map<std::string, const Migration*> repeatable_;  // by description
    std::map<std::string, std::string> held_;  // by key: the version as the table has it
    bool there_ = false;   // when it was read
    bool failed_ = false;  // it has a row without success
};

// One character of well-formed UTF-8, which is taken from `text`.
std::uint32_t take_character(std::string_view& text) {
    const std::size_t length = json::utf8_sequence(text);
    const auto first = static_cast<unsigned char>(text.front());
    std::uint32_t code = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (std::size_t at = 1; at < length; ++at)
        code = (code << 6U) | (static_cast<unsigned char>(text[at]) & 0x3FU);
    text.remove_prefix(std::max<std::size_t>(length, 1));
    return code;
}

// String.hashCode(): over the units of UTF-16.
std::int32_t java_hash(std::string_view text) {
    std::uint32_t hash = 0;
    while (!text.empty()) {
        const std::uint32_t code = take_character(text);
        if (code < 0x10000U) {
            hash = hash * 31U + code;
        } else {
            hash = hash * 31U + (0xD800U + ((code - 0x10000U) >> 10U));
            hash = hash * 31U + (0xDC00U + ((code - 0x10000U) & 0x3FFU));
        }
    }
    return static_cast<std::int32_t>(hash);
}

}  // namespace

std::int64_t flyway_lock(std::string_view schema, std::string_view table) {
    constexpr std::int64_t kFlyway = 0x466C'7977'6179;
    return kFlyway + java_hash(sql::quoted_identifier(schema, sql::Dialect::Postgres) + "." +
                               sql::quoted_identifier(table, sql::Dialect::Postgres));
}

std::unique_ptr<ToolHistory> flyway_history(sql::Database& database, const Folder& folder,
                                            const ToolSettings& settings) {
    return std::make_unique<FlywayHistory>(database, folder, settings);
}

}  // namespace drydock::migrate
