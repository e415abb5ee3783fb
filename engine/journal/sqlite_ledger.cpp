#include "engine/journal/sqlite_ledger.h"

#include "engine/crypto/merkle.h"
#include "engine/error.h"

namespace drydock::journal {
namespace {

constexpr std::string_view kTip = "select size, frontier, root from tip";
constexpr std::string_view kFirstTip =
    "insert into tip (id, size, frontier, root) values (1, 0, x'', ?1)";
constexpr std::string_view kLastIndex = "select coalesce(max(idx) + 1, 0) from ledger";
constexpr std::string_view kInsertLine =
    "insert into ledger (idx, line, run, salt, body) values (?1, ?2, nullif(?3, 0), ?4, ?5)";
constexpr std::string_view kMoveTip =
    "update tip set size = ?1, frontier = ?2, root = ?3 where size = ?1 - 1";
constexpr std::string_view kNewestEvents =
    "select e.run, e.seq, e.line from events e join "
    "(select run, max(seq) as seq from events group by run) l on l.run = e.run and l.seq = e.seq "
    "order by e.run";

std::string_view view(const crypto::Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// What a damaged ledger is: its tree cannot be continued.
[[noreturn]] void damaged() {
    throw Error(ErrorCode::Integrity, "the ledger of the journal is not what its tip says",
                "drydock audit verify names the first bad place; nothing was written");
}

}  // namespace

void SqliteLedger::begin(const std::string& uuid, std::int64_t schema, std::int64_t time) {
    connection_.prepare(kFirstTip)
        .bind_blob(1, view(crypto::MerkleFrontier().root()))
        .run();
    append({.time = time, .kind = LedgerKind::Genesis, .journal = uuid, .schema = schema});
    sqlite::Statement newest = connection_.prepare(kNewestEvents);
    while (newest.step()) {
        LedgerEntry seal =
            seal_of(newest.column_int(0), {.seq = newest.column_int(1),
                                           .line = std::string(newest.column_blob(2)),
                                           .salt = {},
                                           .body = {}});
        seal.time = time;
        append(std::move(seal));
    }
}

void SqliteLedger::append(LedgerEntry entry, std::string_view salt,
                          const std::optional<std::string>& body) {
    sqlite::Statement tip = connection_.prepare(kTip);
    if (!tip.step()) damaged();
    crypto::MerkleFrontier frontier(tip.column_int(0), tip.column_blob(1));
    const bool true_root = view(frontier.root()) == tip.column_blob(2);
    tip.reset();
    sqlite::Statement last = connection_.prepare(kLastIndex);
    if (!true_root || !last.step() || last.column_int(0) != frontier.size()) damaged();
    last.reset();

    entry.idx = frontier.size();
    const std::string line = encode(entry);
    frontier.add(line);
    sqlite::Statement insert = connection_.prepare(kInsertLine);
    insert.bind(1, entry.idx).bind_blob(2, line).bind(3, entry.n);
    if (body) {
        insert.bind_blob(4, salt).bind_blob(5, *body);
    } else {
        insert.bind_null(4).bind_null(5);
    }
    insert.run();
    connection_.prepare(kMoveTip)
        .bind(1, frontier.size())
        .bind_blob(2, frontier.bytes())
        .bind_blob(3, view(frontier.root()))
        .run();
}

}  // namespace drydock::journal
