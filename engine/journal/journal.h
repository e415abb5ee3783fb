#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/run/status.h"

// The store of runs: events, parts, requests, locks. Verbs only, no query goes through. Errors are
// Error{Journal} (it cannot be read or written: exit 9), Error{Refused} (somebody else owns the run
// or a lock: exit 5) and Error{Integrity} (damaged: exit 8); their words are made in
// journal_errors.h, so that every driver says the same.
namespace drydock::journal {

// One event as it is kept: the hashed bytes, never re-serialised.
struct StoredEvent {
    std::int64_t seq = 0;
    std::string line;
    std::string salt;                 // empty: no body
    std::optional<std::string> body;  // nullopt: none, or erased
};

// A line of the ledger as it is kept (journal/ledger.h says what it means).
struct StoredLedgerLine {
    std::int64_t idx = 0;
    std::string line;
    std::string salt;                 // empty: no body
    std::optional<std::string> body;  // why somebody erased or pruned
};

// Where the ledger ends: how many lines it has, and what is needed to go on with their tree.
struct Tip {
    std::int64_t size = 0;
    std::string frontier, root;
};

// A signed checkpoint of the ledger when it had `size` lines.
struct Head {
    std::int64_t size = 0;
    std::string note;
};

// The row of `runs`: what lists and searches need without folding events.
struct RunRow {
    std::int64_t n = 0;
    std::string run, runbook, environment;
    run::RunStatus status = run::RunStatus::Created;
    std::string why;       // of suspended
    std::int64_t due = 0;  // wall, microseconds; 0: none
    std::int64_t term = 0;
    std::string starter, request;
    std::int64_t created = 0, ended = 0;
    std::optional<std::int64_t> exit;
};

struct RunFilter {
    std::size_t limit = 20;
    std::int64_t before_n = 0;  // 0: from the newest
    std::string runbook;        // empty: all
    std::optional<run::RunStatus> status;
    bool open_only = false;     // not ended
};

// A wish for a run, put by a process that does not own it.
struct Request {
    std::string id;     // 26 characters, unique
    std::int64_t n = 0; // the run
    std::string kind;   // "cancel" "answer" "settle" "undo"
    std::string actor;  // fixed by the receiver, never by the asker
    std::string body;   // typed JSON
    std::int64_t at = 0;
};

// Who owns a run now.
struct Owner {
    std::string host;
    std::int64_t pid = 0;
    std::int64_t since = 0;  // wall, microseconds
};

struct LockHolder {
    std::string name;
    RunRow run;
    std::int64_t since = 0;
};

struct JournalInfo {
    std::string uuid;
    std::int64_t schema = 0;
    std::string place;  // path or URL without secrets
};

// Reading. Any process of the same user; never holds a transaction while the caller prints.
class JournalReader {
  public:
    virtual ~JournalReader() = default;

    [[nodiscard]] virtual const JournalInfo& info() const = 0;
    [[nodiscard]] virtual std::vector<RunRow> list(const RunFilter& filter) = 0;
    // Runs whose id begins with `prefix`, newest first, at most `limit`.
    [[nodiscard]] virtual std::vector<RunRow> find(std::string_view prefix, std::size_t limit) = 0;
    // The newest run that the user of `starter` started: "uid:1000/anna" is "uid:1000" also when
    // the name after it has changed, or could not be had.
    [[nodiscard]] virtual std::optional<RunRow> newest(std::string_view starter) = 0;
    [[nodiscard]] virtual std::optional<RunRow> row(std::int64_t n) = 0;
    // At most `limit` events after `after_seq`, in order.
    [[nodiscard]] virtual std::vector<StoredEvent> events(std::int64_t n, std::int64_t after_seq,
                                                          std::size_t limit) = 0;
    [[nodiscard]] virtual std::map<std::string, std::string> parts(std::int64_t n) = 0;
    [[nodiscard]] virtual std::vector<Request> requests(std::int64_t n) = 0;
    // nullopt: nobody owns the run.
    [[nodiscard]] virtual std::optional<Owner> owner(std::int64_t n) = 0;
    [[nodiscard]] virtual std::optional<LockHolder> lock_holder(std::string_view name) = 0;
    // At most `limit` lines of the ledger from `from_idx` on, in order.
    [[nodiscard]] virtual std::vector<StoredLedgerLine> ledger(std::int64_t from_idx,
                                                               std::size_t limit) = 0;
    // The newest seal of run `n`.
    [[nodiscard]] virtual std::optional<StoredLedgerLine> last_seal(std::int64_t n) = 0;
    // nullopt: a journal that no drydock has written to since there is a ledger.
    [[nodiscard]] virtual std::optional<Tip> tip() = 0;
    [[nodiscard]] virtual std::vector<Head> heads() = 0;
    // Where the logs of a run's attempts are: a folder, which may not be there yet.
    [[nodiscard]] virtual std::string log_folder(std::string_view run) const = 0;
};

// The right to append to one run, held by one process. Gives it up when destroyed.
class Claim {
  public:
    virtual ~Claim() = default;
    [[nodiscard]] virtual std::int64_t n() const = 0;
    [[nodiscard]] virtual std::int64_t term() const = 0;
    // Descriptors that children may inherit so that the run stays owned while they live.
    [[nodiscard]] virtual std::vector<int> inheritable() const = 0;
};

struct NewRun {
    std::string run, runbook, environment, starter, request;
    std::int64_t created = 0;
    std::map<std::string, std::string> parts;  // frozen texts by name
};

// The columns of `runs` that an append changes.
struct RunUpdate {
    run::RunStatus status = run::RunStatus::Running;
    std::string why;
    std::int64_t due = 0;
    std::int64_t ended = 0;
    std::optional<std::int64_t> exit;
};

// One commit. All of it or nothing; durable when append() returns.
struct Append {
    std::vector<StoredEvent> events;
    std::optional<RunUpdate> update;
    std::vector<std::string>
        take_locks;  // by name; one that is held: Error{Refused}, nothing appended
    bool free_locks = false;
    std::vector<std::string> done_requests;
};

// What is taken out of a journal on purpose, of a run that has ended, and why. The caller made the
// body, {"reason": …} as typed JSON, and 16 random bytes of salt.
struct Removal {
    std::int64_t n = 0;                // the run
    std::int64_t first = 0, last = 0;  // of erase: the events whose bodies go
    std::string actor;
    std::string salt, body;
};

// Writing. One object per process; used on one thread.
class Journal : public JournalReader {
  public:
    // Makes the run with its first events, claimed by this process with term 1.
    [[nodiscard]] virtual std::unique_ptr<Claim> create(const NewRun& run, const Append& first) = 0;
    // Claims an existing run: term + 1. Error{Refused} with the owner when somebody has it.
    [[nodiscard]] virtual std::unique_ptr<Claim> claim(std::int64_t n) = 0;
    // Error{Refused} when the claim is not the run's any more, or a lock is held.
    virtual void append(const Claim& claim, const Append& append) = 0;
    virtual void submit(const Request& request) = 0;
    // Takes a request back that nobody has answered; false: it was answered.
    virtual bool withdraw(std::string_view request) = 0;
    // Keeps a head beside the ledger, for whoever exports it.
    virtual void add_head(const Head& head) = 0;
    // Takes salts and bodies out for good, with a line in the ledger. Error{Refused} unless the run
    // has ended.
    virtual void erase(const Removal& removal) = 0;
    // Removes a run that has ended with its events and logs; its seals stay, and a line says so.
    // Error{Refused} unless it has ended under a seal and a newer run is there.
    virtual void prune(const Removal& removal) = 0;
};

}  // namespace drydock::journal
