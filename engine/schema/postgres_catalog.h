#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/schema/catalog.h"

namespace drydock::schema {

// The catalog of a PostgreSQL database (12 or newer) and its rows: see schema::look_at. Definitions
// are the server's own words for what it keeps, which differ a little from one major version to the
// next. What holds secrets is never read: connection strings of subscriptions, options of user
// mappings. Adds the keys of what is Drydock's own to `ours`.
[[nodiscard]] Catalog look_at_postgres(sql::Database& database, std::set<std::string>& ours);
[[nodiscard]] Rows rows_in_postgres(sql::Database& database);

// A part of the catalog that one query reads: kind, name, key of the parent or null, and the facts
// as a JSON object, a row for each object. `tables` of pg_catalog must be readable for it.
struct Area {
    std::vector<std::string> kinds;  // of the objects: "policy"
    std::vector<std::string> tables;
    std::string query;
};
[[nodiscard]] const std::vector<Area>& relation_areas();  // tables and what belongs to them
[[nodiscard]] const std::vector<Area>& other_areas();     // routines, types, all else

// Parts of queries. What is of the database itself or of an extension is not in them: `spaces`
// (schemas), `members` (of extensions, and what a range type brings), `rels` (relations with
// `name`, `key` and `space`).
[[nodiscard]] std::string with_relations(std::string_view rest);
// The comment on the object `oid` of the table `of` ("pg_class"); `column` 0: on itself.
[[nodiscard]] std::string comment(std::string_view of, std::string_view oid,
                                  std::string_view column = "0");
// What others may do, unless it is what the server grants by itself. `kind` is that of acldefault.
[[nodiscard]] std::string grants(std::string_view acl, char kind, std::string_view owner);

}  // namespace drydock::schema
