#include "engine/journal/sqlite_reads.h"

#include <charconv>
#include <utility>

#include "engine/crypto/digest.h"
#include "engine/journal/ledger.h"
#include "engine/os/file_lock.h"

namespace drydock::journal {
namespace {

#define DRYDOCK_RUN_COLUMNS \
    "n, run, runbook, environment, status, coalesce(why, ''), coalesce(due, 0), term, starter, " \
    "coalesce(request, ''), created, coalesce(ended, 0), exit"

constexpr std::string_view kListRuns =
    "select " DRYDOCK_RUN_COLUMNS " from runs where n < ?1 and (?2 = '' or runbook = ?2) and "
    "(?3 = '' or status = ?3) and (?4 = 0 or ended is null) order by n desc limit ?5";
constexpr std::string_view kListOpenRuns =
    "select " DRYDOCK_RUN_COLUMNS
    " from runs where ended is null and n < ?1 and (?2 = '' or runbook = ?2) "
    "and (?3 = '' or status = ?3) order by n desc limit ?5";
constexpr std::string_view kFindRuns =
    "select " DRYDOCK_RUN_COLUMNS
    " from runs where run >= ?1 and run < ?2 order by n desc limit ?3";
constexpr std::string_view kNewestRun =
    "select " DRYDOCK_RUN_COLUMNS " from runs "
    "where substr(starter || '/', 1, instr(starter || '/', '/')) = ?1 order by n desc limit 1";
constexpr std::string_view kOneRun = "select " DRYDOCK_RUN_COLUMNS " from runs where n = ?1";
constexpr std::string_view kEvents =
    "select seq, line, salt, body from events where run = ?1 and seq > ?2 order by seq limit ?3";
constexpr std::string_view kParts =
    "select p.path, b.bytes from run_parts p join parts b on b.digest = p.digest where p.run = ?1";
constexpr std::string_view kRequests =
    "select id, run, kind, actor, body, at from requests where run = ?1 order by at, id";
constexpr std::string_view kOwner = "select coalesce(owner, '') from runs where n = ?1";
constexpr std::string_view kLock = "select run, since from locks where name = ?1";
constexpr std::string_view kInfo = "select uuid, schema from journal";

constexpr std::string_view kLedger =
    "select idx, line, salt, body from ledger where idx >= ?1 order by idx limit ?2";
constexpr std::string_view kLinesOfRun =
    "select idx, line, salt, body from ledger where run = ?1 order by idx desc";
constexpr std::string_view kTip = "select size, frontier, root from tip";
constexpr std::string_view kHeads = "select size, note from heads order by size";

// The first schema with a ledger.
constexpr std::int64_t kLedgerSchema = 2;

#undef DRYDOCK_RUN_COLUMNS

RunRow read_run(sqlite::Statement& row) {
    RunRow run;
    run.n = row.column_int(0);
    run.run = row.column_text(1);
    run.runbook = row.column_text(2);
    run.environment = row.column_text(3);
    run.status = run::from_name<run::RunStatus>(row.column_text(4));
    run.why = row.column_text(5);
    run.due = row.column_int(6);
    run.term = row.column_int(7);
    run.starter = row.column_text(8);
    run.request = row.column_text(9);
    run.created = row.column_int(10);
    run.ended = row.column_int(11);
    if (row.column_type(12) != sqlite::ColumnType::Null) run.exit = row.column_int(12);
    return run;
}

StoredLedgerLine read_ledger_line(sqlite::Statement& row) {
    StoredLedgerLine line{.idx = row.column_int(0), .line = std::string(row.column_blob(1))};
    line.salt = row.column_blob(2);
    if (row.column_type(3) != sqlite::ColumnType::Null) line.body = std::string(row.column_blob(3));
    return line;
}

std::vector<RunRow> read_runs(sqlite::Statement& rows) {
    std::vector<RunRow> runs;
    while (rows.step()) runs.push_back(read_run(rows));
    return runs;
}

std::string uuid_text(std::string_view bytes) {
    std::string hex = crypto::to_hex(bytes);
    for (const std::size_t at : {20U, 16U, 12U, 8U}) hex.insert(at, 1, '-');
    return hex;
}

// Ends the read of a statement that is kept.
class ResetAtEnd final {
  public:
    explicit ResetAtEnd(sqlite::Statement& statement) : statement_(statement) {}
    ~ResetAtEnd() { statement_.reset(); }
    ResetAtEnd(const ResetAtEnd&) = delete;
    ResetAtEnd& operator=(const ResetAtEnd&) = delete;

  private:
    sqlite::Statement& statement_;
};

}  // namespace

SqliteReads::SqliteReads(sqlite::Connection& connection, std::string folder)
    : connection_(connection), folder_(std::move(folder)) {}

sqlite::Statement& SqliteReads::often(std::optional<sqlite::Statement>& slot,
                                      std::string_view sql) {
    if (!slot) slot = connection_.prepare(sql, sqlite::Reuse::Often);
    return *slot;
}

JournalInfo SqliteReads::read_info(const std::string& place) {
    sqlite::Statement row = connection_.prepare(kInfo);
    JournalInfo info{.place = place};
    if (row.step()) {
        info.uuid = uuid_text(row.column_blob(0));
        info.schema = row.column_int(1);
    }
    schema_ = info.schema;
    return info;
}

std::vector<RunRow> SqliteReads::list(const RunFilter& filter) {
    sqlite::Statement rows = connection_.prepare(filter.open_only ? kListOpenRuns : kListRuns);
    rows.bind(1, filter.before_n > 0 ? filter.before_n : INT64_MAX)
        .bind(2, std::string_view(filter.runbook));
    rows.bind(3, filter.status ? run::name_of(*filter.status) : std::string_view(""));
    if (!filter.open_only) rows.bind(4, std::int64_t{0});
    rows.bind(5, static_cast<std::int64_t>(filter.limit));
    return read_runs(rows);
}

std::vector<RunRow> SqliteReads::find(std::string_view prefix, std::size_t limit) {
    sqlite::Statement rows = connection_.prepare(kFindRuns);
    // '{' is the character after 'z', the last of the alphabet of run ids.
    rows.bind(1, prefix)
        .bind(2, std::string_view(std::string(prefix) + "{"))
        .bind(3, static_cast<std::int64_t>(limit));
    return read_runs(rows);
}

std::optional<RunRow> SqliteReads::newest(std::string_view starter) {
    sqlite::Statement row = connection_.prepare(kNewestRun);
    const std::string user = std::string(starter.substr(0, starter.find('/'))) + "/";
    row.bind(1, std::string_view(user));
    if (!row.step()) return std::nullopt;
    return read_run(row);
}

std::optional<RunRow> SqliteReads::row(std::int64_t n) {
    sqlite::Statement& row = often(one_run_, kOneRun);
    const ResetAtEnd reset(row);
    row.bind(1, n);
    if (!row.step()) return std::nullopt;
    return read_run(row);
}

std::vector<StoredEvent> SqliteReads::events(std::int64_t n, std::int64_t after_seq,
                                             std::size_t limit) {
    sqlite::Statement& rows = often(events_, kEvents);
    const ResetAtEnd reset(rows);
    rows.bind(1, n).bind(2, after_seq).bind(3, static_cast<std::int64_t>(limit));
    std::vector<StoredEvent> events;
    while (rows.step()) {
        StoredEvent event{.seq = rows.column_int(0), .line = std::string(rows.column_blob(1))};
        event.salt = rows.column_blob(2);
        if (rows.column_type(3) != sqlite::ColumnType::Null)
            event.body = std::string(rows.column_blob(3));
        events.push_back(std::move(event));
    }
    return events;
}

std::map<std::string, std::string> SqliteReads::parts(std::int64_t n) {
    sqlite::Statement rows = connection_.prepare(kParts);
    rows.bind(1, n);
    std::map<std::string, std::string> parts;
    while (rows.step()) parts.emplace(rows.column_text(0), rows.column_blob(1));
    return parts;
}

std::vector<Request> SqliteReads::requests(std::int64_t n) {
    sqlite::Statement rows = connection_.prepare(kRequests);
    rows.bind(1, n);
    std::vector<Request> requests;
    while (rows.step()) {
        requests.push_back({.id = std::string(rows.column_text(0)),
                            .n = rows.column_int(1),
                            .kind = std::string(rows.column_text(2)),
                            .actor = std::string(rows.column_text(3)),
                            .body = std::string(rows.column_blob(4)),
                            .at = rows.column_int(5)});
    }
    return requests;
}

std::optional<Owner> SqliteReads::owner(std::int64_t n) {
    if (!os::ByteLock::is_held(owners_path(), n)) return std::nullopt;
    sqlite::Statement row = connection_.prepare(kOwner);
    row.bind(1, n);
    Owner owner{.host = "this machine"};
    if (!row.step()) return owner;
    const std::string text(row.column_text(0));
    const std::size_t first = text.find(' ');
    const std::size_t second = text.find(' ', first + 1);
    if (first == std::string::npos || second == std::string::npos) return owner;
    owner.host = text.substr(0, first);
    std::from_chars(text.data() + first + 1, text.data() + second, owner.pid);
    std::from_chars(text.data() + second + 1, text.data() + text.size(), owner.since);
    return owner;
}

std::optional<LockHolder> SqliteReads::lock_holder(std::string_view name) {
    LockHolder holder{.name = std::string(name)};
    std::int64_t n = 0;
    {
        sqlite::Statement lock = connection_.prepare(kLock);
        lock.bind(1, name);
        if (!lock.step()) return std::nullopt;
        n = lock.column_int(0);
        holder.since = lock.column_int(1);
    }
    holder.run = row(n).value_or(RunRow{.n = n});
    return holder;
}

std::vector<StoredLedgerLine> SqliteReads::ledger(std::int64_t from_idx, std::size_t limit) {
    std::vector<StoredLedgerLine> lines;
    if (schema_ < kLedgerSchema) return lines;
    sqlite::Statement rows = connection_.prepare(kLedger);
    rows.bind(1, from_idx).bind(2, static_cast<std::int64_t>(limit));
    while (rows.step()) lines.push_back(read_ledger_line(rows));
    return lines;
}

std::optional<StoredLedgerLine> SqliteReads::last_seal(std::int64_t n) {
    if (schema_ < kLedgerSchema) return std::nullopt;
    sqlite::Statement row = connection_.prepare(kLinesOfRun);
    row.bind(1, n);
    // Behind it stand erasures at most.
    while (row.step()) {
        StoredLedgerLine line = read_ledger_line(row);
        if (decode_ledger(line.line).kind == LedgerKind::Seal) return line;
    }
    return std::nullopt;
}

std::optional<Tip> SqliteReads::tip() {
    if (schema_ < kLedgerSchema) return std::nullopt;
    sqlite::Statement row = connection_.prepare(kTip);
    if (!row.step()) return std::nullopt;
    return Tip{.size = row.column_int(0),
               .frontier = std::string(row.column_blob(1)),
               .root = std::string(row.column_blob(2))};
}

std::vector<Head> SqliteReads::heads() {
    std::vector<Head> heads;
    if (schema_ < kLedgerSchema) return heads;
    sqlite::Statement rows = connection_.prepare(kHeads);
    while (rows.step()) heads.push_back({rows.column_int(0), std::string(rows.column_text(1))});
    return heads;
}

std::string SqliteReads::log_folder(std::string_view run) const {
    return folder_ + "/logs/" + std::string(run);
}

std::string to_column(const Owner& owner) {
    return owner.host + " " + std::to_string(owner.pid) + " " + std::to_string(owner.since);
}

}  // namespace drydock::journal
