#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "engine/schema/catalog.h"

namespace drydock::schema {

// What one fact of an object was and is; empty: it was or is not there.
struct FactChange {
    std::string fact;
    std::string before, after;
};

struct Change {
    enum class Kind : std::uint8_t {
        Added,
        Removed,
        Changed,
        Reordered,  // a table has the same columns in another order
    };
    Kind kind = Kind::Changed;
    std::string type, name;  // "column", "users.email"
    // What it came or went with, when that is no schema: its own line need not be said.
    std::string with;
    std::vector<FactChange> facts;  // of Added all that it has, of Removed all that it had
};
[[nodiscard]] std::string_view name_of(Change::Kind kind);  // "added" …

struct Difference {
    enum class Class : std::uint8_t { Clean, OrderOnly, Differs };
    std::vector<Change> changes;  // by type and name
    // The kinds that one of the two could not read, and which are therefore not known to be equal.
    std::set<std::string> not_compared;

    [[nodiscard]] Class how() const;
};
[[nodiscard]] std::string_view name_of(Difference::Class how);  // "clean", "order only", "differs"

// What `after` has otherwise than `before`. Throws Error{Check} when they are of different kinds of
// databases.
[[nodiscard]] Difference difference(const Catalog& before, const Catalog& after);

// For people: "+ table teams (id, name)", "~ column users.email: type text → varchar(200)". What
// came or went with its table is counted on the table's line.
[[nodiscard]] std::vector<std::string> lines(const Difference& difference);
// The same in one line: "2 tables added, 1 column changed", "as before".
[[nodiscard]] std::string summary(const Difference& difference);
// "column users.email varchar(200) not null": an object with what there is to say of it.
[[nodiscard]] std::string text_of(const std::string& type, const std::string& name,
                                  const Value::Map& facts);
[[nodiscard]] Value to_value(const Change& change);

}  // namespace drydock::schema
