#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "engine/redis/connection.h"
#include "tests/doubles/temp_folder.h"

// A real Redis server of the tests' own: a private folder, a socket there and a free loopback port.
// It starts in a few milliseconds, so every test program has one, or as many as it likes, and may
// kill them.
namespace drydock::test {

class RedisServer final {
  public:
    // `settings` are words of the command line: {"--maxmemory", "50mb"}. Fails the test program,
    // with the package to install, when there is no Redis.
    explicit RedisServer(std::vector<std::string> settings = {});
    ~RedisServer();
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;

    // The server of this program, emptied and with its settings as they were at first.
    [[nodiscard]] static RedisServer& fresh();

    [[nodiscard]] std::string socket() const { return folder_.file("redis.sock"); }
    [[nodiscard]] std::string folder() const { return folder_.path(); }
    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] pid_t pid() const { return pid_; }

    // kill -9, and it is gone when this returns.
    void kill();
    // Ends it in peace; it saves if it is set so.
    void stop();
    // Starts it again at the same place; it answers when this returns.
    void start();

    // Runs one command as the default user, through the socket.
    redis::Reply run(const redis::Words& words) const;
    [[nodiscard]] std::string get(const std::string& key) const { return run({"GET", key}).text; }

  private:
    void wait_until_it_answers();

    TempFolder folder_;
    std::vector<std::string> settings_;
    int port_ = 0;
    pid_t pid_ = -1;
};

// An authority, and a certificate for "localhost" and 127.0.0.1 signed by it, made by openssl.
struct Certificates {
    explicit Certificates(const std::string& folder);
    std::string ca, certificate, key;  // paths
};

}  // namespace drydock::test
