#include "engine/error.h"
#include "engine/json/json.h"
#include "engine/seam.h"
#include "engine/sql/step_session_impl.h"

namespace drydock::sql {

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
        impl_->remember(options.key);
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
    Impl::RollbackUnlessDone guard(*impl_);
    impl_->begin_with_receipts();
    const std::int64_t rows = impl_->database.run(options.sql, arguments, Access::Write, {});
    // The last batch finds nothing: there is nothing to commit.
    if (rows == 0) return 0;
    add_batch(impl_->database, impl_->scope, options.key, rows, started);
    impl_->database.commit();
    guard.done();
    kill_point("batch.after_commit");
    return rows;
}

}  // namespace drydock::sql
