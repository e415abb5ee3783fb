#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/cases/case_folder.h"
#include "engine/cases/server_process.h"
#include "engine/postgres/connection.h"

namespace drydock::cases {

// The PostgreSQL server of a program's cases: a cluster in a folder of its own that listens on a
// socket there only. It is made for the first case that has a PostgreSQL connection, serves one
// case after the other, each of which finds it empty, and ends with the program that started it.
// All PostgreSQL connections of a runbook lead there, whatever they say of host, password and TLS.
// Used by one thread; holds no session, so that the process may be forked.
class PrivatePostgres final {
  public:
    // Nothing is started yet.
    PrivatePostgres() = default;
    PrivatePostgres(const PrivatePostgres&) = delete;
    PrivatePostgres& operator=(const PrivatePostgres&) = delete;

    // Of its socket's name.
    static constexpr int kPort = 5432;
    static constexpr std::string_view kSuperuser = "postgres";

    // It runs when this returns, and holds nothing. Throws Error{Command} when there is no
    // PostgreSQL, or it cannot be started.
    void start_empty();
    // Nothing of a case before is left: databases, roles, settings. It runs.
    void clear();
    // Ends all sessions but those of the server itself, and waits until they are gone with their
    // locks. What they had not committed is rolled back.
    void end_sessions() const;
    // The same for transactions that were prepared: their locks stand until somebody ends them.
    void end_prepared() const;
    // Of the superuser. A statement that does not end within two minutes fails.
    [[nodiscard]] std::unique_ptr<postgres::Connection> connect(const std::string& database) const;

    [[nodiscard]] std::string socket_folder() const;
    // -1: it does not run.
    [[nodiscard]] pid_t pid() const { return process_ ? process_->pid() : -1; }

  private:
    void make();
    void wait_until_it_answers();
    static void end_sessions(postgres::Connection& connection);
    void end_prepared(postgres::Connection& connection) const;
    static void drop_everything(postgres::Connection& connection);
    [[nodiscard]] std::string log() const { return socket_folder() + "/log"; }
    [[nodiscard]] std::string last_words() const;

    std::optional<CaseFolder> folder_;
    std::optional<ServerProcess> process_;  // ends before its folder goes
};

}  // namespace drydock::cases
