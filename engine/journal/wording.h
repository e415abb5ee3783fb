#pragma once

#include <string>
#include <string_view>

#include "engine/error.h"
#include "engine/journal/journal.h"

// What a journal says when it refuses: made here, so that every driver uses the same words.
namespace drydock::journal {

[[nodiscard]] Error owned_elsewhere(std::string_view run, const Owner& owner);
[[nodiscard]] Error lock_held(const LockHolder& holder);
[[nodiscard]] Error newer_schema(std::string_view place, std::int64_t found, std::int64_t known);
[[nodiscard]] Error not_a_journal(std::string_view place);
// A journal that was one and cannot be read as one any more; `what` says why, and where.
[[nodiscard]] Error damaged(std::string_view place, std::string_view what);
// What `cause`, which the store said when it was read, means: damage, or that it is not available.
[[nodiscard]] Error unreadable(std::string_view place, const Error& cause);
// Whether a process has owned runs there, so that what is in its place now is no mistake of a path.
[[nodiscard]] bool was_a_journal(std::string_view place);
// The journal cannot be used any more: `cause` is what the store said.
[[nodiscard]] Error unavailable(std::string_view place, const Error& cause);
// An append that the journal did not accept, because somebody else has appended.
[[nodiscard]] Error fenced(std::string_view place);

}  // namespace drydock::journal
