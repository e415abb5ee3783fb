#include "engine/sql/step_session.h"

#include <algorithm>
#include <exception>
#include <unordered_set>
#include <utility>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/json/json.h"
#include "engine/seam.h"
#include "engine/sql/alone_statement.h"

namespace drydock::sql {
namespace {

constexpr int kConflictTries = 5;
constexpr Microseconds kConflictPause{20'000};
// After so many the receipts come first again, where the database knows which there are.
constexpr std::size_t kRememberedKeys = 10'000;

Error uncommitted(const std::string& connection) {
    return {ErrorCode::Lua, "uncommitted writes on " + connection + ": use transaction{key=…}",
            "give the writes before this one a transaction of their own: connections." +
                connection + ":transaction{key = \"…\", function() … end}"};
}

Error in_closure(const std::string& connection, std::string_view what) {
    return {ErrorCode::Lua, std::string(what) + " in the middle of a transaction on " + connection,
            "inside it only statements of the same connection and savepoints are possible"};
}

}  // namespace

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
    std::int64_t rows = 0;  // changed in the open transaction
    bool receipt_last = false;  // of the open transaction
    // Hashes of keys, in this attempt: a wrong one costs a statement.
    std::unordered_set<std::size_t> committed;

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

    // In the first attempt of a scope there can be no receipt of an earlier one. The first key goes
    // the long way all the same, so that what keeps receipts from being written is found before the
    // work, not after it.
    [[nodiscard]] bool is_surely_new(std::string_view key) const {
        return scope.attempt == 1 && !committed.empty() && committed.size() < kRememberedKeys &&
               !committed.contains(std::hash<std::string_view>()(key));
    }

    // Begins a transaction with its receipt. Returns the receipt that was there before, if any;
    // then nothing is open.
    std::optional<Receipt> begin(std::string_view key) {
        rows = 0;
        receipt_last = is_surely_new(key);
        if (receipt_last) {
            begin_with_receipts();
            return std::nullopt;
        }
        const bool make = must_make_receipts_now();
        RollbackUnlessDone guard(*this);
        if (make) {
            database.begin();
            make_receipts(database);
        }
        auto before = insert_receipt(database, scope, key);
        if (before) return before;
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
        if (committed.size() < kRememberedKeys)
            committed.insert(std::hash<std::string_view>()(key));
        const std::int64_t changed = rows;
        state = State::Idle;
        rows = 0;
        hooks.committed(connection, key, changed);
        return std::nullopt;
    }

    Receipt others(std::string_view key) {
        abandon();
        auto receipt = find_receipt(database, scope.run, scope.scope, key);
        CHECK(receipt.has_value());
        return *std::move(receipt);
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

StepSession::StepSession(std::string connection, Database& database, ReceiptScope scope,
                         SessionHooks hooks, Clock& clock, CancelToken& cancel)
    : impl_(std::make_unique<Impl>(std::move(connection), database, std::move(scope),
                                   std::move(hooks), clock, cancel)) {
    database.set_notice_sink(impl_->hooks.notice);
}

StepSession::~StepSession() {
    impl_->database.set_notice_sink({});
    if (impl_->database.in_transaction()) impl_->abandon();
}

const std::string& StepSession::connection() const {
    return impl_->connection;
}
const SessionHooks& StepSession::hooks() const {
    return impl_->hooks;
}
Clock& StepSession::clock() {
    return impl_->clock;
}
Database& StepSession::database() {
    return impl_->database;
}
bool StepSession::has_uncommitted_writes() const {
    return impl_->state == Impl::State::Step;
}
bool StepSession::in_keyed_transaction() const {
    return impl_->state == Impl::State::Keyed;
}

std::int64_t StepSession::query(std::string_view statement, const Arguments& arguments,
                                const RowSink& sink) {
    return impl_->run(statement, arguments, Access::Read, sink);
}

std::int64_t StepSession::each(std::string_view statement, const Arguments& arguments,
                               const RowSink& sink) {
    return impl_->poisoned_by_failure(
        [&] { return impl_->database.each(statement, arguments, sink); });
}

std::vector<std::string> StepSession::column_names(std::string_view statement,
                                                   const Arguments& arguments) {
    std::vector<std::string> names;
    (void)impl_->poisoned_by_failure([&] {
        names = impl_->database.column_names(statement, arguments);
        return std::int64_t{0};
    });
    return names;
}

std::int64_t StepSession::exec(std::string_view statement, const Arguments& arguments,
                               const RowSink& sink) {
    impl_->join_step_transaction(*this);
    const std::int64_t changed = impl_->run(statement, arguments, Access::Write, sink);
    impl_->rows += changed;
    return changed;
}

std::int64_t StepSession::copy(std::string_view table, const std::vector<std::string>& columns,
                               const Database::RowSource& next) {
    impl_->join_step_transaction(*this);
    const std::int64_t copied =
        impl_->poisoned_by_failure([&] { return impl_->database.copy_in(table, columns, next); });
    impl_->rows += copied;
    return copied;
}

Value StepSession::transaction(std::string_view key, const std::function<Value()>& body) {
    if (impl_->state == Impl::State::Keyed) throw in_closure(connection(), "a second transaction");
    if (key.empty()) {
        impl_->join_step_transaction(*this);
        return body();
    }
    impl_->refuse_unless_idle("a second transaction");
    impl_->hooks.allow_write(*this, "transaction");
    return impl_->repeated_in_conflict([&] { return keyed_transaction(key, body); });
}

Value StepSession::keyed_transaction(std::string_view key, const std::function<Value()>& body) {
    const auto recorded = [](const Receipt& receipt) {
        return receipt.result ? json::parse_typed(*receipt.result) : Value();
    };
    if (const auto before = impl_->begin(key)) return recorded(*before);
    impl_->state = Impl::State::Keyed;
    Impl::RollbackUnlessDone guard(*impl_);
    Value result = body();
    const auto others = impl_->commit(
        key, result.is_null() ? std::nullopt : std::optional(json::write_typed(result)));
    guard.done();
    return others ? recorded(*others) : result;
}

namespace {

// Undoes what a savepoint's body did when it is left by any exception.
class SavepointScope final {
  public:
    SavepointScope(Database& database, std::optional<Error>& poison, std::int64_t& rows)
        : database_(database), poison_(poison), rows_(rows), rows_before_(rows) {
        database_.begin_savepoint();
    }
    ~SavepointScope() {
        if (released_) return;
        try {
            database_.rollback_savepoint();
            poison_.reset();
            rows_ = rows_before_;
        } catch (const Error& error) {
            // The transaction itself is gone: it stays poisoned, and the commit will be refused.
            if (!poison_) poison_ = error;
        }
    }
    SavepointScope(const SavepointScope&) = delete;
    SavepointScope& operator=(const SavepointScope&) = delete;
    void release() {
        database_.release_savepoint();
        released_ = true;
    }

  private:
    Database& database_;
    std::optional<Error>& poison_;
    std::int64_t& rows_;
    std::int64_t rows_before_;
    bool released_ = false;
};

}  // namespace

Value StepSession::savepoint(const std::function<Value()>& body) {
    impl_->join_step_transaction(*this);
    impl_->refuse_when_poisoned();
    SavepointScope scope(impl_->database, impl_->poison, impl_->rows);
    Value result = body();
    // The body swallowed a failure: what it did since is as undone as if it had not.
    if (impl_->poison) throw Error(*impl_->poison);
    scope.release();
    return result;
}

Value StepSession::lock(const AdvisoryKey& key, Microseconds wait,
                        const std::function<Value()>& body) {
    impl_->refuse_unless_idle("lock");
    if (impl_->cancel.stop_now()) impl_->hooks.check_stop();
    AdvisoryLock lock(impl_->database, key);
    lock.wait_for(wait, impl_->hooks, impl_->clock, impl_->cancel);
    // Before the lock goes.
    Impl::RollbackUnlessDone guard(*impl_);
    Value result = body();
    if (impl_->state != Impl::State::Idle) throw uncommitted(connection());
    guard.done();
    return result;
}

BatchResult StepSession::batches(const BatchOptions& options) {
    if (options.key.empty())
        throw Error(ErrorCode::Lua, "batches need a key", "give it one: batches{key = \"…\"}");
    if (options.size < 1) throw Error(ErrorCode::Lua, "the size of a batch must be at least 1");
    impl_->refuse_unless_idle("batches");
    impl_->hooks.allow_write(*this, "batches");
    const auto before =
        find_receipt(impl_->database, impl_->scope.run, impl_->scope.scope, options.key);
    BatchResult result{
        .rows = before ? before->rows : 0,
        .batches = before && before->result ? json::parse(*before->result).as<std::int64_t>() : 0};
    const Timestamp started = before && before->started ? *before->started : impl_->clock.wall();
    Arguments arguments = options.arguments;
    arguments.named["size"] = options.size;
    arguments.named["started"] = started;
    for (;;) {
        const std::int64_t rows =
            impl_->repeated_in_conflict([&] { return run_batch(options, arguments, started); });
        if (rows == 0) return result;
        result.rows += rows;
        ++result.batches;
        impl_->hooks.committed(impl_->connection, options.key, rows);
        impl_->hooks.progress(result.rows, 0, "rows");
        if (impl_->hooks.one_batch) return result;
        if (result.batches >= options.max_batches) {
            throw Error(ErrorCode::Check,
                        "no end after " + std::to_string(result.batches) +
                            " batches: the statement always changes something",
                        "let it change only rows that it will not find again, and use :started "
                        "instead of now");
        }
        pause(options.pause);
    }
}

std::int64_t StepSession::run_batch(const BatchOptions& options, const Arguments& arguments,
                                    Timestamp started) {
    impl_->hooks.check_stop();
    impl_->begin_with_receipts();
    Impl::RollbackUnlessDone guard(*impl_);
    const std::int64_t rows = impl_->database.run(options.sql, arguments, Access::Write, {});
    // The last batch finds nothing: there is nothing to commit.
    if (rows == 0) return 0;
    add_batch(impl_->database, impl_->scope, options.key, rows, started);
    impl_->database.commit();
    guard.done();
    kill_point("batch.after_commit");
    return rows;
}

void StepSession::pause(Microseconds length) {
    if (length.count() <= 0) return;
    impl_->clock.sleep_until(impl_->clock.boot() + length, impl_->cancel);
    impl_->hooks.check_stop();
}

std::int64_t StepSession::exec_alone(std::string_view statement, const Arguments& arguments,
                                     const RowSink& sink) {
    impl_->refuse_unless_idle("exec_alone");
    return run_alone(impl_->connection, impl_->database, impl_->hooks,
                     alone_text(impl_->database, statement, arguments), false, [&] {
                         return impl_->database.run(statement, arguments, Access::Alone, sink);
                     });
}

std::int64_t StepSession::exec_alone_written(std::string_view statement, bool may_have_begun) {
    impl_->refuse_unless_idle("exec_alone");
    return run_alone(impl_->connection, impl_->database, impl_->hooks, std::string(statement),
                     may_have_begun, [&] {
                         return impl_->database.run_written({.text = statement, .data = {}},
                                                            Access::Alone);
                     });
}

bool StepSession::finish(const std::optional<std::string>& output_json) {
    CHECK(impl_->state != Impl::State::Keyed);
    if (impl_->state == Impl::State::Idle) return false;
    Impl::RollbackUnlessDone guard(*impl_);
    auto others = impl_->commit("", output_json);
    guard.done();
    if (others) throw AlreadyApplied{connection(), *std::move(others)};
    return true;
}

}  // namespace drydock::sql
