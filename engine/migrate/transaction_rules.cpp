#include <algorithm>
#include <array>

#include "engine/migrate/review.h"
#include "engine/sql/statement_class.h"

// What a file does to the transaction that it runs in, and the other way round.
namespace drydock::migrate {
namespace {

using Kind = Deed::Kind;
using sql::InTransaction;

constexpr Rule kTransactionControl{
    .name = "transaction-control-in-file",
    .summary = "a file begins or ends a transaction by itself",
    .why = "The engine runs the file and the line in the history in one transaction. A COMMIT in "
           "between makes half of it permanent: when the rest fails, the database is where no file "
           "says.",
    .bad = R"(begin;
alter table users add column nickname text;
commit;
)",
    .good = "alter table users add column nickname text;\n"};
constexpr Rule kConcurrentlyWithOthers{
    .name = "concurrently-with-others",
    .where = Where::Postgres,
    .summary = "a statement with CONCURRENTLY shares its file with others, or its transaction",
    .why = "It cannot run in a transaction, so the file is not all or nothing: when it fails, what "
           "came before stays, and what it left (an invalid index) too. Most tools send such a "
           "file as one, and it fails.",
    .bad = R"(create index concurrently users_email on users (email);
create index concurrently users_name on users (name);
)",
    .good = "create index concurrently users_email on users (email);\n"};
constexpr Rule kAloneWithOthers{
    .name = "alone-with-others",
    .summary = "a statement that cannot run in a transaction shares its file with others",
    .why = "VACUUM, CREATE DATABASE, ALTER SYSTEM and the like run outside of a transaction, so "
           "the file is not all or nothing. Most tools send it as one, and it fails.",
    .bad = R"(create table tags (id bigint primary key);
vacuum;
)",
    .good = "vacuum;\n"};
constexpr Rule kNeedlessNoTransaction{
    .name = "needless-no-transaction",
    .summary = "a file asks to run outside of a transaction, and nothing in it needs that",
    .why = "When its second statement fails, the first one stays. In a transaction nothing would.",
    .bad = R"(-- migrate:up transaction:false
create table tags (id bigint primary key);
create table notes (id bigint primary key);
)",
    .good = R"(-- migrate:up
create table tags (id bigint primary key);
create table notes (id bigint primary key);
)"};
constexpr Rule kEnumValueUsed{
    .name = "enum-value-used-in-same-transaction",
    .level = Level::Error,
    .where = Where::Postgres,
    .summary = "a value is added to an enum and used before it is committed",
    .why = "PostgreSQL refuses it: unsafe use of new value. From 17 on it takes it when the type "
           "was made in the same transaction. Before 12 it cannot even be added in "
           "a transaction.",
    .bad = R"(alter type mood add value 'calm';
update users set mood = 'calm' where mood is null;
)",
    .good = "alter type mood add value 'calm';\n"};
constexpr Rule kMixedDdlAndData{
    .name = "mixed-ddl-and-data",
    .where = Where::Postgres,
    .summary = "rows are changed while the transaction holds the strongest lock of an existing "
               "table",
    .why = "ALTER TABLE keeps its ACCESS EXCLUSIVE lock until the commit, so all queries of the "
           "table wait for the change of the rows as well. Change them in a migration, or a "
           "runbook, of their own.",
    .bad = R"(alter table users add column plan text;
update users set plan = 'free' where plan is null;
)",
    .good = "alter table users add column plan text;\n"};
constexpr std::array kRules{&kTransactionControl,    &kConcurrentlyWithOthers, &kAloneWithOthers,
                            &kNeedlessNoTransaction, &kEnumValueUsed,          &kMixedDdlAndData};

// Tools that put a file into a transaction unless it asks for none.
bool wraps(Format format) {
    return format == Format::Goose || format == Format::SqlMigrate || format == Format::Dbmate ||
           format == Format::Diesel;
}

std::string_view way_out(Format format) {
    switch (format) {
        case Format::Goose: return "write -- +goose NO TRANSACTION into the file";
        case Format::SqlMigrate: return "write -- +migrate Up notransaction";
        case Format::Dbmate: return "write -- migrate:up transaction:false";
        case Format::Diesel: return "write run_in_transaction = false into its metadata.toml";
        case Format::GolangMigrate:
        case Format::Flyway: break;
    }
    return "put it into a file of its own";
}

bool is_setting(const Deed& deed) { return deed.kind == Kind::Set; }

void look_at_alone(Review& review) {
    const Scene& scene = review.scene();
    const auto& statements = scene.script.statements;
    std::size_t work = 0;
    for (const Deed& deed : scene.deeds) work += is_setting(deed) ? 0 : 1;
    const Format format = review.folder().format;
    const bool refused = scene.script.in_transaction && wraps(format);
    if (work < 2 && !refused) return;
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const bool alone = sql::in_transaction(statements[i].tokens, review.options().dialect) ==
                           InTransaction::Refused;
        if (!alone) continue;
        review.look_at(i);
        const bool concurrent = has_word(statements[i].tokens, "concurrently");
        review.tell(concurrent ? kConcurrentlyWithOthers : kAloneWithOthers, nullptr,
                    work < 2 ? "it cannot run in the transaction that " +
                                   std::string(format_name(format)) + " puts around this file"
                             : std::string("it cannot run in a transaction with the others: when "
                                           "one fails, the rest of the file stays done"),
                    work < 2 ? std::string(way_out(format))
                             : std::string("put it into a file of its own"));
    }
}

void look_at_need(Review& review) {
    const Scene& scene = review.scene();
    if (scene.script.in_transaction || scene.deeds.size() < 2) return;
    const bool needs = std::ranges::any_of(
        scene.script.statements, [&](const Statement& statement) {
            return sql::in_transaction(statement.tokens, review.options().dialect) !=
                       InTransaction::Runs ||
                   sql::controls_transaction(statement.tokens) ||
                   statement.tokens.front().is("do") || statement.tokens.front().is("call");
        });
    // A long change of rows in pieces is a reason too.
    const bool changes = std::ranges::any_of(scene.deeds, [](const Deed& deed) {
        return deed.kind == Kind::Update || deed.kind == Kind::Delete ||
               deed.kind == Kind::Insert;
    });
    if (needs || changes) return;
    review.tell_of_file(kNeedlessNoTransaction,
                        "when one of its statements fails, those before it stay done",
                        "let it run in a transaction");
}

void look_at_script(Review& review) {
    look_at_alone(review);
    look_at_need(review);
    const auto control = review.scene().script.transaction_control();
    if (control.empty()) return;
    review.look_at(control.front());
    review.tell(kTransactionControl, nullptr,
                "half of the file can stay done: it ends the transaction in which it is recorded",
                "leave begin and commit out; the file runs in a transaction by itself");
}

// Whether the files tell the columns of the statement's table, and none is of that enum.
bool is_elsewhere(const Review& review, const Deed& deed, const std::string& type) {
    const auto table = review.made().columns.find(deed.table);
    if (deed.table.empty() || table == review.made().columns.end()) return false;
    return std::ranges::none_of(table->second,
                                [&](const auto& column) { return column.second.name == type; });
}

void look_at_enum(Review& review) {
    const Deed& added = review.deed();
    const auto& scene = review.scene();
    // Of a type made in this transaction it may be used in it, since PostgreSQL 17.
    for (std::size_t i = 0; i < review.index() && !review.is_before(17); ++i) {
        if (scene.deeds[i].kind == Kind::Create && scene.deeds[i].name == added.name) return;
    }
    for (std::size_t i = review.index() + 1; i < scene.deeds.size(); ++i) {
        if (scene.deeds[i].kind == Kind::AddEnumValue) continue;
        if (is_elsewhere(review, scene.deeds[i], added.name)) continue;
        const std::vector<sql::Token>& tokens = scene.script.statements[i].tokens;
        const auto use = std::ranges::find(tokens, added.label, &sql::Token::text);
        if (use == tokens.end()) continue;
        review.look_at(i);
        review.tell(kEnumValueUsed, &*use,
                    "the server refuses it: " + added.label + " of " + quoted(added.name) +
                        " is not committed yet",
                    "add the value in a migration of its own, before this one");
        return;
    }
}

void look_at_data(Review& review) {
    const Deed& deed = review.deed();
    const bool changes = deed.kind == Kind::Update || deed.kind == Kind::Delete ||
                         (deed.kind == Kind::Insert && deed.selects);
    if (!changes) return;
    const Scene& scene = review.scene();
    // A file may hold thousands of changes: only what alters a table is gone through.
    const auto at = std::ranges::find_if(scene.alters, [&](std::size_t index) {
        return index >= review.index() || !review.is_new(scene.deeds[index].table);
    });
    if (at == scene.alters.end() || *at >= review.index()) return;
    const Deed* const lock = &scene.deeds[*at];
    if (!review.weighs(deed.table) || !review.weighs(lock->table)) return;
    review.tell(kMixedDdlAndData, nullptr,
                "all queries of " + quoted(lock->table) + review.size_of(lock->table) +
                    " wait until the rows of " + quoted(deed.table) +
                    " are changed (ACCESS EXCLUSIVE lock until the commit)",
                "change rows in a migration of their own, in batches");
}

void look(Review& review) {
    if (!review.on_postgres() || !review.scene().script.in_transaction) return;
    look_at_data(review);
    if (review.deed().kind != Kind::AddEnumValue) return;
    const std::size_t here = review.index();
    look_at_enum(review);
    review.look_at(here);
}

}  // namespace

RuleGroup transaction_rules() {
    return {.rules = kRules, .statement = look, .script = look_at_script};
}

}  // namespace drydock::migrate
