#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/sql/database.h"
#include "engine/sql/lexer.h"

// How arguments get to their places in a statement, in the same words on every driver. Errors are
// Error{Lua}: the script gave too little or something that cannot go there.
namespace drydock::sql {

// The statement with each :"name" replaced by the quoted identifier given under that name. All
// other text stays as it is: nothing else is ever pasted.
[[nodiscard]] std::string with_identifiers(const ScriptStatement& statement,
                                           const Arguments& arguments,
                                           Dialect dialect = Dialect::Sqlite);

// The same for PostgreSQL, which knows parameters by number only: each is written as $1, $2 … in
// the order in which it is first named, and `values` are theirs. Views into `arguments`.
struct NumberedStatement {
    std::string text;
    std::vector<const Value*> values;
};
[[nodiscard]] NumberedStatement numbered(const ScriptStatement& statement,
                                         const Arguments& arguments);

// The value for a parameter as it is written: "$1", "?2", ":name", "@name"; for a bare "?" the one
// at `bare_index` (from 0).
[[nodiscard]] const Value& argument_for(std::string_view parameter, std::size_t bare_index,
                                        const Arguments& arguments);

// `name` as an identifier of SQLite: in backquotes, those in it doubled. Not in double quotes:
// where there is no such column SQLite takes them for a string, and a mistyped name would compare
// text with text, which hits every row or none. Of PostgreSQL: in double quotes. Throws for an
// empty name or NUL.
[[nodiscard]] std::string quoted_identifier(std::string_view name,
                                            Dialect dialect = Dialect::Sqlite);

}  // namespace drydock::sql
