#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/cases/server_process.h"

namespace drydock::cases {

// The Redis server of a case: a process of its own that listens on a socket in the case's folder
// only, holds nothing at first and saves nothing. All Redis connections of the runbook lead there,
// whatever they say. It ends with the program that started it.
class PrivateRedis final {
  public:
    // Starts it; it answers when this returns. Error{Command} when there is no redis-server.
    explicit PrivateRedis(std::string folder);
    PrivateRedis(const PrivateRedis&) = delete;
    PrivateRedis& operator=(const PrivateRedis&) = delete;

    [[nodiscard]] std::string socket() const { return folder_ + "/redis.sock"; }
    [[nodiscard]] pid_t pid() const { return process_->pid(); }
    // Another one at the same place, without what was in this one, its settings too.
    void restart();

  private:
    void start();
    void wait_until_it_answers();

    std::string folder_;
    std::optional<ServerProcess> process_;
};

// What the server at `socket` holds, one line for each key, in order; the tokens of runs left out.
[[nodiscard]] std::vector<std::string> describe_redis(const std::string& socket);

}  // namespace drydock::cases
