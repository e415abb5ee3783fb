#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/cancel.h"
#include "engine/clock.h"
#include "engine/sql/advisory_lock.h"
#include "engine/sql/database.h"
#include "engine/sql/receipt.h"
#include "engine/sql/session_hooks.h"

namespace drydock::sql {

// The code of an error that says: the session is gone, and with it the answer.
inline constexpr std::string_view kLostCode = "08006";

// The step transaction's receipt was there already: the attempt ends at once with this output.
// Not a drydock::Error, and no script can catch it.
struct AlreadyApplied {
    std::string connection;
    Receipt receipt;
};

struct BatchOptions {
    std::string key;
    std::string sql;
    Arguments arguments;  // :size and :started are added
    std::int64_t size = 1000;
    Microseconds pause{0};
    std::int64_t max_batches = 1'000'000;
};
struct BatchResult {
    std::int64_t rows = 0;     // of the step, also those before a crash
    std::int64_t batches = 0;  // likewise
};

// One connection as one attempt of a step may use it: the three forms of writing and
// nothing else. Owned by the StepContext, used on its thread only.
//
//   idle --exec--> step transaction --finish(output)--> committed with receipt ''
//   idle --transaction(key, fn)--> keyed --fn returned--> committed with receipt key --> idle
//   any error inside a transaction poisons it: later calls raise, commit is refused
class StepSession final {
  public:
    StepSession(std::string connection, Database& database, ReceiptScope scope, SessionHooks hooks,
                Clock& clock, CancelToken& cancel);
    ~StepSession();  // rolls back what is open

    [[nodiscard]] const std::string& connection() const;
    [[nodiscard]] const SessionHooks& hooks() const;
    [[nodiscard]] Clock& clock();
    [[nodiscard]] Database& database();
    // True while the step transaction (bare writes) is open.
    [[nodiscard]] bool has_uncommitted_writes() const;
    // True while a transaction{key} closure runs.
    [[nodiscard]] bool in_keyed_transaction() const;

    // Reads. Inside an open transaction it sees its writes; returns the number of rows.
    std::int64_t query(std::string_view statement, const Arguments& arguments, const RowSink& sink);
    // The same for many rows, see Database::each.
    std::int64_t each(std::string_view statement, const Arguments& arguments, const RowSink& sink);
    // Database::column_names.
    [[nodiscard]] std::vector<std::string> column_names(std::string_view statement,
                                                        const Arguments& arguments);
    // A bare write: opens the step transaction at the first one. RETURNING rows go to `sink`.
    std::int64_t exec(std::string_view statement, const Arguments& arguments, const RowSink& sink);
    // A bare write too: appends rows, see Database::copy_in.
    std::int64_t copy(std::string_view table, const std::vector<std::string>& columns,
                      const Database::RowSource& next);
    // Runs `body` in a transaction with receipt `key` and commits; again, up to five times, when
    // the database ends it for the sake of another one (is_conflict). When the receipt was there
    // the body is not called and the recorded result comes back. The body's value is the result.
    // With the empty key it joins the step transaction, as a bare write does, and commits with it.
    Value transaction(std::string_view key, const std::function<Value()>& body);
    // Runs `body` in a savepoint: its failure undoes only what it did, and heals the poison. Joins
    // the step transaction when no transaction is open.
    Value savepoint(const std::function<Value()>& body);
    // Runs `body` while this session holds the advisory lock `name` of the database, for which it
    // waits at most so long: Error{Busy} naming the holder. What the body writes must be committed
    // when it returns: the lock would not protect it else.
    Value lock(const AdvisoryKey& key, Microseconds wait, const std::function<Value()>& body);
    // Repeats `sql` until it changes nothing, each time a transaction with its receipt.
    BatchResult batches(const BatchOptions& options);
    // A statement that cannot run in a transaction: unsafe, and journaled. When an earlier attempt
    // began it the catalog is asked first (alone_statement.h): what has taken effect is not run
    // again, and returns 0.
    std::int64_t exec_alone(std::string_view statement, const Arguments& arguments,
                            const RowSink& sink);
    // The same for a statement of a migration (Database::run_written). `may_have_begun`: by a run
    // before this one, as the history of the migrations tells.
    std::int64_t exec_alone_written(std::string_view statement, bool may_have_begun);

    // Waits, unless the attempt must stop: then it throws that.
    void pause(Microseconds length);

    // The attempt's body has returned: commits the step transaction, if one is open, with `output`
    // (JSON) in its receipt. Returns whether there was one.
    bool finish(const std::optional<std::string>& output_json);

  private:
    struct Impl;

    Value keyed_transaction(std::string_view key, const std::function<Value()>& body);
    std::int64_t run_batch(const BatchOptions& options, const Arguments& arguments,
                           Timestamp started);

    std::unique_ptr<Impl> impl_;
};

}  // namespace drydock::sql
