#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/sql/step_session.h"

// What a StepSession is inside: its open transaction, and the receipt that goes with it.
namespace drydock::sql {

inline constexpr int kConflictTries = 5;
inline constexpr Microseconds kConflictPause{20'000};
// After so many the receipts come first again, where the database knows which there are.
inline constexpr std::size_t kRememberedKeys = 10'000;

inline Error uncommitted(const std::string& connection) {
    return {ErrorCode::Lua, "uncommitted writes on " + connection + ": use transaction{key=…}",
            "give the writes before this one a transaction of their own: connections." +
                connection + ":transaction{key = \"…\", function() … end}"};
}

inline Error in_closure(const std::string& connection, std::string_view what) {
    return {ErrorCode::Lua, std::string(what) + " in the middle of a transaction on " + connection,
            "inside it only statements of the same connection and savepoints are possible"};
}

struct StepSession::Impl {
    enum class State : std::uint8_t { Idle, Step, Keyed };

    std::string connection;
    Database& database;
    ReceiptScope scope;
    SessionHooks hooks;
    Clock& clock;
    CancelToken& cancel;
    CancelToken::Waker waker;

    State state = State::Idle;
    bool prepared = false;
    std::optional<Error> poison;
    std::int64_t rows = 0;      // changed in the open transaction
    bool receipt_last = false;  // of the open transaction
    // Hashes of those whose receipts are there: a wrong one costs a statement.
    std::unordered_set<std::size_t> known_keys;

    Impl(std::string name, Database& target, ReceiptScope of, SessionHooks with, Clock& time,
         CancelToken& token)
        : connection(std::move(name)),
          database(target),
          scope(std::move(of)),
          hooks(std::move(with)),
          clock(time),
          cancel(token),
          waker(token, [&target] { target.interrupt(); }) {}

    // Rolls back whatever is open when a scope is left before it committed, by whichever exception:
    // Lua's own unwinding is none that could be caught here.
    class RollbackUnlessDone final {
      public:
        explicit RollbackUnlessDone(Impl& session) : session_(session) {}
        ~RollbackUnlessDone() {
            if (!done_) session_.abandon();
        }
        RollbackUnlessDone(const RollbackUnlessDone&) = delete;
        RollbackUnlessDone& operator=(const RollbackUnlessDone&) = delete;
        void done() { done_ = true; }

      private:
        Impl& session_;
        bool done_ = false;
    };

    void abandon() noexcept {
        database.rollback();
        state = State::Idle;
        poison.reset();
        rows = 0;
    }

    void refuse_when_poisoned() const {
        if (!poison) return;
        throw Error(poison->code(), "the transaction failed before: " + poison->message(),
                    "a failed statement is survived only inside :savepoint", poison->code_text());
    }

    std::int64_t run(std::string_view statement, const Arguments& arguments, Access access,
                     const RowSink& sink) {
        return poisoned_by_failure(
            [&] { return database.run(statement, arguments, access, sink); });
    }

    template <class Work>
    std::int64_t poisoned_by_failure(const Work& work) {
        if (cancel.stop_now()) hooks.check_stop();
        refuse_when_poisoned();
        try {
            return work();
        } catch (const Error& error) {
            // What a script saw fail inside a transaction must not be half of what is committed.
            if (state != State::Idle && !poison) poison = error;
            if (cancel.stop_now()) hooks.check_stop();
            throw;
        }
    }

    // The table of the receipts is made by the transaction that writes the first one, so that what
    // fails leaves nothing behind, not even that.
    void begin_with_receipts() {
        const bool make = must_make_receipts_now();
        database.begin();
        if (make) make_receipts(database);
    }

    // False also for the transactions after one that makes the table and commits; until then each
    // looks again.
    bool must_make_receipts_now() {
        const bool make = !prepared && must_make_receipts(database);
        prepared = !make;
        return make;
    }

    // In the first attempt of a scope there can be no receipt of an earlier one. The step's own and
    // the first key go the long way all the same: what keeps receipts from being written is found
    // before the work, not after it.
    [[nodiscard]] bool is_surely_new(std::string_view key) const {
        return scope.attempt == 1 && !key.empty() && !known_keys.empty() &&
               known_keys.size() < kRememberedKeys &&
               !known_keys.contains(std::hash<std::string_view>()(key));
    }

    void remember(std::string_view key) {
        if (known_keys.size() < kRememberedKeys)
            known_keys.insert(std::hash<std::string_view>()(key));
    }

    // Begins a transaction with its receipt. Returns the receipt that was there before, if any;
    // then nothing is open.
    std::optional<Receipt> begin(std::string_view key) {
        rows = 0;
        receipt_last = is_surely_new(key);
        RollbackUnlessDone guard(*this);
        if (receipt_last) {
            begin_with_receipts();
            guard.done();
            return std::nullopt;
        }
        const bool make = must_make_receipts_now();
        if (make) {
            database.begin();
            make_receipts(database);
        }
        if (auto before = insert_receipt(database, scope, key)) {
            remember(key);
            return before;
        }
        guard.done();
        return std::nullopt;
    }

    // Returns the receipt of another attempt that has done the same in the meantime, if any; then
    // nothing of this one is there, and nothing is open.
    std::optional<Receipt> commit(std::string_view key, const std::optional<std::string>& result) {
        refuse_when_poisoned();
        if (!receipt_last)
            commit_receipt(database, scope, key, result, rows);
        else if (!commit_with_receipt(database, scope, key, result, rows))
            return others(key);
        remember(key);
        const std::int64_t changed = rows;
        state = State::Idle;
        rows = 0;
        hooks.committed(connection, key, changed);
        return std::nullopt;
    }

    Receipt others(std::string_view key) {
        abandon();
        remember(key);
        return receipt_before(database, scope, key);
    }

    void join_step_transaction(const StepSession& self) {
        if (state != State::Idle) return;
        hooks.allow_write(self, "write");
        if (auto before = begin("")) throw AlreadyApplied{connection, std::move(*before)};
        state = State::Step;
    }

    // A transaction that lost against another one (serialization failure, deadlock) has done
    // nothing and may be tried again: here, where all of it is in `work`.
    template <class Work>
    auto repeated_in_conflict(const Work& work) {
        for (int tries = 1;; ++tries) {
            try {
                return work();
            } catch (const Error& error) {
                if (!database.is_conflict(error) || tries == kConflictTries) throw;
                if (hooks.notice)
                    hooks.notice("info", "repeated, it lost against another transaction: " +
                                             error.message());
            }
            clock.sleep_until(clock.boot() + kConflictPause * tries, cancel);
            hooks.check_stop();
        }
    }

    void refuse_unless_idle(std::string_view what) const {
        if (state == State::Step) throw uncommitted(connection);
        if (state == State::Keyed) throw in_closure(connection, what);
    }
};

}  // namespace drydock::sql
