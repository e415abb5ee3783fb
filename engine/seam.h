#pragma once

#include <cstdint>
#include <string_view>

namespace drydock {

// Where the crash tests reach into the engine. The product's definitions (seam.cpp) do nothing but
// tell the watch, if there is one; the program `drydock_crash` of the test suite links its own
// instead, which kills the process at a named point, or leaves one protection out so that a test
// can show that it turns red without it.

// A place at which being killed must be survivable. `name` is stable: "boundary.before_commit".
void kill_point(std::string_view name);

// Told of each kill point that this process passes, on the thread that passes it: how the cases of
// a runbook count them and die at one. Null: nobody.
using KillWatch = void (*)(std::string_view name);
void watch_kill_points(KillWatch watch);
[[nodiscard]] KillWatch kill_watch();

enum class Protection : std::uint8_t {
    WriteLock,       // the flock around each write transaction of the journal
    OwnerLock,       // the byte lock of the one process that may append to a run
    Receipt,         // the receipt row in the target's own transaction
    EffectRecord,    // EffectBegan is durable before an unsafe effect begins
    OnceRecord,      // ValueRecorded is durable before once() returns
    Guard,           // a command's descendants die with the engine
    GuardLock,       // the guard keeps the run owned until its last child is dead
    OpenDatabases,   // fs refuses to open a database file that is in use
    Confinement,     // fs stays beneath `files`, also across symbolic links
    TransactionKept, // a statement that ended the transaction poisons it
    FirstErrorStops, // the first failed commit of the journal stops the process
    LogSync,         // a step's log is on disk before StepFinished
    JournalSync,     // the journal's commits are synced
    LedgerSeal,      // the ledger knows how far each run has come
    SignerMemory,    // heads are signed only over what continues the last one
    JournalLook,     // nothing starts in a journal that is damaged
    RecordRedaction, // secrets are masked in what steps return and record
    TlsVerification, // an HTTP server's certificate is verified
    TokenOrigin,     // a redirect takes no token to another server
    Token,           // a keyed Redis write leaves its token in the same script
};

// True in the product, always.
[[nodiscard]] bool protected_by(Protection protection);

}  // namespace drydock
