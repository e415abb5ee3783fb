#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/migrate/token_walk.h"

// What a statement does, by its words alone: which object it makes, alters or takes away, and what
// of it. Enough for the rules of lint; what they do not ask for is Other. Pure values; the tokens
// in them are those of the statement, which must outlive them.
namespace drydock::migrate {

// "varchar" {20}, "timestamptz" {}: the names that PostgreSQL prefers, in lower case.
struct ColumnType {
    std::string name;
    std::vector<int> sizes;
    bool array = false;
    bool operator==(const ColumnType&) const = default;
};

struct Column {
    const sql::Token* at = nullptr;  // where it begins
    std::string name;
    ColumnType type;
    bool not_null = false;
    bool unique = false;
    bool primary_key = false;
    bool check = false;
    bool references = false;
    bool identity = false;
    bool stored = false;  // generated … stored
    Tokens fallback;      // the expression of its default; empty without one, or for `null`
};

struct Constraint {
    enum class Kind : std::uint8_t { Check, ForeignKey, Unique, PrimaryKey, Exclude, NotNull };
    Kind kind = Kind::Check;
    const sql::Token* at = nullptr;
    std::string name;           // may be empty
    bool not_valid = false;
    bool using_index = false;
    std::string references;     // of ForeignKey: the table
    std::string never_null;     // of Check (x is not null): x
};

// One of the things that an ALTER TABLE does.
struct Action {
    enum class Kind : std::uint8_t {
        AddColumn,
        DropColumn,
        RenameColumn,
        RenameTable,
        SetType,
        SetNotNull,
        AddConstraint,
        DropConstraint,
        ValidateConstraint,
        Rewrite,  // set logged, set unlogged, set tablespace, set access method
        OtherOfColumn,
        Other,
    };
    Kind kind = Kind::Other;
    const sql::Token* at = nullptr;
    std::string name;        // of the column or constraint; of the table after RenameTable
    Column column;           // of AddColumn; of SetType its type
    Constraint constraint;   // of AddConstraint
    bool if_exists = false;  // or if not exists
    bool cascade = false;
    Tokens conversion;       // of SetType: using …
    Tokens words;            // all of it
};

struct Deed {
    enum class Kind : std::uint8_t {
        CreateTable, CreateIndex, Create, AlterTable, AddEnumValue, Rename, Drop, Truncate, Update,
        Delete, Insert, LockTable, Set, Reindex, Cluster, Vacuum, Refresh, Grant, Other
    };
    Kind kind = Kind::Other;
    std::string object;  // of Create, Drop, Rename: "table", "materialized view"; empty: not known
    std::string name;    // may be empty for an index; of a setting
    std::string table;   // what is altered, indexed, changed or locked
    std::vector<std::string> names;  // of Drop and Truncate: all of them
    bool concurrently = false;
    bool unique = false;
    bool unless = false;     // if exists, if not exists, or replace
    bool replaces = false;   // or replace
    bool cascade = false;
    bool temporary = false;
    bool copied = false;     // create table … as, partition of, inherits, like: not all is written
    bool full = false;       // of Vacuum
    bool has_where = false;
    bool selects = false;    // of Insert: its rows come from a query
    bool local = false;      // of Set
    bool only = false;       // of CreateIndex: on only TABLE, without its partitions
    std::string label;       // of AddEnumValue: with its quotes
    std::vector<Column> columns;          // of CreateTable
    std::vector<Constraint> constraints;  // of CreateTable
    std::vector<Action> actions;          // of AlterTable
};

// Of the tokens of one statement, at least one.
[[nodiscard]] Deed deed_of(Tokens tokens);

// What a column is, from its name on.
[[nodiscard]] Column column_of(Tokens tokens);
// Of a type that begins here; the walk stops behind it.
[[nodiscard]] ColumnType take_type(TokenWalk& walk);
// Whether a constraint of a table, not a column, begins here.
[[nodiscard]] bool begins_constraint(TokenWalk walk);
[[nodiscard]] Constraint constraint_of(Tokens tokens);
[[nodiscard]] std::vector<Action> actions_of(Tokens tokens);

}  // namespace drydock::migrate
