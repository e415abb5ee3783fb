#include "engine/journal/schema.h"

#include "engine/journal/sqlite_ledger.h"
#include "engine/journal/sqlite_reads.h"
#include "engine/journal/wording.h"
#include "migrations/embedded.h"

namespace drydock::journal {
namespace {

std::int64_t number(sqlite::Connection& connection, std::string_view sql) {
    sqlite::Statement statement = connection.prepare(sql);
    return statement.step() ? statement.column_int(0) : 0;
}

// The migration that makes the ledger: what the journal has by then is sealed with it.
constexpr std::int64_t kLedgerBegins = 2;

void begin_ledger(sqlite::Connection& connection, std::int64_t now) {
    const JournalInfo info = SqliteReads(connection, {}).read_info({});
    SqliteLedger(connection).begin(info.uuid, info.schema, now);
}

}  // namespace

std::optional<std::int64_t> schema_of(sqlite::Connection& connection, const std::string& place) {
    const std::int64_t id = number(connection, "pragma application_id");
    if (id != kApplicationId) {
        const bool empty = id == 0 && number(connection, "select count(*) from sqlite_schema") == 0;
        if (empty) return std::nullopt;
        if (was_a_journal(place)) throw damaged(place, "it does not begin as a journal does");
        throw not_a_journal(place);
    }
    return number(connection, "select schema from journal");
}

std::int64_t newest_schema() { return migrations::sqlite().back().number; }

void upgrade(sqlite::Connection& connection, std::int64_t from, const UpgradeOptions& options) {
    for (const migrations::Migration& migration : migrations::sqlite()) {
        if (migration.number <= from) continue;
        connection.exec("begin immediate");
        connection.exec(std::string(migration.up));
        if (migration.number == 1) {
            connection.exec("pragma application_id = " + std::to_string(kApplicationId));
            sqlite::Statement insert =
                connection.prepare("insert into journal (id, uuid, schema) values (1, ?, 1)");
            insert.bind_blob(1, options.uuid).run();
        }
        sqlite::Statement mark = connection.prepare("update journal set schema = ?");
        mark.bind(1, static_cast<std::int64_t>(migration.number)).run();
        if (migration.number == kLedgerBegins) begin_ledger(connection, options.now);
        connection.exec("commit");
    }
}

}  // namespace drydock::journal
