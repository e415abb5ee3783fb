#include "engine/error.h"
#include "engine/handbook/exit_codes.h"
#include "engine/handbook/word.h"

namespace drydock::handbook {
namespace {

struct Named {
    std::string_view of, name, text;
};

constexpr Named kErrors[] = {
    {"", "usage",
     "The command line asks for something that cannot be meant. Nothing was changed; "
     "drydock COMMAND --help shows what it takes."},
    {"", "document",
     "A runbook, a settings file, a param or a value is wrong. The message has its "
     "place; drydock check FILE lists everything that is wrong with a file."},
    {"", "not_found",
     "There is no such run, runbook, action or word. drydock runs, drydock "
     "runbooks list and drydock actions list what there is."},
    {"", "refused",
     "A lock, a policy or another owner is in the way; the message names it. In a "
     "step: something that its effect, its files or its commands do not allow."},
    {"", "integrity",
     "The journal, an export or a backup is not what its checksums say, or the "
     "journal is older than its database. Nothing was started. Keep the file as "
     "it is, and see `integrity` in docs/operating.md."},
    {"", "journal",
     "The journal cannot be read or written. Nothing was done that it does not "
     "know. drydock doctor looks for the cause."},
    {"", "interrupted",
     "Stopped at the operator's wish, at a safe point or at once. drydock "
     "resume goes on."},
    {"", "check",
     "A check() of a step did not hold: the world is not as the runbook wants it. "
     "Never retried by itself unless the step has `retry`."},
    {"", "busy",
     "Somebody else uses what the step wants, for longer than `busy_timeout`. The "
     "message names the programs that have a file open. Worth a `retry`."},
    {"", "connection",
     "A database or server cannot be reached, or what is there is no database. "
     "Worth a `retry` when it may come up."},
    {"", "timeout",
     "It took longer than `timeout` of the step, or than the limit of a command. "
     "What has no receipt and no probe is unknown then."},
    {"", "permission",
     "The operating system or the database says that we may not. Never retried: "
     "look at owner and mode, or at the rights of the user."},
    {"", "sql",
     "The database says that a statement is wrong, or a constraint did not hold. The "
     "transaction was rolled back. Never retried."},
    {"", "command",
     "A program ended with another exit status than expected, or could not be "
     "started. drydock logs RUN STEP shows what it printed."},
    {"", "redis",
     "The Redis server says that a command is wrong, or that it cannot do it now; the code is its "
     "own word (WRONGTYPE, OOM)."},
    {"", "http",
     "A server answered with something else than expected; the error's `code` is the status, or "
     "too_large, redirect, protocol. A server that does not answer is a `connection` or a "
     "`timeout`: a request that may have reached it and is no GET, HEAD or OPTIONS is unknown "
     "then."},
    {"", "file", "A file operation failed; the message has the path and the system's reason."},
    {"", "lua",
     "The script itself is wrong, or went over a limit of the sandbox. Never retried. A "
     "script may also raise errors with kinds of its own."},
};

constexpr Named kStatuses[] = {
    {"run", "created",
     "The run is in the journal and nothing was done yet. drydock resume begins "
     "it."},
    {"run", "running",
     "A process works on it; drydock show names host and pid. When that process "
     "is gone, drydock resume goes on from what was done durably."},
    {"run", "suspended",
     "No process works on it; locks are kept. It is shown as WAITING (for a "
     "person, a timer, the window, or after Ctrl-C) or as STOPPED (a step "
     "failed or is unknown, or a lock is held)."},
    {"run", "succeeded",
     "It ended and every step did what it should. drydock undo still takes it "
     "back."},
    {"run", "failed",
     "It ended because a step failed; what was done stands, unless `on_failure: "
     "undo` took it back."},
    {"run", "undone", "It ended and what it had done was taken back."},
    {"run", "cancelled", "It ended because somebody asked for it; what was done stands."},
    {"step", "pending", "Nothing happened yet."},
    {"step", "running", "An attempt runs, or was cut: resume finds out which."},
    {"step", "waiting", "At its gate, in its pause, or between two attempts."},
    {"step", "succeeded", "It is done, or the operator said so."},
    {"step", "skipped", "`when` was false, the operator skipped it, or there was nothing to undo."},
    {"step", "failed", "Its last attempt failed; `on_failure` says what follows."},
    {"step", "cancelled", "It was stopped because the run was cancelled."},
    {"step", "unknown",
     "It was cut, and nobody can tell whether its effect happened: it has no "
     "receipt, and no probe that knows. Find out, then drydock resume RUN "
     "--applied, --not-applied or --skip STEP."},
    {"step", "undone", "Its undo succeeded."},
};

constexpr ExitCode kExitCodes[] = {
    {0, "success", ""},
    {1, "the run failed: it stopped or ended", "drydock show last; mend the cause; drydock resume"},
    {2, "usage, an invalid runbook or param", "read the message; nothing was changed"},
    {3, "waiting for a person, a timer, the window, or interrupted", "drydock show says for what"},
    {4, "the outcome of a step is unknown",
     "find out, then drydock resume with --applied, --not-applied or --skip"},
    {5, "refused: a lock, a policy, or owned by another process", "the message names who"},
    {6, "cancelled", ""},
    {7, "failed and undone", "drydock show last"},
    {8, "integrity: audit, checksum, journal behind its target",
     "keep everything as it is; docs/operating.md says how to go on; nothing was started"},
    {9, "the journal is not available",
     "drydock doctor; nothing was done that the journal does not know"},
    {70, "a bug of Drydock", "report it; drydock resume: stopping is safe at any moment"},
};

}  // namespace

std::span<const ExitCode> exit_codes() {
    return kExitCodes;
}

std::vector<Word> outcome_words() {
    std::vector<Word> all;
    const auto add = [&all](std::string_view topic, const Named& one, std::string form) {
        all.push_back({.topic = std::string(topic),
                       .name = std::string(one.name),
                       .of = std::string(one.of),
                       .form = std::move(form),
                       .text = std::string(one.text),
                       .example = {},
                       .inner = {}});
    };
    for (const Named& one : kStatuses) add("status", one, "");
    for (const Named& one : kErrors) {
        const int exit = exit_status(error_code_from_name(one.name));
        add("error", one, "a process that ends because of it exits " + std::to_string(exit));
    }
    for (const ExitCode& one : kExitCodes) {
        const std::string name = std::to_string(one.code);
        const std::string text = std::string(one.meaning) + "." +
                                 (one.next.empty() ? "" : " Next: " + std::string(one.next) + ".");
        add("exit", {"", name, text}, "");
    }
    return all;
}

}  // namespace drydock::handbook
