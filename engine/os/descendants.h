#pragma once

#include <sys/types.h>

#include <functional>

// Killing everything that a command has left behind. Only direct children are ever signalled: their
// pids cannot be used again before we have reaped them, those of grandchildren could. As we are the
// subreaper, each generation that dies hands us the next.
namespace drydock::os {

using Ended = std::function<void(pid_t pid, int wait_status)>;

// From now on orphaned descendants become children of this process (PR_SET_CHILD_SUBREAPER).
void adopt_orphans();

// Reaps all children that have ended, without waiting. True while there are others.
bool reap_children(const Ended& ended);

// Sends SIGKILL to each child; returns how many there were.
int kill_children();

// Kills and reaps until there is no child left. One that cannot be killed (another user's, or stuck
// in the kernel) is waited for: as long as it lives, it must not be forgotten.
void kill_descendants(const Ended& ended);

}  // namespace drydock::os
