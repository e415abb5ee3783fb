#include "engine/sql/receipt.h"

#include "engine/check.h"
#include "engine/error.h"
#include "engine/seam.h"

namespace drydock::sql {
namespace {

// The statements of one dialect; {} is the receipts table.
struct Statements {
    std::string_view find_schema, create_schema;  // empty: there are no schemas
    std::string_view create_table, find_table, insert, set_result, add_batch, find, of_run;
};

// A plain rowid table: STRICT or WITHOUT ROWID would make the file unreadable for an application
// with an older SQLite. Times are microseconds since 1970 in UTC.
const Statements kSqlite{
    .create_table = R"(
create table if not exists {} (
  run text not null, scope text not null, key text not null,
  journal text not null, term integer not null, seq integer not null, attempt integer not null,
  cursor blob, started integer, rows integer not null default 0,
  result text check (length(result) <= 65536),
  at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  primary key (run, scope, key)))",
    .find_table = "select 1 from sqlite_schema where type = 'table' and name = '{}'",
    .insert = R"(
insert into {} (run, scope, key, journal, term, seq, attempt, result, rows)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9))",
    .set_result = "update {} set result = $4, rows = $5 where run = $1 and scope = $2 and key = $3",
    .add_batch = R"(
insert into {} (run, scope, key, journal, term, seq, attempt, rows, started, result)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '1')
on conflict (run, scope, key) do update
  set rows = rows + excluded.rows, result = cast(cast(result as integer) + 1 as text),
      term = excluded.term, seq = excluded.seq, attempt = excluded.attempt)",
    .find = R"(
select scope, key, seq, rows, cursor, started, result from {}
 where run = $1 and scope = $2 and key = $3)",
    .of_run = R"(
select scope, key, seq, rows, cursor, started, result from {}
 where run = $1 order by scope, key)"};

const Statements kPostgres{
    // Asked first: CREATE SCHEMA wants the right to make one also where it is there.
    .find_schema = "select 1 where to_regnamespace('{schema}') is not null",
    .create_schema = "create schema if not exists {schema}",
    .create_table = R"(
create table if not exists {} (
  run text not null, scope text not null, key text not null,
  journal text not null, term bigint not null, seq bigint not null, attempt bigint not null,
  cursor bytea, started timestamptz, rows bigint not null default 0,
  result text check (octet_length(result) <= 65536),
  at timestamptz not null default clock_timestamp(),
  primary key (run, scope, key)))",
    .find_table = "select 1 where to_regclass('{}') is not null",
    .insert = kSqlite.insert,
    .set_result = kSqlite.set_result,
    .add_batch = R"(
insert into {} as kept (run, scope, key, journal, term, seq, attempt, rows, started, result)
values ($1, $2, $3, $4, $5, $6, $7, $8, timestamptz 'epoch' + $9 * interval '1 microsecond', '1')
on conflict (run, scope, key) do update
  set rows = kept.rows + excluded.rows, result = cast(cast(kept.result as integer) + 1 as text),
      term = excluded.term, seq = excluded.seq, attempt = excluded.attempt)",
    .find = R"(
select scope, key, seq, rows, cursor, (extract(epoch from started) * 1000000)::bigint, result
  from {} where run = $1 and scope = $2 and key = $3)",
    .of_run = R"(
select scope, key, seq, rows, cursor, (extract(epoch from started) * 1000000)::bigint, result
  from {} where run = $1 order by scope, key)"};

const Statements& statements_of(const Database& database) {
    return database.dialect() == Dialect::Sqlite ? kSqlite : kPostgres;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

std::string for_table(const Database& database, std::string_view statement) {
    const std::string& table = database.receipts_table();
    const std::string schema = table.substr(0, table.rfind('.'));
    return replaced(replaced(std::string(statement), "{schema}", schema), "{}", table);
}

constexpr std::string_view kFirstDamage = "pragma quick_check(1)";

constexpr std::size_t kReceiptColumns = 10;

Arguments identified(const ReceiptScope& scope, std::string_view key) {
    Arguments arguments;
    auto& values = arguments.positional;
    values.reserve(kReceiptColumns);
    values.emplace_back(scope.run);
    values.emplace_back(scope.scope);
    values.emplace_back(key);
    values.emplace_back(scope.journal);
    values.emplace_back(scope.term);
    values.emplace_back(scope.seq);
    values.emplace_back(scope.attempt);
    return arguments;
}

Arguments whole_receipt(const ReceiptScope& scope, std::string_view key,
                        const std::optional<std::string>& result_json, std::int64_t rows) {
    Arguments arguments = identified(scope, key);
    arguments.positional.push_back(result_json ? Value(*result_json) : Value());
    arguments.positional.emplace_back(rows);
    return arguments;
}

void refuse_large_result(const std::optional<std::string>& result_json) {
    if (!result_json || result_json->size() <= kMaxResultBytes) return;
    throw Error(ErrorCode::Lua,
                "the result is " + std::to_string(result_json->size()) +
                    " bytes, a receipt holds " + std::to_string(kMaxResultBytes),
                "return counts and names, not the rows themselves");
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
    database.run(for_table(database, query), arguments, Access::Read, [&](const Row& row) {
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

constexpr int kCreateAttempts = 5;

void create(Database& database) {
    const Statements& statements = statements_of(database);
    const auto run = [&](std::string_view statement, Access access) {
        return database.run(for_table(database, statement), {}, access, {});
    };
    if (!statements.find_schema.empty() && run(statements.find_schema, Access::Read) == 0)
        run(statements.create_schema, Access::Write);
    run(statements.create_table, Access::Write);
}

Error explained(const Database& database, const Error& error) {
    const std::string& table = database.receipts_table();
    if (error.code() != ErrorCode::Permission) return error.in("making the table " + table);
    return Error(ErrorCode::Permission, error.message(),
                 "let the user have receipts: an owner runs `create schema if not exists " +
                     table.substr(0, table.rfind('.')) +
                     " authorization USER`, or sets receipts: to a schema that the user may use",
                 error.code_text())
        .in("making the table " + table);
}

// Two sessions that make the same thing at once: PostgreSQL lets one of them fail, in spite of IF
// NOT EXISTS. So that this is never the step's own transaction, the table has one of its own.
void make_on_server(Database& database) {
    for (int attempt = 1;; ++attempt) {
        database.begin();
        try {
            create(database);
            database.commit();
            return;
        } catch (const Error& error) {
            database.rollback();
            const bool raced = error.code_text() == "23505" || error.code_text() == "42P07";
            if (!raced || attempt == kCreateAttempts) throw explained(database, error);
        }
    }
}

}  // namespace

bool has_receipts(Database& database) {
    const std::string find = for_table(database, statements_of(database).find_table);
    return database.run(find, {}, Access::Read, {}) > 0;
}

bool must_make_receipts(Database& database) {
    CHECK(!database.in_transaction());
    if (database.read_only()) {
        throw Error(ErrorCode::Permission,
                    "the connection is declared read_only, so it can hold no receipt",
                    "use another connection for what changes the database");
    }
    if (has_receipts(database)) return false;
    if (database.dialect() == Dialect::Postgres) {
        make_on_server(database);
        return false;
    }
    refuse_damaged(database);
    return true;
}

void make_receipts(Database& database) {
    CHECK(database.in_transaction());
    create(database);
}

void prepare_receipts(Database& database) {
    if (!must_make_receipts(database)) return;
    database.begin();
    try {
        make_receipts(database);
        database.commit();
    } catch (const Error& error) {
        database.rollback();
        throw error.in("making the table " + database.receipts_table());
    }
}

std::optional<Receipt> insert_receipt(Database& database, const ReceiptScope& scope,
                                      std::string_view key) {
    if (!protected_by(Protection::Receipt)) {
        if (!database.in_transaction()) database.begin();
        return std::nullopt;
    }
    const std::string insert =
        for_table(database, statements_of(database).insert) + " on conflict do nothing";
    const Arguments values = whole_receipt(scope, key, std::nullopt, 0);
    const std::int64_t inserted = database.in_transaction()
                                      ? database.run(insert, values, Access::Write, {})
                                      : database.begin_with(insert, values);
    if (inserted == 1) return std::nullopt;
    return receipt_before(database, scope, key);
}

Receipt receipt_before(Database& database, const ReceiptScope& scope, std::string_view key) {
    auto receipt = find_receipt(database, scope.run, scope.scope, key);
    if (receipt) return *std::move(receipt);
    throw Error(ErrorCode::Sql, "the database refused the receipt, and has none of this key",
                "look for triggers and further unique keys of " + database.receipts_table() +
                    ": it is for Drydock alone");
}

void commit_receipt(Database& database, const ReceiptScope& scope, std::string_view key,
                    const std::optional<std::string>& result_json, std::int64_t rows) {
    CHECK(database.in_transaction());
    refuse_large_result(result_json);
    if ((!result_json && rows == 0) || !protected_by(Protection::Receipt)) {
        database.commit();
        return;
    }
    const Value result = result_json ? Value(*result_json) : Value();
    const std::int64_t changed =
        database.run(for_table(database, statements_of(database).set_result),
                     {.positional = {scope.run, scope.scope, key, result, rows}, .named = {}},
                     Access::Write, {});
    if (changed != 1) {
        throw Error(ErrorCode::Sql,
                    "the receipt of this transaction is gone: a statement of the step removed it",
                    "leave the receipts table alone: without it a crash would do the work twice");
    }
    database.commit();
}

bool commit_with_receipt(Database& database, const ReceiptScope& scope, std::string_view key,
                         const std::optional<std::string>& result_json, std::int64_t rows) {
    CHECK(database.in_transaction());
    refuse_large_result(result_json);
    if (!protected_by(Protection::Receipt)) {
        database.commit();
        return true;
    }
    return database.commit_with(for_table(database, statements_of(database).insert),
                                whole_receipt(scope, key, result_json, rows));
}

void add_batch(Database& database, const ReceiptScope& scope, std::string_view key,
               std::int64_t rows, Timestamp started) {
    CHECK(database.in_transaction());
    if (!protected_by(Protection::Receipt)) return;
    Arguments arguments = identified(scope, key);
    arguments.positional.emplace_back(rows);
    arguments.positional.emplace_back(started.micros);
    database.run(for_table(database, statements_of(database).add_batch), arguments, Access::Write,
                 {});
}

std::optional<Receipt> find_receipt(Database& database, std::string_view run,
                                    std::string_view scope, std::string_view key) {
    auto found = look_up(database, statements_of(database).find,
                         {.positional = {run, scope, key}, .named = {}});
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::vector<Receipt> receipts_of_run(Database& database, std::string_view run) {
    return look_up(database, statements_of(database).of_run, {.positional = {run}, .named = {}});
}

}  // namespace drydock::sql
