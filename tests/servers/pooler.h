#pragma once

#include <sys/types.h>

#include <string>

#include "tests/doubles/temp_folder.h"
#include "tests/servers/postgres_server.h"

namespace drydock::test {

// A real PgBouncer before a database of the tests' server.
class Pooler final {
  public:
    // `mode` is its pool_mode: "session" or "transaction".
    Pooler(const PostgresServer& server, const std::string& database, const std::string& mode);
    ~Pooler();
    Pooler(const Pooler&) = delete;
    Pooler& operator=(const Pooler&) = delete;

    [[nodiscard]] const std::string& socket_folder() const { return folder_.path(); }
    [[nodiscard]] int port() const { return port_; }

  private:
    TempFolder folder_;
    int port_ = 0;
    pid_t pid_ = -1;
};

}  // namespace drydock::test
