// golang-migrate: `schema_migrations` with the one row (version, dirty), or none when nothing is
// applied. Everything up to that version counts as applied. The tool deletes and inserts the row
// for each migration: dirty before it runs the file, clean after it.

#include "engine/migrate/checksum.h"
#include "engine/migrate/tool_table.h"

namespace drydock::migrate {
namespace {

// The tool's own constants.
constexpr std::uint32_t kLockSalt = 1486364155;
constexpr std::string_view kMakeOnServer =
    "create table if not exists {} (version bigint not null primary key, dirty boolean not null)";
constexpr std::string_view kMakeInFile =
    "create table if not exists {bare} (version uint64,dirty bool)";
constexpr std::string_view kIndexInFile =
    "create unique index if not exists version_unique on {bare} (version)";

constexpr std::string_view kRaise =
    "update {} set version = case when version > $1 then version else $1 end, dirty = $2";
constexpr std::string_view kLower = "update {} set version = $1, dirty = $2";

class GolangMigrateHistory final : public ToolHistory {
  public:
    GolangMigrateHistory(sql::Database& database, const ToolSettings& settings)
        : table_(database, settings.table.empty() ? "schema_migrations" : settings.table),
          database_(database),
          url_database_(settings.database) {}

    [[nodiscard]] std::string table() const override { return table_.text(); }

    [[nodiscard]] ToolState read() override {
        ToolState state{.cumulative = true};
        state.there = there_ = table_.is_there_as(known_table(Format::GolangMigrate));
        if (!state.there) return state;
        table_.read("select version, dirty from {} order by version desc limit 1",
                    [&](const sql::Row& row) {
                        const std::string version = to_text(row.value(0));
                        const Value dirty = row.value(1);
                        if (dirty == Value(true) || dirty == Value(std::int64_t{1}))
                            state.dirty = version;
                        state.applied.push_back(version);
                        return false;
                    });
        return state;
    }

    // The tool's number depends on the name of the database as its caller gave it: the command line
    // takes it from the URL's path, with the slash, the library without. Whoever holds both is
    // alone.
    [[nodiscard]] std::vector<sql::AdvisoryKey> locks() override {
        if (table_.dialect() == sql::Dialect::Sqlite) return {};
        std::string name = url_database_;
        if (name.empty()) {
            database_.run("select current_database()", {}, sql::Access::Read,
                          [&](const sql::Row& row) {
                              name = row.value(0).as<std::string>();
                              return false;
                          });
        }
        std::vector<sql::AdvisoryKey> keys;
        for (const std::string& database : {"/" + name, name}) {
            keys.emplace_back("of golang-migrate for " + table_.text(),
                              golang_migrate_lock(table_.schema(), table_.name(), database));
        }
        return keys;
    }

    void begin(const Passage& passage) override { set(passage, true); }
    void end(const Passage& passage) override { set(passage, false); }
    void unmark(const Migration* newest) override {
        if (!there_) return;
        if (newest == nullptr)
            table_.write("delete from {}");
        else
            table_.write(kLower, {static_cast<std::int64_t>(newest->version.number()), false});
    }
    void accept(const Migration& /*migration*/) override {}

  private:
    void make() const {
        if (there_) return;
        const bool file = table_.dialect() == sql::Dialect::Sqlite;
        table_.write(file ? kMakeInFile : kMakeOnServer);
        if (file) table_.write(kIndexInFile);
    }

    // Going down it names the version below already while the file still runs.
    void set(const Passage& passage, bool dirty) const {
        const Migration* at = passage.way == Passage::Way::Up ? passage.migration : passage.below;
        make();
        // Nothing applied is no row; but the tool marks a failed way down to nothing with -1.
        if (at == nullptr && !dirty) {
            table_.write("delete from {}");
            return;
        }
        const auto version =
            at == nullptr ? std::int64_t{-1} : static_cast<std::int64_t>(at->version.number());
        const std::vector<Value> row{version, dirty};
        // One that is applied out of order does not take back what comes after it.
        const bool up = passage.way == Passage::Way::Up;
        if (table_.write(up ? kRaise : kLower, row) == 1) return;
        table_.write("delete from {}");
        table_.write("insert into {} (version, dirty) values ($1, $2)", row);
    }

    ToolTable table_;
    bool there_ = false;  // when it was read
    sql::Database& database_;
    std::string url_database_;
};

}  // namespace

std::int64_t golang_migrate_lock(std::string_view schema, std::string_view table,
                                 std::string_view database) {
    std::string joined(schema);
    for (const std::string_view part : {table, database}) {
        joined += '\0';
        joined += part;
    }
    return static_cast<std::int64_t>(static_cast<std::uint32_t>(crc32_ieee(joined) * kLockSalt));
}

std::unique_ptr<ToolHistory> golang_migrate_history(sql::Database& database,
                                                    const ToolSettings& settings) {
    return std::make_unique<GolangMigrateHistory>(database, settings);
}

}  // namespace drydock::migrate
