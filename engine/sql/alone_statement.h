#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/sql/database.h"
#include "engine/sql/lexer.h"
#include "engine/sql/session_hooks.h"

// Statements that run outside of a transaction, and so without a receipt. Of most of them the
// catalog tells afterwards whether they took effect, or repeating them does no harm: then nobody
// need be asked after a crash.
namespace drydock::sql {

struct AloneStatement {
    enum class Kind : std::uint8_t {
        Other,       // nobody can tell
        Repeatable,  // VACUUM, ANALYZE …: the same state again
        Reindex,     // likewise; but CONCURRENTLY it may leave an invalid copy behind
        CreateIndex,
        DropIndex,
        CreateDatabase,
        DropDatabase,
        AddEnumValue,
    };
    Kind kind = Kind::Other;
    // As they are written, with their quotes.
    std::string name;   // of the index, database or type; of what is reindexed
    std::string table;  // of CreateIndex
    std::string value;  // of AddEnumValue: the label itself
};

// What `statement` is; no error for one that is wrong. Pure.
[[nodiscard]] AloneStatement alone_statement(std::string_view statement, Dialect dialect);

// True when the catalog shows whether it took effect: what makes or removes something.
[[nodiscard]] bool is_in_catalog(const AloneStatement& statement);

enum class Effect : std::uint8_t { None, Half, Whole };
// What the catalog says of it now. Repeatable and Reindex: None, as long as nothing is left over.
// Throws what the database throws; a CHECK fails for Other.
[[nodiscard]] Effect effect_of(Database& database, const AloneStatement& statement);

// For a statement that was begun by an attempt before this one, which died or failed: ends its
// session where that goes on, takes away what it left half done, and says whether it has taken
// effect. `text` is the statement as it was sent.
[[nodiscard]] bool settle_alone(Database& database, const AloneStatement& statement,
                                std::string_view text);

// The statement as the server gets it.
[[nodiscard]] std::string alone_text(const Database& database, std::string_view statement,
                                     const Arguments& arguments);

// Runs `text` on `database`, which a step calls `connection`, by `send`, as a journaled effect.
// When it may have begun before, by an attempt of this step or as the caller knows, it is settled
// first: done, it is not sent again, and 0 comes back. Returns what `send` does.
std::int64_t run_alone(const std::string& connection, Database& database, const SessionHooks& hooks,
                       const std::string& text, bool may_have_begun,
                       const std::function<std::int64_t()>& send);

}  // namespace drydock::sql
