#pragma once

#include "engine/error.h"
#include "engine/redis/reply.h"

// How a Redis server's errors become drydock::Error. The first word of what the server says (ERR,
// NOAUTH, READONLY …) is the error's code_text.
namespace drydock::redis {

// The error for `reply` to `words`. The message names the command and never holds an argument: what
// the server repeats of them is taken out. Kinds: Permission (NOAUTH, WRONGPASS, NOPERM, READONLY),
// Busy (LOADING, BUSY, TRYAGAIN), Connection (MOVED, MASTERDOWN …), File (MISCONF), Redis for
// everything that the command is to blame for.
[[nodiscard]] Error error_from(const Reply& reply, const Words& words);

// The command as messages name it: "SET", "CONFIG GET" for those that have a second word.
[[nodiscard]] std::string command_name(const Words& words);

}  // namespace drydock::redis
