#include "engine/sql/postgres_database.h"

#include <algorithm>
#include <utility>

#include "engine/check.h"
#include "engine/clock.h"
#include "engine/error.h"
#include "engine/postgres/connect.h"
#include "engine/postgres/values.h"
#include "engine/seam.h"
#include "engine/sql/copy.h"
#include "engine/sql/inspect.h"
#include "engine/sql/placeholders.h"
#include "engine/sql/postgres_reading.h"

namespace drydock::sql {
namespace {

using postgres::TransactionState;

constexpr std::size_t kKeptTypes = 256;
constexpr int kOldestServer = 120000;
constexpr Microseconds kHelperTime{2'000'000};

// One round trip. `standard_conforming_strings`: our lexer reads strings so. `bytea_output` and the
// styles: postgres/values.cpp reads them so. `cursor_tuple_fraction`: ours are read to their end.
// A transaction may wait for its script, or for a dump of what it sees: the step's time limits it.
constexpr std::string_view kSession = R"(
set default_transaction_read_only = on;
set standard_conforming_strings = on;
set bytea_output = hex;
set datestyle = 'ISO, YMD';
set intervalstyle = 'iso_8601';
set extra_float_digits = 1;
set cursor_tuple_fraction = 1;
set idle_in_transaction_session_timeout = 0;
select set_config('synchronous_commit', 'on', false)
 where current_setting('synchronous_commit') in ('off', 'local', 'remote_write');
)";

// Readable without any right.
constexpr std::string_view kIdentity = R"(
select (select system_identifier from pg_control_system()) || ' oid=' || oid || ' name=' || datname
  from pg_database where datname = current_database())";

std::string milliseconds(Microseconds time) {
    // 0 would mean: for ever.
    return std::to_string(std::max<std::int64_t>(1, time.count() / 1000)) + "ms";
}

// A blank or backslash within a value of PGOPTIONS is kept by a backslash.
std::string option_value(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == ' ' || c == '\\' || c == '\t' || c == '\n') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

}  // namespace

postgres::ConnectOptions connect_options(const PostgresSettings& settings) {
    return {.server = settings.server,
            .port = settings.port,
            .database = settings.database,
            .user = settings.user,
            .password = settings.password,
            .tls = settings.tls,
            .ca = settings.ca,
            .application_name = settings.application_name};
}

PostgresNames names_of(const PostgresSettings& settings) {
    auto url = words_of_url(settings.server ? settings.server->reveal() : std::string());
    return {.database = settings.database ? settings.database->reveal() : url["dbname"],
            .user = settings.user ? settings.user->reveal() : url["user"],
            .role = settings.role ? settings.role->reveal() : std::string()};
}

std::map<std::string, std::string> words_of_url(const std::string& url) {
    return postgres::words_of_url(url);
}

std::unique_ptr<Database> open_postgres(const PostgresSettings& settings) {
    return std::make_unique<PostgresDatabase>(settings);
}

std::string postgres_address(const PostgresSettings& settings) {
    return postgres::address_of(connect_options(settings));
}

PostgresDatabase::PostgresDatabase(const PostgresSettings& settings)
    : settings_(settings),
      receipts_table_(quoted_identifier(settings.receipts_schema, Dialect::Postgres) + ".receipts"),
      connection_(connect_options(settings)) {
    if (connection_.server_version() < kOldestServer) {
        throw Error(ErrorCode::Connection,
                    "the server is PostgreSQL " +
                        std::to_string(connection_.server_version() / 10000) +
                        ", and 12 is the oldest that is supported",
                    "upgrade the server");
    }
    refuse_shared_session();
    note_who_may_write();
    prepare_session();
    identity_ = ask_identity();
    if (settings_.rehearsal) connection_.exec("begin read write");
    connection_.set_watch(settings_.lock_timeout / 2, [this] { look_for_blockers(); });
}

std::string PostgresDatabase::server_version() const {
    return std::to_string(connection_.server_version() / 10'000) + "." +
           std::to_string(connection_.server_version() % 10'000);
}

ProgramLogin PostgresDatabase::login() const {
    postgres::Login login = connection_.login();
    // What this session has set for itself, the program's must have from its beginning.
    std::string options;
    for (const auto& [name, value] : login.environment) {
        if (name == "PGOPTIONS") options = value;
    }
    if (settings_.role) options += " -c role=" + option_value(settings_.role->reveal());
    if (settings_.read_only) options += " -c default_transaction_read_only=on";
    std::erase_if(login.environment, [](const auto& known) { return known.first == "PGOPTIONS"; });
    if (!options.empty()) login.environment.emplace_back("PGOPTIONS", std::move(options));
    return {.environment = std::move(login.environment),
            .password_variable = "PGPASSFILE",
            .password_file = std::move(login.password_file)};
}

void PostgresDatabase::prepare_session() {
    std::string statements(kSession);
    if (settings_.role)
        statements += "set role " + connection_.quoted_identifier(settings_.role->reveal()) + ";\n";
    statements += "set lock_timeout = '" + milliseconds(settings_.lock_timeout) + "';\n";
    if (settings_.statement_timeout.count() > 0)
        statements +=
            "set statement_timeout = '" + milliseconds(settings_.statement_timeout) + "';\n";
    // A server whose client is gone stops its statement instead of finishing it for nobody.
    if (connection_.server_version() >= 140000)
        statements += "set client_connection_check_interval = '10s';\n";
    connection_.exec(statements);
}

std::string PostgresDatabase::ask(const std::string& query) {
    std::string answer;
    connection_.run(query, {}, {}, [&](const postgres::ResultRow& row) {
        answer = row.text(0);
        return true;
    });
    return answer;
}

Identity PostgresDatabase::ask_identity() {
    const std::string which = ask(std::string(kIdentity));
    // The address is no part of it: a server may be reached by several, and move.
    return {.kind = "postgres",
            .text = "postgres system=" + which,
            .lock_name = "postgres:" + which.substr(0, which.find(" name="))};
}

std::int64_t PostgresDatabase::run(std::string_view statement, const Arguments& arguments,
                                   Access access, const RowSink& sink) {
    refuse_when_lost();
    if (access != Access::Read && settings_.read_only) {
        throw Error(ErrorCode::Permission, "the connection is declared read_only",
                    "use another connection, or take read_only out of its declaration");
    }
    const auto statements = split(statement, Dialect::Postgres);
    if (statements.empty()) throw Error(ErrorCode::Sql, "there is no statement in this text");
    if (access != Access::Write && statements.size() > 1) {
        throw Error(ErrorCode::Sql, "more than one statement where one is wanted",
                    "run them one by one");
    }
    if (access == Access::Alone && (in_transaction_ || settings_.rehearsal)) {
        throw Error(ErrorCode::Lua, "exec_alone in the middle of a transaction",
                    "run it in a step of its own, or after the transaction");
    }
    for (const ScriptStatement& one : statements) {
        if (const auto refused = refusal(one, access, Dialect::Postgres))
            throw Error(ErrorCode::Sql, refused->message, refused->hint);
    }
    lift_read_only(access);
    // Without a rehearsal the session itself is read only.
    const bool apart = settings_.rehearsal && access == Access::Read && !in_transaction_;
    Reading reading(*this, apart && !reading_ ? read_frame() : ReadFrame());
    std::int64_t rows = 0;
    for (const ScriptStatement& one : statements) rows += run_one(one, arguments, access, sink);
    keep_reads_read_only(access);
    return rows;
}

std::int64_t PostgresDatabase::run_one(const ScriptStatement& statement, const Arguments& arguments,
                                       Access access, const RowSink& sink) {
    const NumberedStatement numbered_one = numbered(statement, arguments);
    blockers_ = {};
    try {
        const bool only_rows = only_touches_rows(statement);
        const postgres::Completed done =
            run_numbered(numbered_one, !only_rows,
                         [&](const auto& row) { return !sink || sink(ServerRow(row)); });
        if (!only_rows) types_.clear();
        note_forgotten(done);
        note_lost_transaction();
        refuse_when_lost();
        return done.changed > 0 ? done.changed : done.seen;
    } catch (const Error& error) {
        note_failure(error);
        if (access == Access::Alone && !connection_.lost()) keep_reads_read_only(access);
        throw explained(error, numbered_one.text);
    }
}

std::int64_t PostgresDatabase::run_written(const WrittenStatement& statement, Access access) {
    refuse_when_lost();
    CHECK((access == Access::Write) == in_transaction_);
    if (access == Access::Alone && settings_.rehearsal) {
        throw Error(ErrorCode::Lua,
                    "what runs outside of a transaction cannot be rehearsed in place",
                    "rehearse it on a copy of the database");
    }
    const std::string text(statement.text);
    blockers_ = {};
    try {
        lift_read_only(access);
        postgres::Completed done;
        if (statement.data) {
            bool sent = false;
            done = connection_.copy_in(text, [&](std::string& lines) {
                if (std::exchange(sent, true)) return false;
                lines = *statement.data;
                return true;
            });
        } else {
            done = connection_.run(text, {}, {}, {});
        }
        note_forgotten(done);
        note_lost_transaction();
        refuse_when_lost();
        keep_reads_read_only(access);
        return done.changed > 0 ? done.changed : done.seen;
    } catch (const Error& error) {
        note_failure(error);
        if (access == Access::Alone && !connection_.lost()) keep_reads_read_only(access);
        throw explained(error, text);
    }
}

void PostgresDatabase::restore_session() {
    CHECK(!in_transaction_);
    types_.clear();
    connection_.exec("reset session authorization; reset all; discard temp");
    prepare_session();
}

void PostgresDatabase::look_for_blockers() noexcept {
    try {
        postgres::ConnectOptions options = connect_options(settings_);
        options.timeout = kHelperTime;
        postgres::Connection helper(options);
        helper.set_deadline(system_clock().boot() + kHelperTime);
        blockers_ = blockers_of(connection_.backend_pid(), helper);
        if (!blockers_.text.empty() && notice_sink_)
            notice_sink_("warning", "waits for a lock that is held by " + blockers_.text);
    } catch (const Error&) {
        // Without a second session nobody can be named.
    }
}

Error PostgresDatabase::explained(const Error& error, std::string_view statement) const {
    const std::string user = settings_.role ? settings_.role->reveal() : connection_.user();
    return with_place_to_commit(with_blockers(with_grant(error, statement, user), blockers_));
}

postgres::Completed PostgresDatabase::run_numbered(const NumberedStatement& statement,
                                                   bool may_copy,
                                                   const postgres::ResultSink& sink) {
    static const std::vector<postgres::Oid> kNone;
    constexpr std::size_t kMostValues = 65'535;  // the protocol counts them in 16 bits
    if (statement.values.size() > kMostValues) {
        throw Error(ErrorCode::Lua,
                    "the statement has " + std::to_string(statement.values.size()) +
                        " values, PostgreSQL takes " + std::to_string(kMostValues),
                    "give the rows to :copy, or to several statements");
    }
    const auto& types =
        statement.values.empty() ? kNone : types_of(statement.text, statement.values.size());
    postgres::Connection::Parameters parameters;
    for (std::size_t i = 0; i < statement.values.size(); ++i)
        parameters.push_back(postgres::encode(types[i], *statement.values[i]));
    // A COPY must not be sent together with anything.
    return may_copy ? connection_.run(statement.text, parameters, types, sink)
                    : connection_.run_with_begin(statement.text, parameters, types, sink);
}

const std::vector<postgres::Oid>& PostgresDatabase::types_of(const std::string& statement,
                                                             std::size_t count) {
    const auto known = types_.find(statement);
    if (known != types_.end()) return known->second;
    std::vector<postgres::Oid> types = connection_.parameter_types(statement);
    CHECK(types.size() == count);
    if (types_.size() >= kKeptTypes) types_.clear();
    return types_.emplace(statement, std::move(types)).first->second;
}

// A function could have lifted what makes reads harmless; the server tells us of it unasked.
void PostgresDatabase::keep_reads_read_only(Access access) {
    if (in_transaction_) return;
    if (access != Access::Alone && connection_.parameter("default_transaction_read_only") != "off")
        return;
    connection_.exec("set default_transaction_read_only = on");
}

std::int64_t PostgresDatabase::copy_in(std::string_view table,
                                       const std::vector<std::string>& columns,
                                       const RowSource& next) {
    CHECK(in_transaction_);
    refuse_when_lost();
    std::string target = quoted_table(table, Dialect::Postgres) + " (";
    std::string values;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        target += (i > 0 ? ", " : "") + quoted_identifier(columns[i], Dialect::Postgres);
        values += (i > 0 ? ", $" : "$") + std::to_string(i + 1);
    }
    target += ")";
    // What the server would take for an insert says how each value is written.
    const std::vector<postgres::Oid> types =
        types_of("insert into " + target + " values (" + values + ")", columns.size());
    std::vector<Value> row(columns.size());
    const postgres::Completed done =
        connection_.copy_in("copy " + target + " from stdin", [&](std::string& lines) {
            if (!next(row)) return false;
            for (std::size_t i = 0; i < row.size(); ++i) {
                if (i > 0) lines += '\t';
                append_copy_field(lines, postgres::encode(types[i], row[i]));
            }
            lines += '\n';
            return true;
        });
    return done.changed;
}

void PostgresDatabase::set_deadline(std::optional<Microseconds> boot_deadline) {
    connection_.set_deadline(boot_deadline);
}

void PostgresDatabase::set_notice_sink(NoticeSink sink) {
    notice_sink_ = sink;
    connection_.set_notice_sink(std::move(sink));
}

void PostgresDatabase::interrupt() noexcept {
    connection_.interrupt();
}

void PostgresDatabase::note_failure(const Error& error) {
    constexpr std::string_view kNoSuchStatement = "26000";
    types_.clear();
    // Something that no tag tells of has ended what the session keeps: a block, a procedure.
    if (error.code_text() == kNoSuchStatement) kept_.clear();
    note_lost_transaction();
}

void PostgresDatabase::note_lost_transaction() {
    if (!protected_by(Protection::TransactionKept)) return;
    if (in_transaction_ && connection_.transaction_state() == TransactionState::Idle) lost_ = true;
}

void PostgresDatabase::note_forgotten(const postgres::Completed& done) {
    if (done.tag.starts_with("DEALLOCATE") || done.tag.starts_with("DISCARD")) kept_.clear();
}

void PostgresDatabase::refuse_when_lost() const {
    if (!lost_) return;
    throw Error(ErrorCode::Sql,
                "a statement ended the transaction: its receipt says whether it holds",
                "look for transaction control in the procedures that it calls", "25000");
}

}  // namespace drydock::sql
