#include <array>
#include <utility>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/postgres/values.h"
#include "engine/seam.h"
#include "engine/sql/postgres_database.h"

// The transaction of a session with PostgreSQL.
namespace drydock::sql {

using postgres::TransactionState;

namespace {

constexpr const char* kBegin = "begin read write";
constexpr std::string_view kUniqueViolation = "23505";

// A transaction of a rehearsal. Its commit looks at the constraints that were put off, as a real
// one would, and leaves them put off for those that come after it.
constexpr std::string_view kBeginRehearsed = "savepoint drydock_transaction";
constexpr std::string_view kCommitRehearsed =
    "savepoint drydock_check; set constraints all immediate; rollback to drydock_check; "
    "release drydock_transaction";
constexpr std::string_view kRollbackRehearsed =
    "rollback to drydock_transaction; release drydock_transaction";

}  // namespace

void PostgresDatabase::note_who_may_write() {
    const auto is_on = [&](const char* name, const std::string& query) {
        constexpr int kTellsUnasked = 140000;
        const bool told = connection_.server_version() >= kTellsUnasked;
        return (told ? connection_.parameter(name) : ask(query)) == "on";
    };
    is_standby_ =
        is_on("in_hot_standby", "select case when pg_is_in_recovery() then 'on' else 'off' end");
    is_read_only_ = is_on("default_transaction_read_only", "show default_transaction_read_only");
}

void PostgresDatabase::refuse_where_nobody_may_write() const {
    if (is_standby_) {
        throw Error(ErrorCode::Permission, "the server is a standby: it can only be read",
                    "connect to the primary server", "25006");
    }
    if (!is_read_only_) return;
    throw Error(ErrorCode::Permission,
                "the database is read only by default (default_transaction_read_only)",
                "where this user may write all the same: alter role … in database … set "
                "default_transaction_read_only = off",
                "25006");
}

void PostgresDatabase::lift_read_only(Access access) {
    if (access != Access::Alone) return;
    refuse_where_nobody_may_write();
    connection_.exec("set default_transaction_read_only = off");
}

void PostgresDatabase::take_own_role() {
    CHECK(in_transaction_);
    const std::string role =
        settings_.role ? connection_.quoted_identifier(settings_.role->reveal()) : "none";
    connection_.exec("set local session authorization default; set local role " + role);
}

void PostgresDatabase::begin() {
    CHECK(!in_transaction_);
    refuse_where_nobody_may_write();
    if (settings_.rehearsal)
        connection_.exec(std::string(kBeginRehearsed));
    else
        connection_.begin_later(kept(kBegin, {}));
    in_transaction_ = true;
    lost_ = false;
    savepoints_ = 0;
}

void PostgresDatabase::commit() {
    CHECK(in_transaction_);
    refuse_when_lost();
    kill_point("target.before_commit");
    const postgres::Completed done =
        connection_.exec(settings_.rehearsal ? std::string(kCommitRehearsed) : "commit");
    in_transaction_ = false;
    // A transaction that failed before is rolled back by COMMIT, which reports success even so.
    if (done.tag != (settings_.rehearsal ? "RELEASE" : "COMMIT")) throw_rolled_back();
    kill_point("target.after_commit");
}

void PostgresDatabase::throw_rolled_back() {
    throw Error(ErrorCode::Sql, "the server rolled the transaction back: nothing of it is there",
                "look in the log for the statement that failed", "25P02");
}

postgres::Connection::Piece PostgresDatabase::kept(std::string_view statement,
                                                   const Arguments& arguments) {
    auto known = kept_.find(statement);
    if (known == kept_.end()) {
        Kept one{.name = "drydock_" + std::to_string(++kept_made_), .types = {}};
        std::string text(statement);
        one.types = connection_.parameter_types(text, one.name);
        known = kept_.emplace(std::move(text), std::move(one)).first;
    }
    const auto& [name, types] = known->second;
    CHECK(types.size() == arguments.positional.size());
    postgres::Connection::Piece piece{.statement = known->first, .name = name, .parameters = {}};
    piece.parameters.reserve(types.size());
    for (std::size_t i = 0; i < types.size(); ++i)
        piece.parameters.push_back(postgres::encode(types[i], arguments.positional[i]));
    return piece;
}

std::int64_t PostgresDatabase::begin_with(std::string_view statement, const Arguments& arguments) {
    if (settings_.rehearsal) return Database::begin_with(statement, arguments);
    CHECK(!in_transaction_);
    refuse_where_nobody_may_write();
    lost_ = false;
    savepoints_ = 0;
    blockers_ = {};
    try {
        const std::array pieces{kept(kBegin, {}), kept(statement, arguments)};
        // Also when the statement fails: rollback() sees what is there.
        in_transaction_ = true;
        return connection_.run_together(pieces).back().changed;
    } catch (const Error& error) {
        note_failure(error);
        throw explained(error, statement);
    }
}

// The COMMIT is on its way before the answer of the statement is known. A key that is there makes
// the statement fail, and then the server skips it.
bool PostgresDatabase::commit_with(std::string_view insert, const Arguments& arguments) {
    if (settings_.rehearsal) return Database::commit_with(insert, arguments);
    CHECK(in_transaction_);
    refuse_when_lost();
    blockers_ = {};
    kill_point("target.before_commit");
    try {
        const std::array pieces{kept(insert, arguments), kept("commit", {})};
        const auto done = connection_.run_together(pieces);
        in_transaction_ = false;
        if (done.back().tag != "COMMIT") throw_rolled_back();
    } catch (const Error& error) {
        // What COMMIT itself finds may break a key too, but then nothing is open any more.
        const bool was_there = error.code_text() == kUniqueViolation &&
                               connection_.transaction_state() == TransactionState::Failed;
        if (was_there) return false;
        note_failure(error);
        throw explained(error, insert);
    }
    kill_point("target.after_commit");
    return true;
}

void PostgresDatabase::rollback() noexcept {
    const bool was_open = std::exchange(in_transaction_, false);
    lost_ = false;
    try {
        const TransactionState state = connection_.transaction_state();
        if (state == TransactionState::Idle || state == TransactionState::Lost) return;
        if (settings_.rehearsal && !was_open) return;
        connection_.exec_after_stop(settings_.rehearsal ? std::string(kRollbackRehearsed)
                                                        : "rollback");
    } catch (const Error&) {
        // The session is gone, and with it the transaction.
    }
}

void PostgresDatabase::begin_savepoint() {
    CHECK(in_transaction_);
    refuse_when_lost();
    connection_.exec("savepoint drydock_" + std::to_string(savepoints_ + 1));
    ++savepoints_;
}

void PostgresDatabase::release_savepoint() {
    CHECK(savepoints_ > 0);
    refuse_when_lost();
    connection_.exec("release drydock_" + std::to_string(savepoints_));
    --savepoints_;
}

void PostgresDatabase::rollback_savepoint() {
    CHECK(savepoints_ > 0);
    refuse_when_lost();
    const std::string name = "drydock_" + std::to_string(savepoints_);
    connection_.exec("rollback to " + name + "; release " + name);
    --savepoints_;
}

}  // namespace drydock::sql
