#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/sql/lexer.h"
#include "engine/sql/open.h"
#include "engine/sqlite/connection.h"

namespace drydock::sql {

// A SQLite file as a target. One connection; `synchronous` is FULL, so that a commit is on the disk
// when it returns; foreign_keys stay as SQLite has them (off), because switching them on would let
// a script cascade where the application does not. Statements stay prepared between calls.
//
// Checkpoints: SQLite before 3.44.6 can lose committed rows when two programs write and checkpoint
// one WAL at once. So the automatic checkpoint is off; after a commit that leaves a long WAL we
// checkpoint only when no other process has the file open (another's own commits will do it). On
// close SQLite's rule is enough: it checkpoints only while it holds the file exclusively.
class SqliteDatabase final : public Database {
  public:
    explicit SqliteDatabase(const SqliteSettings& settings);

    [[nodiscard]] const Identity& identity() const override { return identity_; }
    [[nodiscard]] Dialect dialect() const override { return Dialect::Sqlite; }
    [[nodiscard]] std::string server_version() const override { return sqlite::library_version(); }
    [[nodiscard]] const std::string& receipts_table() const override { return receipts_table_; }
    [[nodiscard]] bool read_only() const override { return settings_.read_only; }
    [[nodiscard]] ProgramLogin login() const override;
    std::int64_t run(std::string_view statement, const Arguments& arguments, Access access,
                     const RowSink& sink) override;
    [[nodiscard]] std::vector<std::string> column_names(std::string_view statement,
                                                        const Arguments& arguments) override;
    std::int64_t run_written(const WrittenStatement& statement, Access access) override;
    void restore_session() override;
    void take_own_role() override;
    std::int64_t copy_in(std::string_view table, const std::vector<std::string>& columns,
                         const RowSource& next) override;
    void begin() override;
    void commit() override;
    void rollback() noexcept override;
    [[nodiscard]] bool in_transaction() const override { return in_transaction_; }
    void begin_savepoint() override;
    void release_savepoint() override;
    void rollback_savepoint() override;
    void set_deadline(std::optional<Microseconds> boot_deadline) override;
    void set_notice_sink(NoticeSink) override {}
    // Its writers stand in line: none loses against another.
    [[nodiscard]] bool is_conflict(const Error&) const override { return false; }
    void interrupt() noexcept override;

  private:
    // A statement of a script, compiled when it is first run: an earlier one may make its tables.
    struct Prepared {
        std::string sql;
        bool vacuum = false;
        bool explain = false;
        bool pragma = false;
        bool in_use = false;
        std::unique_ptr<sqlite::Statement> statement;
    };
    using Script = std::vector<Prepared>;

    std::shared_ptr<Script> script(std::string_view text, const Arguments& arguments,
                                   Access access);
    std::int64_t run_prepared(Prepared& prepared, const Arguments& arguments, Access access,
                              const RowSink& sink);
    std::int64_t step_through(sqlite::Statement& statement, const RowSink& sink);
    void control(const char* statement);
    void refuse_when_lost() const;
    void refuse_when_stopped() const;
    void note_lost_transaction();
    [[nodiscard]] bool must_stop() const;
    [[nodiscard]] Error explained(const Error& error) const;
    void checkpoint_when_alone();

    SqliteSettings settings_;
    Identity identity_;
    std::string receipts_table_{"drydock_receipts"};
    sqlite::Connection connection_;
    std::map<std::string, std::shared_ptr<Script>, std::less<>> scripts_;
    std::optional<Microseconds> deadline_;
    std::atomic<bool> interrupted_{false};
    bool in_transaction_ = false;
    bool lost_ = false;  // a statement ended the transaction
    int savepoints_ = 0;
    std::int64_t asked_at_frames_ = 0;  // length of the WAL when a checkpoint was last thought of
    // What the authorizer allows while a statement is compiled, now or again after a change of
    // schema.
    enum class Compiling : std::uint8_t { Script, Migration, Ours } compiling_ = Compiling::Script;
    Access access_ = Access::Read;
    bool vacuum_ = false;
};

}  // namespace drydock::sql
