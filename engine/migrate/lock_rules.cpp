#include <array>

#include "engine/migrate/review.h"

// Statements that lock a table for as long as they work, and could do without.
namespace drydock::migrate {
namespace {

using Kind = Deed::Kind;

constexpr Rule kIndexNotConcurrent{
    .name = "index-not-concurrent",
    .where = Where::Postgres,
    .cost = Cost::Scan,
    .summary = "an index is built on an existing table, which blocks its writes",
    .why = "CREATE INDEX holds a SHARE lock on the table until the whole index is built: nobody "
           "inserts, updates or deletes a row meanwhile. CONCURRENTLY takes longer and blocks "
           "nobody. It must stand in a file of its own.",
    .bad = "create index users_email on users (email);\n",
    .good = "create index concurrently users_email on users (email);\n"};
constexpr Rule kDropIndexNotConcurrent{
    .name = "drop-index-not-concurrent",
    .level = Level::Info,
    .where = Where::Postgres,
    .summary = "an index is dropped with a lock that stops its table",
    .why = "DROP INDEX is quick, but it wants an ACCESS EXCLUSIVE lock on the table: it waits for "
           "every query that runs on it, and all later queries wait behind it. CONCURRENTLY waits "
           "without being in the way.",
    .bad = "drop index users_email;\n",
    .good = "drop index concurrently users_email;\n"};
constexpr Rule kReindexNotConcurrent{
    .name = "reindex-not-concurrent",
    .where = Where::Postgres,
    .cost = Cost::Scan,
    .summary = "an index is built anew, which blocks writes and its readers",
    .why = "REINDEX blocks writes to the table for as long as it takes, and every query that would "
           "use the index. PostgreSQL 12 and later have REINDEX … CONCURRENTLY.",
    .bad = "reindex index users_email;\n",
    .good = "reindex index concurrently users_email;\n"};
constexpr Rule kRefreshNotConcurrent{
    .name = "refresh-not-concurrent",
    .level = Level::Info,
    .where = Where::Postgres,
    .cost = Cost::Rewrite,
    .summary = "a materialized view cannot be read while it is filled",
    .why = "REFRESH holds an ACCESS EXCLUSIVE lock on the view for as long as its query takes. "
           "CONCURRENTLY lets it be read; it needs a unique index on the view.",
    .bad = "refresh materialized view sales_by_day;\n",
    .good = "refresh materialized view concurrently sales_by_day;\n"};
constexpr Rule kLockTable{
    .name = "lock-table",
    .where = Where::Postgres,
    .summary = "a table is locked by hand until the transaction ends",
    .why = "LOCK TABLE without a mode is ACCESS EXCLUSIVE: not even reads go on until the commit. "
           "Statements take the locks that they need by themselves.",
    .bad = R"(lock table users;
update users set plan = 'free' where plan is null;
)",
    .good = "update users set plan = 'free' where plan is null;\n"};
constexpr Rule kNoLockTimeout{
    .name = "no-lock-timeout",
    .level = Level::Info,
    .where = Where::Postgres,
    .summary = "an existing table is altered without a lock_timeout",
    .why = "While ALTER TABLE waits for one long query, all other queries of the table wait behind "
           "it. Drydock sets a lock_timeout of its own and tries again; other tools do not.",
    .bad = "alter table users add column nickname text;\n",
    .good = R"(set lock_timeout = '3s';
alter table users add column nickname text;
)"};
constexpr std::array kRules{&kIndexNotConcurrent,   &kDropIndexNotConcurrent,
                            &kReindexNotConcurrent, &kRefreshNotConcurrent,
                            &kLockTable,            &kNoLockTimeout};

void look_at_index(Review& review, const Deed& deed) {
    // `on only` a table with partitions builds nothing.
    if (deed.concurrently || deed.only || !review.weighs(deed.table)) return;
    review.tell(kIndexNotConcurrent, nullptr,
                "writes to " + quoted(deed.table) + review.size_of(deed.table) +
                    " wait until the whole index is built (SHARE lock)",
                "create " + std::string(deed.unique ? "unique " : "") +
                    "index concurrently, in a file of its own");
}

void look_at_drop(Review& review, const Deed& deed) {
    if (deed.object != "index" || deed.concurrently) return;
    const auto index = review.made().indexes.find(deed.name);
    const bool known = index != review.made().indexes.end();
    if (known && !review.weighs(index->second)) return;
    review.tell(kDropIndexNotConcurrent, nullptr,
                "all queries of " + (known ? quoted(index->second) : std::string("its table")) +
                    " wait while this waits for them (ACCESS EXCLUSIVE lock, then a moment)",
                "drop index concurrently, in a file of its own");
}

void look_at_reindex(Review& review, const Deed& deed) {
    if (deed.concurrently || review.is_before(12)) return;
    std::string table = deed.object == "table" ? deed.name : std::string();
    const auto index = review.made().indexes.find(deed.name);
    if (deed.object == "index" && index != review.made().indexes.end()) table = index->second;
    if (!table.empty() && !review.weighs(table)) return;
    review.tell(kReindexNotConcurrent, nullptr,
                "writes to " +
                    (table.empty() ? "the table of " + quoted(deed.name) : quoted(table)) +
                    review.size_of(table) +
                    " wait until the index is built (SHARE lock; ACCESS EXCLUSIVE on the index)",
                "reindex " + deed.object + " concurrently, in a file of its own");
}

void look_at_timeout(Review& review, const Deed& deed) {
    if (deed.kind != Kind::AlterTable || !review.weighs(deed.table)) return;
    const auto& deeds = review.scene().deeds;
    for (const std::size_t i : review.scene().alters) {  // once for a file
        if (i >= review.index()) break;
        if (!review.is_new(deeds[i].table)) return;
    }
    for (std::size_t i = 0; i < review.index(); ++i) {
        if (deeds[i].kind == Kind::Set && deeds[i].name == "lock_timeout") return;
    }
    review.tell(kNoLockTimeout, nullptr,
                "while this waits for its lock, all queries of " + quoted(deed.table) +
                    review.size_of(deed.table) + " wait behind it, for as long as that takes",
                "begin the file with: set lock_timeout = '3s'");
}

void look(Review& review) {
    if (!review.on_postgres()) return;
    const Deed& deed = review.deed();
    look_at_timeout(review, deed);
    if (deed.kind == Kind::CreateIndex) look_at_index(review, deed);
    if (deed.kind == Kind::Drop) look_at_drop(review, deed);
    if (deed.kind == Kind::Reindex) look_at_reindex(review, deed);
    if (deed.kind == Kind::Refresh && !deed.concurrently && review.weighs(deed.name)) {
        review.tell(kRefreshNotConcurrent, nullptr,
                    "nobody reads " + quoted(deed.name) + review.size_of(deed.name) +
                        " until its query is done (ACCESS EXCLUSIVE lock)",
                    "refresh materialized view concurrently; it needs a unique index");
    }
    if (deed.kind == Kind::LockTable && review.weighs(deed.table)) {
        review.tell(kLockTable, nullptr,
                    quoted(deed.table) + review.size_of(deed.table) +
                        " stays locked until the transaction ends",
                    "leave it out: each statement takes the lock that it needs");
    }
}

}  // namespace

RuleGroup lock_rules() { return {.rules = kRules, .statement = look}; }

}  // namespace drydock::migrate
