#pragma once

#include <memory>

#include "engine/sql/database.h"

namespace drydock::rehearse {

// A SQLite file whose every transaction is a savepoint of one that is rolled back when this goes:
// what PostgresSettings::rehearsal is for a server. Until then it keeps all other writers out. What
// cannot be in a transaction is refused. Not thread-safe, but for interrupt().
class RolledBack final : public sql::Database {
  public:
    // `session` has no transaction yet.
    explicit RolledBack(std::unique_ptr<sql::Database> session);
    ~RolledBack() override;
    RolledBack(const RolledBack&) = delete;
    RolledBack& operator=(const RolledBack&) = delete;

    [[nodiscard]] const sql::Identity& identity() const override { return session_->identity(); }
    [[nodiscard]] sql::Dialect dialect() const override { return session_->dialect(); }
    [[nodiscard]] std::string server_version() const override {
        return session_->server_version();
    }
    [[nodiscard]] const std::string& receipts_table() const override {
        return session_->receipts_table();
    }
    [[nodiscard]] bool read_only() const override { return session_->read_only(); }
    [[nodiscard]] sql::ProgramLogin login() const override { return session_->login(); }
    [[nodiscard]] std::vector<std::string> column_names(std::string_view statement,
                                                        const sql::Arguments& arguments) override {
        return session_->column_names(statement, arguments);
    }
    std::int64_t copy_in(std::string_view table, const std::vector<std::string>& columns,
                         const RowSource& next) override {
        return session_->copy_in(table, columns, next);
    }
    std::int64_t run(std::string_view statement, const sql::Arguments& arguments,
                     sql::Access access, const sql::RowSink& sink) override;
    std::int64_t run_written(const sql::WrittenStatement& statement, sql::Access access) override;
    void restore_session() override {}  // nobody uses it afterwards
    void take_own_role() override { session_->take_own_role(); }
    void begin() override;
    void commit() override;
    void rollback() noexcept override;
    [[nodiscard]] bool in_transaction() const override { return open_; }
    void begin_savepoint() override { session_->begin_savepoint(); }
    void release_savepoint() override { session_->release_savepoint(); }
    void rollback_savepoint() override { session_->rollback_savepoint(); }
    void set_deadline(std::optional<Microseconds> boot_deadline) override {
        session_->set_deadline(boot_deadline);
    }
    void set_notice_sink(NoticeSink sink) override { session_->set_notice_sink(std::move(sink)); }
    [[nodiscard]] bool is_conflict(const Error&) const override { return false; }
    void interrupt() noexcept override { session_->interrupt(); }

  private:
    std::unique_ptr<sql::Database> session_;
    bool open_ = false;
};

}  // namespace drydock::rehearse
