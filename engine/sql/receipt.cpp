#include "engine/sql/receipt.h"

#include "engine/check.h"
#include "engine/error.h"
#include "engine/seam.h"

namespace drydock::sql {
namespace {

// A plain rowid table: STRICT or WITHOUT ROWID would make the file unreadable for an application
// with an older SQLite. Times are microseconds since 1970 in UTC.
constexpr std::string_view kCreateTable = R"(
create table if not exists drydock_receipts (
  run text not null, scope text not null, key text not null,
  journal text not null, term integer not null, seq integer not null, attempt integer not null,
  cursor blob, started integer, rows integer not null default 0,
  result text check (length(result) <= 65536),
  at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  primary key (run, scope, key)))";

constexpr std::string_view kFindTable =
    "select 1 from sqlite_schema where type = 'table' and name = 'drydock_receipts'";

constexpr std::string_view kFirstDamage = "pragma quick_check(1)";

constexpr std::string_view kInsert = R"(
insert into drydock_receipts (run, scope, key, journal, term, seq, attempt)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing)";

constexpr std::string_view kSetResult = R"(
update drydock_receipts set result = $4, rows = $5 where run = $1 and scope = $2 and key = $3)";

constexpr std::string_view kAddBatch = R"(
insert into drydock_receipts (run, scope, key, journal, term, seq, attempt, rows, started, result)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '1')
on conflict (run, scope, key) do update
  set rows = rows + excluded.rows, result = cast(cast(result as integer) + 1 as text),
      term = excluded.term, seq = excluded.seq, attempt = excluded.attempt)";

constexpr std::string_view kFind = R"(
select scope, key, seq, rows, cursor, started, result from drydock_receipts
 where run = $1 and scope = $2 and key = $3)";

constexpr std::string_view kOfRun = R"(
select scope, key, seq, rows, cursor, started, result from drydock_receipts
 where run = $1 order by scope, key)";

Arguments identified(const ReceiptScope& scope, std::string_view key) {
    return {.positional = {scope.run, scope.scope, key, scope.journal, scope.term, scope.seq,
                           scope.attempt},
            .named = {}};
}

std::optional<std::string> text_or_none(const Value& value) {
    const auto* text = value.find<std::string>();
    return text == nullptr ? std::nullopt : std::optional(*text);
}

Receipt read(const Row& row) {
    Receipt receipt;
    receipt.scope = row.value(0).as<std::string>();
    receipt.key = row.value(1).as<std::string>();
    receipt.seq = row.value(2).as<std::int64_t>();
    receipt.rows = row.value(3).as<std::int64_t>();
    receipt.cursor = text_or_none(row.value(4));
    const Value started = row.value(5);
    if (const auto* micros = started.find<std::int64_t>()) receipt.started = Timestamp{*micros};
    receipt.result = text_or_none(row.value(6));
    return receipt;
}

std::vector<Receipt> look_up(Database& database, std::string_view query,
                             const Arguments& arguments) {
    std::vector<Receipt> found;
    if (!protected_by(Protection::Receipt) || !has_receipts(database)) return found;
    database.run(query, arguments, Access::Read, [&](const Row& row) {
        found.push_back(read(row));
        return true;
    });
    return found;
}

// Making the table is the first thing that Drydock writes into a file, and happens once in the
// file's life: the right moment to look at all of its pages, because SQLite itself would happily
// allocate from a damaged free list and so alter the evidence.
void refuse_damaged(Database& database) {
    std::string damage = "ok";
    database.run(kFirstDamage, {}, Access::Read, [&](const Row& row) {
        damage = to_text(row.value(0));
        return false;
    });
    if (damage == "ok") return;
    // The first line names the schema, the next one the page.
    if (damage.starts_with("*** in database")) damage.erase(0, damage.find('\n') + 1);
    throw Error(ErrorCode::File, "the database is damaged, nothing was written into it: " + damage,
                "keep a copy of the file with its -wal, then salvage it or go back to a backup",
                "SQLITE_CORRUPT");
}

}  // namespace

bool has_receipts(Database& database) { return database.run(kFindTable, {}, Access::Read, {}) > 0; }

bool must_make_receipts(Database& database) {
    CHECK(!database.in_transaction());
    if (database.read_only()) {
        throw Error(ErrorCode::Permission,
                    "the connection is declared read_only, so it can hold no receipt",
                    "use another connection for what changes the database");
    }
    if (has_receipts(database)) return false;
    refuse_damaged(database);
    return true;
}

void make_receipts(Database& database) {
    CHECK(database.in_transaction());
    database.run(kCreateTable, {}, Access::Write, {});
}

void prepare_receipts(Database& database) {
    if (!must_make_receipts(database)) return;
    database.begin();
    try {
        make_receipts(database);
        database.commit();
    } catch (const Error& error) {
        database.rollback();
        throw error.in("making the table drydock_receipts");
    }
}

std::optional<Receipt> insert_receipt(Database& database, const ReceiptScope& scope,
                                      std::string_view key) {
    CHECK(database.in_transaction());
    if (!protected_by(Protection::Receipt)) return std::nullopt;
    if (database.run(kInsert, identified(scope, key), Access::Write, {}) == 1) return std::nullopt;
    auto receipt = find_receipt(database, scope.run, scope.scope, key);
    CHECK(receipt.has_value());
    return receipt;
}

void set_result(Database& database, const ReceiptScope& scope, std::string_view key,
                const std::optional<std::string>& result_json, std::int64_t rows) {
    CHECK(database.in_transaction());
    if (!protected_by(Protection::Receipt)) return;
    if (result_json && result_json->size() > kMaxResultBytes) {
        throw Error(ErrorCode::Lua,
                    "the result is " + std::to_string(result_json->size()) +
                        " bytes, a receipt holds " + std::to_string(kMaxResultBytes),
                    "return counts and names, not the rows themselves");
    }
    const Value result = result_json ? Value(*result_json) : Value();
    const std::int64_t updated = database.run(
        kSetResult, {.positional = {scope.run, scope.scope, key, result, rows}, .named = {}},
        Access::Write, {});
    if (updated == 1) return;
    throw Error(
        ErrorCode::Sql,
        "the receipt of this transaction is gone: a statement of the step removed it",
        "leave the table drydock_receipts alone: without it a crash would do the work twice");
}

void add_batch(Database& database, const ReceiptScope& scope, std::string_view key,
               std::int64_t rows, Timestamp started) {
    CHECK(database.in_transaction());
    if (!protected_by(Protection::Receipt)) return;
    Arguments arguments = identified(scope, key);
    arguments.positional.emplace_back(rows);
    arguments.positional.emplace_back(started.micros);
    database.run(kAddBatch, arguments, Access::Write, {});
}

std::optional<Receipt> find_receipt(Database& database, std::string_view run,
                                    std::string_view scope, std::string_view key) {
    auto found = look_up(database, kFind, {.positional = {run, scope, key}, .named = {}});
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::vector<Receipt> receipts_of_run(Database& database, std::string_view run) {
    return look_up(database, kOfRun, {.positional = {run}, .named = {}});
}

}  // namespace drydock::sql
