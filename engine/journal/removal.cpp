// Taking out of a SQLite journal what is not to be kept: bodies of events, and whole runs. What
// was sealed stays sealed; each removal has its line in the ledger, in the same commit.

#include <filesystem>

#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/journal/ledger.h"
#include "engine/journal/sqlite_journal.h"
#include "engine/journal/sqlite_ledger.h"
#include "engine/run/event.h"
#include "engine/run/ids.h"

namespace drydock::journal {
namespace {

constexpr std::string_view kAddHead =
    "insert into heads (size, note) values (?1, ?2) on conflict (size) do update set note = ?2";
constexpr std::string_view kErase =
    "update events set salt = null, body = null where run = ?1 and seq between ?2 and ?3 and body "
    "is not null";
constexpr std::string_view kForgetEvents = "delete from events where run = ?1";
constexpr std::string_view kForgetRunParts = "delete from run_parts where run = ?1";
constexpr std::string_view kForgetParts =
    "delete from parts where digest not in (select digest from run_parts)";
constexpr std::string_view kForgetRequests = "delete from requests where run = ?1";
constexpr std::string_view kForgetRun = "delete from runs where n = ?1";
constexpr std::string_view kNewestRun = "select max(n) from runs";

std::string body_digest(const Removal& removal) {
    return crypto::to_base64(crypto::sha256(removal.salt + removal.body));
}

std::string name(const RunRow& row) { return "run " + run::short_id(row.run); }

}  // namespace

void SqliteJournal::add_head(const Head& head) {
    transact([&] {
        connection_->prepare(kAddHead)
            .bind(1, head.size)
            .bind(2, std::string_view(head.note))
            .run();
    });
}

RunRow SqliteJournal::ended_run(std::int64_t n) {
    const std::optional<RunRow> row = reads_->row(n);
    if (!row) throw Error(ErrorCode::Refused, "there is no run number " + std::to_string(n));
    // The status is read in the transaction; an owner of an ended run would be about to undo it.
    if (!run::is_final(row->status) || reads_->owner(n))
        throw Error(ErrorCode::Refused,
                    name(*row) + " has not ended: it is " + std::string(run::name_of(row->status)),
                    "end it first: drydock resume, undo or cancel");
    return *row;
}

// What is freed from now on is overwritten, and the log, where it still stands, is emptied.
void SqliteJournal::forget_for_good() {
    connection_->exec("pragma secure_delete = on");
    empty_log_ = true;
}

void SqliteJournal::erase(const Removal& removal) {
    forget_for_good();
    transact([&] {
        const RunRow row = ended_run(removal.n);
        sqlite::Statement erase = connection_->prepare(kErase);
        erase.bind(1, removal.n).bind(2, removal.first).bind(3, removal.last).run();
        if (connection_->changes() == 0)
            throw Error(ErrorCode::Refused, name(row) + " has no body there that could be erased",
                        "drydock show " + run::short_id(row.run) + " -v lists its events");
        SqliteLedger(*connection_)
            .append({.time = options_.now(),
                     .kind = LedgerKind::Erase,
                     .n = removal.n,
                     .run = row.run,
                     .seq = removal.first,
                     .last = removal.last,
                     .actor = removal.actor,
                     .body = body_digest(removal)},
                    removal.salt, removal.body);
    });
}

void SqliteJournal::prune(const Removal& removal) {
    std::string folder;
    forget_for_good();
    transact([&] {
        const RunRow row = ended_run(removal.n);
        const auto seal = reads_->last_seal(removal.n);
        LedgerEntry entry = seal ? decode_ledger(seal->line) : LedgerEntry{};
        if (entry.event != run::RunEnded::kKind)
            throw Error(ErrorCode::Refused, "the end of " + name(row) + " has no seal",
                        "drydock audit verify says what is wrong with it");
        sqlite::Statement newest = connection_->prepare(kNewestRun);
        if (newest.step() && newest.column_int(0) == removal.n)
            throw Error(ErrorCode::Refused,
                        name(row) + " is the newest run, which is kept: its number must not be "
                                    "given to another",
                        "prune it when there is a newer one");
        newest.reset();
        forget_run(removal.n);
        entry.kind = LedgerKind::Prune;
        entry.time = options_.now();
        entry.actor = removal.actor;
        entry.body = body_digest(removal);
        SqliteLedger(*connection_).append(std::move(entry), removal.salt, removal.body);
        folder = reads_->log_folder(row.run);
    });
    std::filesystem::remove_all(folder);
}

void SqliteJournal::forget_run(std::int64_t n) {
    for (const std::string_view sql :
         {kForgetEvents, kForgetRunParts, kForgetRequests, kForgetRun})
        connection_->prepare(sql).bind(1, n).run();
    connection_->exec(std::string(kForgetParts));
}

}  // namespace drydock::journal
