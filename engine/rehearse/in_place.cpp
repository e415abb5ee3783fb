#include "engine/rehearse/in_place.h"

#include <algorithm>

#include "engine/error.h"

namespace drydock::rehearse {
namespace {

// A lock that is waited for longer would hold up those who come after us.
constexpr Microseconds kLockTimeout{2'000'000};

constexpr std::string_view kStrongLocks = R"(
select distinct lower(regexp_replace(replace(mode, 'Lock', ''), '(.)([A-Z])', '\1 \2', 'g')) ||
       ' on ' || case nspname when 'public' then '' else quote_ident(nspname) || '.' end ||
       quote_ident(relname)
  from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = relnamespace
 where pid = pg_backend_pid() and granted and relkind in ('r', 'p', 'm')
   and mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
   and nspname not in ('drydock', 'pg_catalog')
 order by 1)";

// One connection's share of a session: what it does there it does with the others' transaction
// around it.
class Shared final : public sql::Database {
  public:
    Shared(sql::Database& session, bool read_only, Clock& clock, Microseconds until)
        : session_(session), read_only_(read_only), clock_(clock), until_(until) {}

    [[nodiscard]] const sql::Identity& identity() const override { return session_.identity(); }
    [[nodiscard]] sql::Dialect dialect() const override { return session_.dialect(); }
    [[nodiscard]] std::string server_version() const override { return session_.server_version(); }
    [[nodiscard]] const std::string& receipts_table() const override {
        return session_.receipts_table();
    }
    [[nodiscard]] bool read_only() const override { return read_only_; }
    [[nodiscard]] sql::ProgramLogin login() const override { return session_.login(); }
    std::int64_t each(std::string_view statement, const sql::Arguments& arguments,
                      const sql::RowSink& sink) override {
        return in_time([&] { return session_.each(statement, arguments, sink); });
    }
    void read_together(const std::function<void()>& body) override {
        session_.read_together(body);
    }
    [[nodiscard]] std::vector<std::string> column_names(
        std::string_view statement, const sql::Arguments& arguments) override {
        return session_.column_names(statement, arguments);
    }
    std::int64_t copy_in(std::string_view table, const std::vector<std::string>& columns,
                         const RowSource& next) override {
        return in_time([&] { return session_.copy_in(table, columns, next); });
    }
    std::int64_t run(std::string_view statement, const sql::Arguments& arguments,
                     sql::Access access, const sql::RowSink& sink) override {
        if (access != sql::Access::Read && read_only_) {
            throw Error(ErrorCode::Permission, "the connection is declared read_only",
                        "use another connection, or take read_only out of its declaration");
        }
        return in_time([&] { return session_.run(statement, arguments, access, sink); });
    }
    std::int64_t run_written(const sql::WrittenStatement& statement, sql::Access access) override {
        return in_time([&] { return session_.run_written(statement, access); });
    }
    void restore_session() override { session_.restore_session(); }
    void take_own_role() override { session_.take_own_role(); }
    void begin() override { session_.begin(); }
    void commit() override { session_.commit(); }
    void rollback() noexcept override { session_.rollback(); }
    [[nodiscard]] bool in_transaction() const override { return session_.in_transaction(); }
    void begin_savepoint() override { session_.begin_savepoint(); }
    void release_savepoint() override { session_.release_savepoint(); }
    void rollback_savepoint() override { session_.rollback_savepoint(); }
    void set_deadline(std::optional<Microseconds> boot_deadline) override {
        session_.set_deadline(std::min(boot_deadline.value_or(until_), until_));
    }
    void set_notice_sink(NoticeSink sink) override { session_.set_notice_sink(std::move(sink)); }
    [[nodiscard]] bool is_conflict(const Error&) const override {
        return false;  // a transaction in a transaction cannot be repeated
    }
    void interrupt() noexcept override { session_.interrupt(); }

  private:
    // It is not the step's own time that is over then, but the one in which others may wait for us.
    template <class Work>
    std::int64_t in_time(const Work& work) {
        try {
            return work();
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Timeout || clock_.boot() < until_) throw;
            throw Error(ErrorCode::Timeout,
                        "the time of a rehearsal in place is over: it keeps its locks to its end",
                        "rehearse against a copy of the database, where nobody waits");
        }
    }

    sql::Database& session_;
    bool read_only_;
    Clock& clock_;
    Microseconds until_;
};

}  // namespace

InPlace::InPlace(std::map<std::string, sql::PostgresSettings> targets, Clock& clock,
                 Microseconds limit)
    : clock_(clock), until_(clock.boot() + limit) {
    for (auto& [connection, settings] : targets) {
        read_only_[connection] = settings.read_only;
        settings.read_only = false;
        settings.rehearsal = true;
        settings.lock_timeout = std::min(settings.lock_timeout, kLockTimeout);
        std::unique_ptr<sql::Database> session;
        try {
            session = sql::open_postgres(settings);
        } catch (const Error& error) {
            throw error.in("connection " + connection);
        }
        session->set_deadline(until_);
        const auto known = std::ranges::find_if(places_, [&](const Place& place) {
            return place.session->identity() == session->identity();
        });
        if (known != places_.end())
            known->connections.push_back(connection);
        else
            places_.push_back({{connection}, std::move(session)});
    }
}

InPlace::~InPlace() = default;

void InPlace::add_to(Copies& copies) const {
    for (const Place& place : places_) {
        const std::string& identity = place.session->identity().text;
        copies.made.push_back({.connections = place.connections,
                               .original = identity.substr(identity.rfind('=') + 1),
                               .path = {},
                               .live = place.session.get()});
        for (const std::string& connection : place.connections) copies.missing.erase(connection);
    }
}

std::unique_ptr<sql::Database> InPlace::lend(const std::string& connection) const {
    for (const Place& place : places_) {
        if (std::ranges::find(place.connections, connection) == place.connections.end()) continue;
        return std::make_unique<Shared>(*place.session, read_only_.at(connection), clock_, until_);
    }
    return nullptr;
}

std::vector<std::string> strong_locks(sql::Database& session) {
    std::vector<std::string> locks;
    session.run(kStrongLocks, {}, sql::Access::Read, [&](const sql::Row& row) {
        locks.push_back(to_text(row.value(0)));
        return true;
    });
    return locks;
}

}  // namespace drydock::rehearse
