// The tools that keep a row for each migration that is applied, take it away when the migration is
// taken back, and neither lock nor mark what they have begun:
//
//   sql-migrate  gorp_migrations             id, the whole file name; applied_at
//   dbmate       schema_migrations           version, the digits as the file has them
//   diesel       __diesel_schema_migrations  version, the digits without dashes; run_on
//
// Whoever comes second with the same row fails on the primary key, and its transaction with it.
// Newer releases of sql-migrate may have a column `checksum`, the SHA-256 of the file, in which
// they cannot read null.

#include <algorithm>
#include <array>

#include "engine/check.h"
#include "engine/migrate/tool_table.h"

namespace drydock::migrate {
namespace {

struct KeyTable {
    Format format;
    std::string_view make_on_server, make_in_file;
    std::string_view read;  // key, time
    std::string_view add_on_server, add_in_file;
    std::string_view remove;
};

// The time is the client's to sql-migrate; on SQLite in the form in which Go's drivers write it,
// without the noughts at its end.
constexpr std::array kTables{
    KeyTable{
        .format = Format::SqlMigrate,
        .make_on_server = R"(create table if not exists {}
 ("id" text not null primary key, "applied_at" timestamp with time zone))",
        // One line: SQLite keeps it as it is, and schema files show it.
        .make_in_file = R"(create table if not exists {} ("id" varchar(255) )"
                        R"(not null primary key, "applied_at" datetime))",
        .read = "select id, applied_at from {} order by applied_at, id",
        .add_on_server = "insert into {} (id, applied_at) values ($1, clock_timestamp())",
        .add_in_file = R"(insert into {} (id, applied_at) values ($1,
 rtrim(rtrim(strftime('%Y-%m-%d %H:%M:%f', 'now'), '0'), '.') || '+00:00'))",
        .remove = "delete from {} where id = $1"},
    KeyTable{.format = Format::Dbmate,
             .make_on_server = "create table if not exists {} (version varchar primary key)",
             .make_in_file = "create table if not exists {} (version varchar(128) primary key)",
             .read = "select version, null from {} order by version",
             .add_on_server = "insert into {} (version) values ($1)",
             .add_in_file = "insert into {} (version) values ($1)",
             .remove = "delete from {} where version = $1"},
    KeyTable{.format = Format::Diesel,
             .make_on_server = R"(create table if not exists {bare}
 (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP))",
             .make_in_file = R"(create table if not exists {bare}
 (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP))",
             .read = "select version, run_on from {} order by run_on, version",
             .add_on_server = "insert into {} (version) values ($1)",
             .add_in_file = "insert into {} (version) values ($1)",
             .remove = "delete from {} where version = $1"},
};

constexpr std::string_view kChecksum = "checksum";
constexpr std::string_view kAddChecksum = "update {} set checksum = $2 where id = $1";

const KeyTable& table_of(Format format) {
    const auto* const found = std::ranges::find(kTables, format, &KeyTable::format);
    CHECK(found != kTables.end());
    return *found;
}

class KeyHistory final : public ToolHistory {
  public:
    KeyHistory(sql::Database& database, Format format, const ToolSettings& settings)
        : of_(table_of(format)),
          known_(known_table(format)),
          table_(database, settings.table.empty() ? known_.name : settings.table) {}

    [[nodiscard]] std::string table() const override { return table_.text(); }

    [[nodiscard]] ToolState read() override {
        ToolState state;
        state.there = there_ = table_.is_there_as(known_);
        if (!state.there) return state;
        const std::vector<std::string> columns = table_.columns();
        has_checksum_ = of_.format == Format::SqlMigrate &&
                        std::ranges::find(columns, kChecksum) != columns.end();
        table_.read(of_.read, [&](const sql::Row& row) {
            const std::string key = to_text(row.value(0));
            if (const Value time = row.value(1); !time.is_null()) state.times[key] = to_text(time);
            state.applied.push_back(key);
            return true;
        });
        return state;
    }

    [[nodiscard]] std::vector<sql::AdvisoryKey> locks() override { return {}; }

    void begin(const Passage& /*passage*/) override { make(); }
    void end(const Passage& passage) override {
        make();
        const std::string& key = passage.migration->key;
        if (passage.way == Passage::Way::Down) {
            table_.write(of_.remove, {key});
            return;
        }
        table_.write(table_.on_server() ? of_.add_on_server : of_.add_in_file, {key});
        accept(*passage.migration);
    }
    void unmark(const Migration* /*newest*/) override {}
    void accept(const Migration& migration) override {
        if (has_checksum_)
            table_.write(kAddChecksum, {migration.key, crypto::to_hex(migration.digest)});
    }

  private:
    void make() const {
        if (!there_) table_.write(table_.on_server() ? of_.make_on_server : of_.make_in_file);
    }

    const KeyTable& of_;
    const KnownTable& known_;
    ToolTable table_;
    bool there_ = false;  // when it was read
    bool has_checksum_ = false;
};

}  // namespace

std::unique_ptr<ToolHistory> key_history(sql::Database& database, Format format,
                                         const ToolSettings& settings) {
    return std::make_unique<KeyHistory>(database, format, settings);
}

}  // namespace drydock::migrate
