#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/postgres/connection.h"
#include "engine/sql/open.h"
#include "engine/sql/placeholders.h"
#include "engine/sql/postgres_advice.h"

namespace drydock::sql {

// For another session with the same server.
[[nodiscard]] postgres::ConnectOptions connect_options(const PostgresSettings& settings);

// A PostgreSQL database as a target. The session is read-only by default, at the server, so that a
// statement given for reading cannot write whatever its words are; begin() and exec_alone lift
// that. Commits are durable when they return: synchronous_commit is raised where it is weaker. A
// lock is waited for no longer than lock_timeout.
class PostgresDatabase final : public Database {
  public:
    explicit PostgresDatabase(const PostgresSettings& settings);

    [[nodiscard]] const Identity& identity() const override { return identity_; }
    [[nodiscard]] Dialect dialect() const override { return Dialect::Postgres; }
    [[nodiscard]] std::string server_version() const override;
    [[nodiscard]] const std::string& receipts_table() const override { return receipts_table_; }
    [[nodiscard]] bool read_only() const override { return settings_.read_only; }
    [[nodiscard]] ProgramLogin login() const override;
    std::int64_t run(std::string_view statement, const Arguments& arguments, Access access,
                     const RowSink& sink) override;
    // By a cursor: a result object for each single row costs as much as the row.
    std::int64_t each(std::string_view statement, const Arguments& arguments,
                      const RowSink& sink) override;
    void read_together(const std::function<void()>& body) override;
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
    std::int64_t begin_with(std::string_view statement, const Arguments& arguments) override;
    [[nodiscard]] bool commit_with(std::string_view insert, const Arguments& arguments) override;
    [[nodiscard]] bool in_transaction() const override { return in_transaction_; }
    void begin_savepoint() override;
    void release_savepoint() override;
    void rollback_savepoint() override;
    void set_deadline(std::optional<Microseconds> boot_deadline) override;
    void set_notice_sink(NoticeSink sink) override;
    [[nodiscard]] bool is_conflict(const Error& error) const override {
        return postgres::is_retryable(error);
    }
    void interrupt() noexcept override;

  private:
    class Reading;
    void prepare_session();
    // A standby, and a database that is read only unless one says otherwise: somebody wants it so.
    void note_who_may_write();
    void refuse_where_nobody_may_write() const;
    // Before anything is set: it would be set for others.
    void refuse_shared_session();
    void lift_read_only(Access access);
    [[nodiscard]] Identity ask_identity();
    [[nodiscard]] std::string ask(const std::string& query);
    std::int64_t run_one(const ScriptStatement& statement, const Arguments& arguments,
                         Access access, const RowSink& sink);
    postgres::Completed run_numbered(const NumberedStatement& statement, bool may_copy,
                                     const postgres::ResultSink& sink);
    // `statement` with its values, kept by the session once it has been seen.
    [[nodiscard]] postgres::Connection::Piece kept(std::string_view statement,
                                                   const Arguments& arguments);
    [[noreturn]] static void throw_rolled_back();
    // What is sent before and after reads.
    struct ReadFrame {
        std::string begin, end;
    };
    // Around a read that is in no transaction of a step: it cannot write, and a rehearsal's
    // transaction survives its failure.
    [[nodiscard]] ReadFrame read_frame() const;
    [[nodiscard]] ReadFrame together_frame() const;  // around those of read_together()
    // The types of a statement's parameters; asked once, forgotten when a table may have changed.
    const std::vector<postgres::Oid>& types_of(const std::string& statement, std::size_t count);
    void note_lost_transaction();
    // What a failure may have changed of what is known of the session.
    void note_failure(const Error& error);
    // A statement may have ended what the session keeps.
    void note_forgotten(const postgres::Completed& done);
    void refuse_when_lost() const;
    void keep_reads_read_only(Access access);
    // Asks, on a session of its own, who holds the lock that the running statement waits for.
    void look_for_blockers() noexcept;
    [[nodiscard]] Error explained(const Error& error, std::string_view statement) const;

    PostgresSettings settings_;
    std::string receipts_table_;
    postgres::Connection connection_;
    Identity identity_;
    std::map<std::string, std::vector<postgres::Oid>, std::less<>> types_;
    struct Kept {
        std::string name;
        std::vector<postgres::Oid> types;
    };
    std::map<std::string, Kept, std::less<>> kept_;  // by their text
    int kept_made_ = 0;                              // a name is never used again
    bool in_transaction_ = false;
    bool lost_ = false;  // a statement ended the transaction
    bool is_standby_ = false;
    bool is_read_only_ = false;  // by default, before the session's own setting
    bool reading_ = false;  // in read_together()
    int savepoints_ = 0;
    Blockers blockers_;  // of the running statement
    NoticeSink notice_sink_;
};

}  // namespace drydock::sql
