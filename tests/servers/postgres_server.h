#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "tests/doubles/temp_folder.h"

// A real PostgreSQL server of the tests' own: a cluster in a private folder, a socket there and a
// free loopback port, no password. A test program uses the one that is held for the ctest run
// (serve.cpp; DRYDOCK_TEST_SERVERS says where), or starts its own and stops it in the end.
namespace drydock::test {

class PostgresServer final {
  public:
    // The server of this program; the first call may start it. Fails the test program, with the
    // package to install, when there is no PostgreSQL.
    [[nodiscard]] static PostgresServer& shared();
    // One of the program's own that syncs its commits, for measuring.
    [[nodiscard]] static PostgresServer& durable();
    // One of the program's own with TLS: a certificate for "localhost" in `folder()`/server.crt,
    // made by ca.crt there; role "anna" logs in over TLS alone, with password "canary-word".
    [[nodiscard]] static PostgresServer& with_tls();

    // One of the program's own that waits to be told of changes, and can only be read.
    [[nodiscard]] static PostgresServer& standby();

    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    [[nodiscard]] const std::string& socket_folder() const { return sockets_; }
    [[nodiscard]] int port() const { return port_; }
    // Of a server of the program's own.
    [[nodiscard]] const std::string& folder() const { return folder_->path(); }
    // Who owns the cluster: its superuser.
    [[nodiscard]] static std::string superuser() { return "postgres"; }
    // Makes an empty database with a name of its own.
    [[nodiscard]] std::string make_database();
    void drop_database(const std::string& name);
    // Runs statements as the superuser in `database`.
    void run(const std::string& database, const std::string& statements) const;

  private:
    enum class Kind : std::uint8_t { Shared, Durable, Tls, Standby };
    explicit PostgresServer(Kind kind);
    void start_own(Kind kind);
    void make_certificates();
    [[nodiscard]] bool join_held();

    std::optional<TempFolder> folder_;
    std::string sockets_;
    int port_ = 0;
    pid_t pid_ = -1;
    int made_ = 0;
};

}  // namespace drydock::test
