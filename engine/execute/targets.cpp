#include "engine/execute/targets.h"

#include <utility>

#include "engine/error.h"
#include "engine/execute/connection_settings.h"
#include "engine/sql/open.h"
#include "engine/sql/version.h"

namespace drydock::execute {
namespace {

constexpr Microseconds kConnectEvery{2'000'000};

}  // namespace

Targets::Targets(Parts parts) : parts_(std::move(parts)) {}

Targets::~Targets() {
    close_all();
}

const runbook::Connection& Targets::connection(std::string_view name) const {
    for (const auto& [known, connection] : parts_.bundle.runbook.connections) {
        if (known == name) return connection;
    }
    throw Error(ErrorCode::NotFound, "there is no connection " + std::string(name),
                "declare it under connections: in the runbook");
}

bool Targets::is_read_only(const ConnectionSettings& settings) const {
    return setting_or(settings, "read_only", false);
}

sql::Database& Targets::look(std::string_view name) {
    return open_session(name, Patience::AsDeclared);
}

sql::Database& Targets::open_session(std::string_view name, Patience patience) {
    const auto found = open_.find(name);
    if (found != open_.end()) return *found->second;
    const runbook::Connection& declared = connection(name);
    const ConnectionSettings settings = parts_.settings(declared);
    try {
        std::unique_ptr<sql::Database> database;
        switch (declared.kind) {
            case runbook::Connection::Kind::Sqlite:
                database = open_file(std::string(name), settings);
                break;
            case runbook::Connection::Kind::Postgres:
                if (parts_.lend) database = parts_.lend(std::string(name));
                if (!database) database = open_server(settings, patience);
                break;
            case runbook::Connection::Kind::Redis:
                throw Error(ErrorCode::Lua, "it is no SQL database but Redis",
                            "give the name of a SQLite or PostgreSQL connection");
        }
        sql::Database& opened = *open_.emplace(name, std::move(database)).first->second;
        const auto least = setting_or(settings, "min_version", std::string());
        if (!least.empty()) {
            const bool file = declared.kind == runbook::Connection::Kind::Sqlite;
            sql::require_version(file ? "SQLite" : "PostgreSQL", opened.server_version(), least);
        }
        return opened;
    } catch (const Error& error) {
        close(name);
        throw error.in("connection " + std::string(name));
    }
}

std::unique_ptr<sql::Database> Targets::open_server(const ConnectionSettings& settings,
                                                    Patience patience) {
    const Microseconds every = connect_part(settings, "every", kConnectEvery);
    const Microseconds until =
        parts_.clock.boot() + connect_part(settings, "for", Microseconds(0));
    for (;;) {
        try {
            return sql::open_postgres(postgres_settings(settings));
        } catch (const Error& error) {
            const bool may_come =
                error.code() == ErrorCode::Connection || error.code() == ErrorCode::Timeout;
            if (!may_come || patience == Patience::None || parts_.clock.boot() + every > until ||
                parts_.cancel.stop_now())
                throw;
        }
        parts_.clock.sleep_until(parts_.clock.boot() + every, parts_.cancel);
    }
}

std::unique_ptr<sql::Database> Targets::open_file(const std::string& name,
                                                  const ConnectionSettings& settings) {
    sql::SqliteSettings sqlite{.path = setting_or(settings, "sqlite", std::string())};
    sqlite.read_only = is_read_only(settings);
    sqlite.busy_timeout =
        setting_or(settings, "busy_timeout", Duration{sqlite.busy_timeout}).length;
    // Before it is open, so that no fs primitive can slip in between.
    parts_.open_databases.add(sqlite.path, "connection " + name);
    try {
        auto database = sql::open_sqlite(sqlite);
        paths_[name] = sqlite.path;
        return database;
    } catch (const Error&) {
        parts_.open_databases.remove(sqlite.path);
        throw;
    }
}

sql::Database& Targets::open(std::string_view name, RunWriter& writer) {
    // Somebody may have looked at it before; recognised it is at the first use.
    sql::Database& database = look(name);
    if (!recognised_.contains(name)) bind(name, database.identity().text, writer);
    recognised_.emplace(name);
    return database;
}

void Targets::bind(std::string_view name, const std::string& identity, RunWriter& writer) {
    const auto bound = parts_.state.targets().find(name);
    if (bound == parts_.state.targets().end()) {
        writer.add(run::TargetBound{}, {.body = {{"connection", name}, {"identity", identity}}});
        writer.commit();
    } else if (bound->second.identity != identity) {
        close(name);
        servers_.erase(std::string(name));
        throw Error(ErrorCode::Integrity,
                    "connection " + std::string(name) +
                        " leads to another database than when the run began: " + identity +
                        ", was " + bound->second.identity,
                    "bring the first one back, or cancel this run and start a new one");
    }
}

std::vector<std::string> Targets::same_file(std::string_view name) {
    std::vector<std::string> names{std::string(name)};
    const std::string path = sqlite_path(name);
    const auto own = open_.find(name);
    for (const auto& [other, database] : open_) {
        if (other == name) continue;
        const bool same_database =
            own != open_.end() && database->identity() == own->second->identity();
        if (same_database || paths_[other] == path) names.push_back(other);
    }
    return names;
}

void Targets::bind_replaced(std::string_view name, RunWriter& writer) {
    const sql::Identity identity = sql::sqlite_identity(sqlite_path(name));
    const auto add = [&](std::string_view connection) {
        writer.add(run::TargetBound{.replaces = true},
                   {.body = {{"connection", connection}, {"identity", identity.text}}});
    };
    std::vector<std::string> others;
    for (const auto& [other, target] : parts_.state.targets()) {
        if (other == name || target.identity == identity.text) continue;
        if (sql::sqlite_identity(sqlite_path(other)) == identity) others.push_back(other);
    }
    add(name);
    for (const std::string& other : others) add(other);
    writer.commit();  // all at once: none of them may lead to "another database" after a crash
}

void Targets::close(std::string_view name) {
    const auto found = open_.find(name);
    if (found == open_.end()) return;
    open_.erase(found);
    if (const auto known = recognised_.find(name); known != recognised_.end())
        recognised_.erase(known);
    const auto path = paths_.find(name);
    if (path == paths_.end()) return;
    parts_.open_databases.remove(path->second);
    paths_.erase(path);
}

void Targets::close_all() {
    while (!open_.empty()) close(std::string(open_.begin()->first));
    servers_.clear();
}

sql::PostgresSettings Targets::postgres_of(std::string_view name) {
    return postgres_settings(parts_.settings(connection(name)));
}

std::string Targets::sqlite_path(std::string_view name) {
    return setting_or(parts_.settings(connection(name)), "sqlite", std::string());
}

std::string Targets::address(std::string_view name) {
    const runbook::Connection& declared = connection(name);
    switch (declared.kind) {
        case runbook::Connection::Kind::Sqlite: return sqlite_path(name);
        case runbook::Connection::Kind::Redis: return "redis://" + look_redis(name).name();
        case runbook::Connection::Kind::Postgres: break;
    }
    return sql::postgres_address(postgres_settings(parts_.settings(declared)));
}

std::optional<sql::Identity> Targets::identity_now(const std::string& name,
                                                   const runbook::Connection& declared,
                                                   Patience patience) {
    try {
        switch (declared.kind) {
            case runbook::Connection::Kind::Sqlite:
                return sql::sqlite_identity(
                    setting_or(parts_.settings(declared), "sqlite", std::string()));
            case runbook::Connection::Kind::Postgres:
                return open_session(name, patience).identity();
            case runbook::Connection::Kind::Redis: {
                const std::string server = look_redis(name).name();
                return sql::Identity{.kind = "redis",
                                     .text = identity_text(name),
                                     .lock_name = "redis:" + server};
            }
        }
    } catch (const Error&) {
        // It names a later step, or is not there: whoever opens it says so.
    }
    return std::nullopt;
}

std::vector<std::string> Targets::lock_names() {
    std::vector<std::string> names;
    for (const auto& [name, declared] : parts_.bundle.runbook.connections) {
        const std::optional<sql::Identity> identity =
            identity_now(name, declared, Patience::AsDeclared);
        if (identity && !is_read_only(parts_.settings(declared)))
            names.push_back(identity->lock_name);
    }
    return names;
}

std::string Targets::locked_by(std::string_view lock_name) {
    for (const auto& [name, declared] : parts_.bundle.runbook.connections) {
        const std::optional<sql::Identity> identity = identity_now(name, declared, Patience::None);
        if (identity && identity->lock_name == lock_name)
            return "connection " + name + " (" + address(name) + ")";
    }
    return std::string(lock_name);
}

std::vector<std::string> Targets::identities() {
    std::vector<std::string> all;
    for (const auto& [name, declared] : parts_.bundle.runbook.connections) {
        const std::optional<sql::Identity> identity = identity_now(name, declared, Patience::None);
        all.push_back(name + " = " + (identity ? identity->text : "unresolved"));
    }
    return all;
}

}  // namespace drydock::execute
