#include "engine/cases/hand.h"

#include "engine/error.h"
#include "engine/os/random.h"
#include "engine/sql/open.h"

namespace drydock::cases {
namespace {

constexpr Microseconds kTimeout{60'000'000};
// Not the id of any run, so that no run takes these receipts for its own.
constexpr std::string_view kRun = "00000000000000000000000000";

Error unknown_database(std::string_view connection) {
    return {ErrorCode::NotFound,
            "the case knows no database behind the connection " + std::string(connection),
            "only connections whose database is known from the start have one"};
}

}  // namespace

Hand::Hand(Parts parts)
    : parts_(std::move(parts)),
      files_({parts_.world.work()}, parts_.world.work(), open_databases_),
      deadline_(parts_.clock.boot() + kTimeout) {}

Hand::~Hand() {
    sessions_.clear();
    databases_.clear();
}

void Hand::finish() {
    for (auto& [name, session] : sessions_) session->finish(std::nullopt);
}

void Hand::check_stop() {
    if (parts_.clock.boot() >= deadline_) cancel_.request(StopReason::Deadline);
    if (cancel_.stop_now()) throw execute::Stopped{cancel_.reason()};
}

sql::StepSession& Hand::sql(std::string_view connection) {
    const auto open = sessions_.find(connection);
    if (open != sessions_.end()) return *open->second;
    auto& database = databases_[std::string(connection)];
    database = open_database(connection);
    database->set_deadline(deadline_);
    auto session = std::make_unique<sql::StepSession>(
        std::string(connection), *database,
        sql::ReceiptScope{
            .run = std::string(kRun), .scope = parts_.name, .journal = std::string(36, '0')},
        hooks(), parts_.clock, cancel_);
    return *sessions_.emplace(connection, std::move(session)).first->second;
}

std::unique_ptr<sql::Database> Hand::open_database(std::string_view connection) {
    const auto place = parts_.postgres.find(connection);
    if (place == parts_.postgres.end()) {
        const std::string path = sqlite_path(connection);
        open_databases_.add(path, "connection " + std::string(connection));
        return sql::open_sqlite({.path = path});
    }
    const auto& [database, user, role, receipts] = place->second;
    if (database.empty()) throw unknown_database(connection);
    const execute::PrivateServer server = private_server(parts_.world.postgres());
    sql::PostgresSettings settings{.server = Secret("server", server.socket_folder),
                                   .port = server.port,
                                   .database = Secret("database", database),
                                   .user = Secret("user", user),
                                   .receipts_schema = receipts};
    if (!role.empty()) settings.role = Secret("role", role);
    return sql::open_postgres(settings);
}

redis::StepSession& Hand::redis(std::string_view connection) {
    const auto open = redis_sessions_.find(connection);
    if (open != redis_sessions_.end()) return *open->second;
    const auto known = parts_.redis.find(connection);
    if (known == parts_.redis.end()) {
        throw Error(ErrorCode::NotFound,
                    "the case knows no server behind the connection " + std::string(connection));
    }
    auto& server = servers_[known->first];
    server = std::make_unique<redis::Server>(
        redis::ServerSettings{.connect = {.server = Secret("server", parts_.world.redis_socket()),
                                          .database = Secret("database", known->second)}},
        parts_.clock, cancel_);
    server->set_deadline(deadline_);
    auto session = std::make_unique<redis::StepSession>(
        redis::StepSession::Scope{known->first, std::string(kRun), parts_.name}, *server,
        redis_hooks(), cancel_);
    return *redis_sessions_.emplace(connection, std::move(session)).first->second;
}

std::vector<std::string> Hand::connection_names() const {
    std::vector<std::string> names;
    for (const auto& [name, path] : parts_.databases) names.push_back(name);
    for (const auto& [name, number] : parts_.redis) names.push_back(name);
    for (const auto& [name, place] : parts_.postgres) names.push_back(name);
    return names;
}

std::string Hand::sqlite_path(std::string_view connection) const {
    const auto known = parts_.databases.find(connection);
    if (known == parts_.databases.end()) throw unknown_database(connection);
    return known->second;
}

std::string Hand::address(std::string_view connection) const { return sqlite_path(connection); }

void Hand::close_connection(std::string_view connection) {
    const auto open = sessions_.find(connection);
    if (open == sessions_.end()) return;
    sessions_.erase(open);
    databases_.erase(databases_.find(connection));
    if (parts_.databases.contains(connection)) open_databases_.remove(sqlite_path(connection));
}

std::optional<Value> Hand::recorded(std::string_view) const {
    return std::nullopt;
}

std::int64_t Hand::begin_effect(std::string_view primitive, std::string_view, const Value&) {
    require_changes(primitive);
    return 1;
}

void Hand::begin_file_change(std::string_view primitive, std::string_view) {
    require_changes(primitive);
}

void Hand::require_changes(std::string_view what) const {
    if (parts_.bound != runbook::Effect::Read) return;
    throw Error(ErrorCode::Lua, std::string(what) + ": what `holds` asks only looks",
                "after: changes the world");
}

execute::CommandAnswer Hand::command(const execute::CommandRequest&) {
    throw Error(ErrorCode::Lua, "a case starts no programs by itself",
                "use connections and fs; programs are what its steps start");
}

execute::HttpAnswer Hand::http(const execute::HttpRequest&) {
    throw Error(ErrorCode::Lua, "a case asks no servers by itself",
                "use connections and fs; servers are what its steps ask");
}

std::string Hand::source_text(std::string_view path) const {
    throw Error(ErrorCode::Lua, "a case has no source " + std::string(path));
}

execute::StepContext::Files Hand::source_files(std::string_view folder) const {
    throw Error(ErrorCode::Lua, "a case has no source " + std::string(folder));
}

Value Hand::render(std::string_view, std::string_view) {
    throw Error(ErrorCode::Lua, "a case renders no templates");
}

std::string Hand::random_bytes(std::size_t count) {
    return os::system_random().bytes(count);
}

redis::SessionHooks Hand::redis_hooks() {
    return {
        .allow_read = [](std::string_view) {},
        .allow_keyed = [this](std::string_view what) { require_changes(what); },
        .check_stop = [this] { check_stop(); },
        .begin_effect =
            [this](std::string_view primitive, std::string_view subject, const Value& arguments) {
                return begin_effect(primitive, subject, arguments);
            },
        .end_effect = [](std::int64_t, std::string_view) {},
        .progress = [](std::int64_t, std::int64_t, std::string_view) {},
        .committed = [](std::string_view, std::string_view) {},
    };
}

sql::SessionHooks Hand::hooks() {
    return {
        .allow_write = [this](const sql::StepSession&,
                              std::string_view what) { require_changes(what); },
        .check_stop = [this] { check_stop(); },
        .begin_effect =
            [this](std::string_view primitive, std::string_view subject, const Value& arguments) {
                return begin_effect(primitive, subject, arguments);
            },
        .end_effect = [](std::int64_t, bool, std::string_view) {},
        .progress = [](std::int64_t, std::int64_t, std::string_view) {},
        .committed = [](std::string_view, std::string_view, std::int64_t) {},
    };
}

}  // namespace drydock::cases
