#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sql/database.h"
#include "engine/value.h"

// What a database is made of, as one document: so that two moments of it, or two databases, can be
// compared, and nothing that a migration can change is missing.
namespace drydock::schema {

// One thing: a table, a column, an index. Its facts are texts under what they say ("type",
// "default", "owner"), and only those that are not as the database has them by itself. "columns" of
// a table is a list of their names in their order; nothing else depends on it.
struct Object {
    std::string kind;    // "table", "column", "index" …
    std::string name;    // as a statement would write it: "users", "app.users", "users.email"
    std::string parent;  // the key of what it belongs to and goes with: "table users"; empty: none
    Value::Map facts;

    bool operator==(const Object&) const = default;
};

// Canonical: two catalogs of databases that are the same are equal, whatever role looked, along
// whatever search path, in whatever order things were made. Names of PostgreSQL's schema `public`
// stand without it.
struct Catalog {
    std::string database;                   // "postgres", "sqlite"
    std::map<std::string, Object> objects;  // by "kind name"
    // Of PostgreSQL: the kinds of which this role may not read all. They are not compared.
    std::set<std::string> unread;
    // Of PostgreSQL: where the session looks for a name without a schema. Not compared either.
    std::vector<std::string> path;

    // Which object `name` of that kind is, as the session would find it; null: there is none.
    [[nodiscard]] const Object* find(std::string_view kind, std::string_view name) const;

    bool operator==(const Catalog&) const = default;
};

// Looks at the whole database through `database`, as it is in its transaction when one is open.
// Takes no lock that anybody waits for, and on PostgreSQL no right but to connect. Leaves out what
// the database and its extensions made for themselves, Drydock's receipts, and what `without`
// names ("table schema_migrations", "schema audit"), each with all that belongs to it.
[[nodiscard]] Catalog look_at(sql::Database& database, const std::set<std::string>& without = {});

// How many rows each table has, by its name. On PostgreSQL they are estimates of the server, moved
// by what this transaction inserted and deleted: to count large tables would take too long.
using Rows = std::map<std::string, std::int64_t>;
[[nodiscard]] Rows rows_in(sql::Database& database);
// "users 10 → 12", for each table that is in both and has another number of rows.
[[nodiscard]] std::vector<std::string> changed_rows(const Rows& before, const Rows& after);

// The catalog as a value that can be recorded, written as JSON and read again. from_value throws
// Error{Document} for what is none, or is one of a newer Drydock.
[[nodiscard]] Value to_value(const Catalog& catalog);
[[nodiscard]] Catalog from_value(const Value& value);
// SHA-256, in hexadecimal, of what is compared, as canonical JSON.
[[nodiscard]] std::string digest(const Catalog& catalog);

}  // namespace drydock::schema
