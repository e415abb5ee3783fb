#include "engine/migrate/record.h"

#include <array>
#include <utility>

#include "engine/check.h"
#include "engine/error.h"

namespace drydock::migrate {
namespace {

using sql::Access;
using sql::Dialect;

constexpr std::array<std::string_view, 6> kActions{"up",    "down",  "baseline",
                                                   "adopt", "force", "force down"};

// {} is the table. Times are microseconds since 1970 in UTC: both databases read them alike.
constexpr std::string_view kMakeOnServer = R"(
create table if not exists {} (
  id bigint generated always as identity primary key, history text not null,
  action text not null, key text not null, version text not null, name text not null,
  digest text not null, text text, parts bigint not null, parts_done bigint not null,
  parts_begun bigint not null,
  began bigint not null, ended bigint, who text not null, run text not null,
  reason text not null))";
// Without `autoincrement`: that would leave sqlite_sequence behind, a table that nobody can drop.
constexpr std::string_view kMakeInFile = R"(
create table if not exists {} (
  id integer primary key, history text not null,
  action text not null, key text not null, version text not null, name text not null,
  digest text not null, text text, parts integer not null, parts_done integer not null,
  parts_begun integer not null,
  began integer not null, ended integer, who text not null, run text not null,
  reason text not null))";
constexpr std::string_view kThereOnServer = "select 1 where to_regclass('{}') is not null";
constexpr std::string_view kThereInFile =
    "select 1 from sqlite_schema where type = 'table' and name = '{}'";
constexpr std::string_view kRead = R"(
select id, action, key, version, name, digest, text, parts, parts_done, began, ended, who, run,
       reason, parts_begun
  from {} where history = $1 order by id)";
constexpr std::string_view kNewest = "select coalesce(max(id), 0) from {}";
constexpr std::string_view kAdd = R"(
insert into {} (history, action, key, version, name, digest, text, parts, parts_done, began, ended,
                who, run, reason, parts_begun)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) returning id)";
constexpr std::string_view kAdvance =
    "update {} set parts_done = $2, parts_begun = $3 where id = $1";
constexpr std::string_view kEnd =
    "update {} set ended = $2, parts_done = parts where id = $1 and ended is null";
constexpr std::string_view kRemove = "delete from {} where id = $1";

Record::Action action_of(std::string_view name) {
    for (std::size_t i = 0; i < kActions.size(); ++i) {
        if (kActions[i] == name) return static_cast<Record::Action>(i);
    }
    throw Error(ErrorCode::Integrity,
                "the table of migrations holds an action " + std::string(name) + ", which is none",
                "a newer Drydock may have written it: use that one");
}

Record read_record(const sql::Row& row) {
    const auto text = [&](std::size_t at) { return row.value(at).as<std::string>(); };
    const auto number = [&](std::size_t at) { return row.value(at).as<std::int64_t>(); };
    Record record{.id = number(0),
                  .action = action_of(text(1)),
                  .key = text(2),
                  .version = text(3),
                  .name = text(4),
                  .digest = text(5),
                  .text = {},
                  .parts = number(7),
                  .parts_done = number(8),
                  .parts_begun = number(14),
                  .began = Timestamp{number(9)},
                  .ended = {},
                  .who = text(11),
                  .run = text(12),
                  .reason = text(13)};
    if (const Value script = row.value(6); !script.is_null())
        record.text = script.as<std::string>();
    if (const Value ended = row.value(10); !ended.is_null())
        record.ended = Timestamp{ended.as<std::int64_t>()};
    return record;
}

std::string table_beside(const sql::Database& database) {
    if (database.dialect() == Dialect::Sqlite) return "drydock_migrations";
    const std::string& receipts = database.receipts_table();
    return receipts.substr(0, receipts.rfind('.')) + ".migrations";
}

}  // namespace

std::string_view action_name(Record::Action action) {
    return kActions.at(static_cast<std::size_t>(action));
}

Records::Records(sql::Database& database, std::string history)
    : database_(database), history_(std::move(history)), table_(table_beside(database)) {}

std::string Records::with_table(std::string_view statement) const {
    std::string text(statement);
    text.replace(text.find("{}"), 2, table_);
    return text;
}

bool Records::is_there() {
    if (there_) return true;
    const bool file = database_.dialect() == Dialect::Sqlite;
    return database_.run(with_table(file ? kThereInFile : kThereOnServer), {}, Access::Read, {}) >
           0;
}

std::vector<Record> Records::read() {
    std::vector<Record> records;
    there_ = is_there();
    if (!there_) return records;
    database_.run(with_table(kRead), {.positional = {history_}, .named = {}}, Access::Read,
                  [&](const sql::Row& row) {
                      records.push_back(read_record(row));
                      return true;
                  });
    return records;
}

std::int64_t Records::newest() {
    std::int64_t id = 0;
    if (!is_there()) return id;
    database_.run(with_table(kNewest), {}, Access::Read, [&](const sql::Row& row) {
        id = row.value(0).as<std::int64_t>();
        return false;
    });
    return id;
}

std::int64_t Records::add(const Record& record) {
    CHECK(database_.in_transaction());
    const bool file = database_.dialect() == Dialect::Sqlite;
    // Whoever adds holds the lock of the migrations: nobody makes it at the same time.
    if (!is_there())
        database_.run(with_table(file ? kMakeInFile : kMakeOnServer), {}, Access::Write, {});
    std::int64_t id = 0;
    database_.run(
        with_table(kAdd),
        {.positional = {history_, action_name(record.action), record.key, record.version,
                        record.name, record.digest, record.text ? Value(*record.text) : Value(),
                        record.parts, record.parts_done, record.began.micros,
                        record.ended ? Value(record.ended->micros) : Value(), record.who,
                        record.run, record.reason, record.parts_begun},
         .named = {}},
        Access::Write, [&](const sql::Row& row) {
            id = row.value(0).as<std::int64_t>();
            return true;
        });
    return id;
}

void Records::write(std::string_view statement, std::vector<Value> values) {
    CHECK(database_.in_transaction());
    const std::int64_t changed = database_.run(
        with_table(statement), {.positional = std::move(values), .named = {}}, Access::Write, {});
    if (changed == 1) return;
    throw Error(ErrorCode::Integrity, "the record of a migration that runs is gone from " + table_,
                "somebody changed that table; see drydock migrate status");
}

void Records::advance(std::int64_t id, std::int64_t parts_done, std::int64_t parts_begun) {
    write(kAdvance, {id, parts_done, parts_begun});
}

void Records::end(std::int64_t id, Timestamp at) {
    write(kEnd, {id, at.micros});
}

void Records::remove(std::int64_t id) {
    write(kRemove, {id});
}

}  // namespace drydock::migrate
