#include <algorithm>
#include <array>

#include "engine/migrate/review.h"

// Types of new columns for which there is a better one. Advice, for new columns only.
namespace drydock::migrate {
namespace {

using Kind = Deed::Kind;

constexpr Rule kSerial{
    .name = "serial-instead-of-identity",
    .level = Level::Info,
    .where = Where::Postgres,
    .summary = "a serial column, where an identity column does the same",
    .why = "Serial makes a sequence with rights and an owner of its own, and anybody may write any "
           "number into the column. Identity (PostgreSQL 10) is part of the column and standard "
           "SQL.",
    .bad = "create table tags (id bigserial primary key);\n",
    .good = "create table tags (id bigint generated always as identity primary key);\n"};
constexpr Rule kTimestamp{
    .name = "timestamp-without-timezone",
    .level = Level::Info,
    .where = Where::Postgres,
    .summary = "a timestamp that does not say which moment it is",
    .why = "It is the reading of a clock somewhere. Sessions with other time zones write and read "
           "other moments, and an hour in autumn comes twice. Timestamptz takes no more space.",
    .bad = "create table visits (at timestamp);\n",
    .good = "create table visits (at timestamptz);\n"};
constexpr Rule kChar{
    .name = "char-type",
    .level = Level::Info,
    .where = Where::Postgres,
    .summary = "a char(n) column, which is filled up with blanks",
    .why = "The blanks take space and are ignored in some comparisons but not in others. Text with "
           "a check is as fast and says what is meant.",
    .bad = "create table places (country char(2));\n",
    .good = "create table places (country text check (length(country) = 2));\n"};
constexpr Rule kIntPrimaryKey{
    .name = "int-primary-key",
    .level = Level::Info,
    .where = Where::Postgres,
    .summary = "a primary key of four bytes, which ends at 2,147,483,647",
    .why = "When it is used up no row can be inserted any more, and making it a bigint then writes "
           "the whole table anew. Failed inserts use up numbers too.",
    .bad = "create table tags (id integer primary key);\n",
    .good = "create table tags (id bigint primary key);\n"};
constexpr Rule kJson{
    .name = "json-instead-of-jsonb",
    .level = Level::Info,
    .where = Where::Postgres,
    .summary = "a json column, which is kept as text",
    .why = "It is parsed at each use and has no equality, so that select distinct and group by "
           "fail on it. Jsonb has both and can be indexed.",
    .bad = "create table events (body json);\n",
    .good = "create table events (body jsonb);\n"};
constexpr Rule kMoney{
    .name = "money-type",
    .level = Level::Info,
    .where = Where::Postgres,
    .summary = "a money column, whose currency is a setting of the server",
    .why = "What it holds depends on lc_monetary: a dump read elsewhere has the same digits in "
           "another currency.",
    .bad = "create table items (price money);\n",
    .good = "create table items (price numeric(12, 2));\n"};
constexpr Rule kTableWithoutPrimaryKey{
    .name = "table-without-primary-key",
    .level = Level::Info,
    .summary = "a new table has no primary key",
    .why = "A row cannot be named: replication, tools that change rows in batches, and whoever "
           "must correct one row need it.",
    .bad = "create table tags (name text);\n",
    .good = "create table tags (name text primary key);\n"};
constexpr std::array kRules{&kSerial, &kTimestamp, &kChar, &kIntPrimaryKey,
                            &kJson,   &kMoney,     &kTableWithoutPrimaryKey};

bool is_integer(const ColumnType& type) {
    return type.name == "integer" || type.name == "smallint" || type.name == "serial" ||
           type.name == "smallserial";
}

void look_at_column(Review& review, const Column& column) {
    const std::string& type = column.type.name;
    const std::string name = quoted(column.name);
    if (type.ends_with("serial") && !review.is_before(10)) {
        review.tell(kSerial, column.at, name + " has a sequence beside it",
                    "write " + std::string(type == "bigserial" ? "bigint" : "integer") +
                        " generated always as identity");
    } else if (type == "timestamp") {
        review.tell(kTimestamp, column.at, name + " does not say which moment it is",
                    "write timestamptz");
    } else if (type == "char") {
        review.tell(kChar, column.at, name + " is filled up with blanks",
                    "write text, with a check of its length");
    } else if (type == "json") {
        review.tell(kJson, column.at, name + " is parsed at each use and cannot be compared",
                    "write jsonb");
    } else if (type == "money") {
        review.tell(kMoney, column.at, name + " has the currency that the server is set to",
                    "write numeric, with the currency beside it");
    }
    if (column.primary_key && is_integer(column.type)) {
        review.tell(kIntPrimaryKey, column.at,
                    name + " ends at " +
                        (type.starts_with("small") ? "32,767" : "2,147,483,647"),
                    "write bigint");
    }
}

bool has_primary_key(const Review& review) {
    const Deed& table = review.deed();
    const bool own =
        std::ranges::any_of(table.columns, &Column::primary_key) ||
        std::ranges::any_of(table.constraints, [](const Constraint& one) {
            return one.kind == Constraint::Kind::PrimaryKey;
        });
    if (own) return true;
    // Later in the file, by itself or under another name.
    return std::ranges::any_of(review.scene().deeds, [&](const Deed& deed) {
        return deed.kind == Kind::AlterTable && deed.table == table.name &&
               std::ranges::any_of(deed.actions, [](const Action& action) {
                   return action.column.primary_key ||
                          action.constraint.kind == Constraint::Kind::PrimaryKey;
               });
    });
}

void look(Review& review) {
    const Deed& deed = review.deed();
    if (deed.kind == Kind::CreateTable && !deed.copied && !deed.temporary &&
        !deed.columns.empty() && !has_word(review.statement().tokens, "virtual") &&
        !has_primary_key(review)) {
        review.tell(kTableWithoutPrimaryKey, nullptr,
                    quoted(deed.name) + " has no column by which to name a row",
                    "give it a primary key");
    }
    if (!review.on_postgres() || deed.temporary) return;
    for (const Column& column : deed.columns) look_at_column(review, column);
    for (const Action& action : deed.actions) {
        if (action.kind == Action::Kind::AddColumn) look_at_column(review, action.column);
    }
}

}  // namespace

RuleGroup type_rules() { return {.rules = kRules, .statement = look}; }

}  // namespace drydock::migrate
