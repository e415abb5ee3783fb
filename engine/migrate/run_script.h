#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/migrate/pieces.h"
#include "engine/migrate/tool_history.h"
#include "engine/sql/step_session.h"

// The statements of a migration's script, sent to the database of a step. Of this room alone.
namespace drydock::migrate {

// PostgreSQL's code for a lock that was not to be had in time.
inline constexpr std::string_view kLockNotAvailable = "55P03";

[[nodiscard]] const Script& script_of(const Passage& passage);
// "000012_add_tags"; "views" of a repeatable one.
[[nodiscard]] std::string called(const Migration& migration);

// The statements of a piece, one after the other; an error has its place in the file.
void run_piece(sql::StepSession& session, const Script& script, const Piece& piece);

// Whether it could leave the session other than it was.
[[nodiscard]] bool may_set_something(const Script& script);
// What the first `done` pieces have set for their session, which is another one now.
void set_again(sql::Database& database, const Script& script, const std::vector<Piece>& pieces,
               std::size_t done);

// Runs `work` as a transaction with receipt `key`; again, with growing pauses for at most so long,
// while a table is locked by somebody else: all of it, for it was rolled back. `name` is told.
void patiently(sql::StepSession& session, Microseconds patience, const std::string& name,
               const std::string& key, const std::function<void()>& work);

}  // namespace drydock::migrate
