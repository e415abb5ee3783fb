#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/redis/reply.h"

// What is known of Redis' commands without asking a server.
namespace drydock::redis {

[[nodiscard]] std::string upper(std::string_view text);

// How many of `words` are the command's name: 2 for CONFIG GET, ACL SETUSER …, else 1.
[[nodiscard]] std::size_t command_word_count(const Words& words);

enum class CommandKind : std::uint8_t {
    Reads,      // changes nothing, whatever the server's flags say
    OfSession,  // changes what the session is (SELECT, MULTI, SUBSCRIBE …): not for scripts
    AskServer,  // the server's flags tell
};
[[nodiscard]] CommandKind command_kind(const Words& words);

}  // namespace drydock::redis
