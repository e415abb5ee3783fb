#include "engine/sql/step_session.h"

#include <utility>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/json/json.h"
#include "engine/sql/alone_statement.h"
#include "engine/sql/step_session_impl.h"

namespace drydock::sql {

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
    const auto others = impl_->commit("", output_json);
    CHECK(!others);  // the step's own receipt comes first
    guard.done();
    return true;
}

}  // namespace drydock::sql
