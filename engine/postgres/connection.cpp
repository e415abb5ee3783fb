#include "engine/postgres/connection.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "engine/check.h"
#include "engine/clock.h"
#include "engine/postgres/cancel.h"
#include "engine/postgres/connect.h"
#include "engine/postgres/server_error.h"

namespace drydock::postgres {
namespace {

constexpr Microseconds kCleaningUp{10'000'000};

std::int64_t number_in(std::string_view digits) {
    std::int64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

}  // namespace

void Connection::Finish::operator()(pg_conn* handle) const noexcept {
    PQfinish(handle);
}
void Connection::Clear::operator()(pg_result* result) const noexcept {
    PQclear(result);
}

std::size_t ResultRow::size() const {
    return static_cast<std::size_t>(PQnfields(&result_));
}
std::string_view ResultRow::name(std::size_t column) const {
    return PQfname(&result_, static_cast<int>(column));
}
Oid ResultRow::type(std::size_t column) const {
    return PQftype(&result_, static_cast<int>(column));
}
bool ResultRow::is_null(std::size_t column) const {
    return PQgetisnull(&result_, row_, static_cast<int>(column)) == 1;
}
std::string_view ResultRow::text(std::size_t column) const {
    const int at = static_cast<int>(column);
    return {PQgetvalue(&result_, row_, at),
            static_cast<std::size_t>(PQgetlength(&result_, row_, at))};
}

// --- opening -------------------------------------------------------------------------------------

Connection::Connection(const ConnectOptions& options)
    : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!wake_.valid()) throw_errno(ErrorCode::Connection, "making an eventfd", errno);
    handle_.reset(start_connecting(options));
    const Microseconds until = system_clock().boot() + options.timeout;
    // A socket that is not there fails before anything can be waited for.
    PostgresPollingStatusType state =
        PQstatus(handle_.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
        const Microseconds left = until - system_clock().boot();
        if (left.count() <= 0) {
            throw Error(ErrorCode::Timeout,
                        "no answer from " + place_of(*handle_) + " within " +
                            to_text(Duration{options.timeout}),
                        "look at host and port of the connection, and at the network between");
        }
        pollfd socket{.fd = PQsocket(handle_.get()),
                      .events = state == PGRES_POLLING_READING ? short{POLLIN} : short{POLLOUT},
                      .revents = 0};
        (void)::poll(&socket, 1, static_cast<int>(left.count() / 1000) + 1);
        state = PQconnectPoll(handle_.get());
    }
    if (state != PGRES_POLLING_OK) throw connect_error(*handle_, options);
    where_ = place_of(*handle_);
    is_near_ = is_on_this_machine(*handle_);
    PQsetnonblocking(handle_.get(), 1);
    PQsetNoticeReceiver(
        handle_.get(), [](void* self, const PGresult* result) { on_notice(self, result); }, this);
}

Connection::~Connection() = default;

// --- running -------------------------------------------------------------------------------------

Completed Connection::run(const std::string& statement, const Parameters& parameters,
                          const std::vector<Oid>& types, const ResultSink& sink) {
    CHECK(types.empty() || types.size() == parameters.size());
    begin_statement();
    send_query(statement, parameters, types);
    PQsetSingleRowMode(handle_.get());
    return collect(statement, sink);
}

std::vector<const char*> Connection::pointers_to(const Parameters& parameters) {
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const auto& value : parameters) values.push_back(value ? value->c_str() : nullptr);
    return values;
}

void Connection::send_query(const std::string& statement, const Parameters& parameters,
                            const std::vector<Oid>& types) {
    const auto values = pointers_to(parameters);
    if (PQsendQueryParams(handle_.get(), statement.c_str(), static_cast<int>(values.size()),
                          types.empty() ? nullptr : types.data(), values.data(), nullptr, nullptr,
                          0) == 0)
        throw not_sent_error();
}

Completed Connection::exec(const std::string& statements) {
    begin_statement();
    if (PQsendQuery(handle_.get(), statements.c_str()) == 0) throw lost_error();
    return collect(statements, {});
}

void Connection::exec_after_stop(const std::string& statements) {
    const auto before = std::exchange(deadline_, system_clock().boot() + kCleaningUp);
    heeds_interrupts_ = false;
    try {
        exec(statements);
    } catch (const Error&) {
        heeds_interrupts_ = true;
        deadline_ = before;
        throw;
    }
    heeds_interrupts_ = true;
    deadline_ = before;
}

Connection::Described Connection::described(const std::string& statement,
                                           const std::string& name) {
    begin_statement();
    if (PQsendPrepare(handle_.get(), name.c_str(), statement.c_str(), 0, nullptr) == 0)
        throw lost_error();
    (void)collect(statement, {});
    if (PQsendDescribePrepared(handle_.get(), name.c_str()) == 0) throw lost_error();
    const Reading reading(*this);
    Described found;
    std::optional<Error> failed;
    while (const ResultHandle result = next_result()) {
        if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR)
            failed = error_from(server_error(*result), statement);
        for (int i = 0; i < PQnparams(result.get()); ++i)
            found.parameters.push_back(PQparamtype(result.get(), i));
        for (int i = 0; i < PQnfields(result.get()); ++i)
            found.columns.emplace_back(PQfname(result.get(), i));
    }
    if (lost()) throw lost_error();
    if (failed) throw told(*failed);
    return found;
}

void Connection::refuse_when_unusable() const {
    if (lost()) throw lost_error();
    if (must_stop()) throw stopped_error();
    if (reading_) {
        throw Error(ErrorCode::Lua, "a statement in the middle of another one of this connection",
                    "collect the rows first (:query), or declare a second connection");
    }
}

void Connection::begin_statement() {
    refuse_when_unusable();
    if (const auto begin = std::exchange(begin_due_, std::nullopt)) exec(begin->statement);
    in_transaction_ = PQtransactionStatus(handle_.get()) == PQTRANS_INTRANS;
    if (watch_) watch_due_ = system_clock().boot() + watch_after_;
}

// Reads all results of what was sent. Whatever throws in between, the session is left with nothing
// to read, so that the next statement gets its own results.
Completed Connection::collect(const std::string& statement, const ResultSink& sink) {
    const Reading reading(*this);
    Completed completed;
    std::optional<Error> failed;
    while (const ResultHandle result = next_result()) {
        const ExecStatusType status = PQresultStatus(result.get());
        if (status == PGRES_SINGLE_TUPLE) {
            ++completed.seen;
            if (sink && !sink(ResultRow(*result))) return completed;
        } else if (status == PGRES_FATAL_ERROR) {
            if (!failed) failed = error_from(server_error(*result), statement);
        } else if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) {
            refuse_copy(status == PGRES_COPY_OUT);
        } else {
            completed.tag = PQcmdStatus(result.get());
            completed.changed += changed_by(*result);
        }
    }
    if (lost()) throw lost_error();
    if (failed) throw told(*failed);
    return completed;
}

std::int64_t Connection::changed_by(const pg_result& result) {
    const std::string_view tag = PQcmdStatus(const_cast<pg_result*>(&result));
    if (tag.starts_with("SELECT") || tag.starts_with("FETCH")) return 0;
    return number_in(PQcmdTuples(const_cast<pg_result*>(&result)));
}

// COPY in the middle of a script: the server waits for our data, or sends some. What it sends is
// thrown away up to where it heeds a cancel: until then libpq says the same of each next result.
void Connection::refuse_copy(bool out) {
    if (out) {
        if (!cancel_) cancel_running();
        int got = 0;
        for (char* line = nullptr; (got = PQgetCopyData(handle_.get(), &line, 1)) >= 0;) {
            if (got > 0) PQfreemem(line);
            else if (wait(false); PQconsumeInput(handle_.get()) == 0) break;
        }
    } else {
        PQputCopyEnd(handle_.get(), "refused");
    }
    throw Error(ErrorCode::Sql, "COPY from or to the client is not for scripts",
                "use :copy(table, columns, rows)");
}

void Connection::abandon_results() noexcept {
    // In a transaction a cancel would fail all of it, so there the rest is read and thrown away.
    const bool more_may_come = PQtransactionStatus(handle_.get()) == PQTRANS_ACTIVE;
    if (more_may_come && !in_transaction_ && !cancel_ && !lost()) cancel_running();
    try {
        while (const ResultHandle result = next_result()) continue;
        finish_cancel();
    } catch (const Error&) {
        // Lost while it was emptied: the next statement says so.
    }
}

Error Connection::not_sent_error() const {
    if (lost()) return lost_error();
    return {
        ErrorCode::Sql, std::string("it could not be sent: ") + PQerrorMessage(handle_.get()), {}};
}

Error Connection::lost_error() const {
    return {ErrorCode::Connection, "the connection to " + where_ + " was lost",
            "look at the server and the network, then resume: what was in doubt is settled by its "
            "receipt",
            "08006"};
}

// --- state ---------------------------------------------------------------------------------------

void Connection::begin_later(Piece begin) {
    refuse_when_unusable();
    begin_due_ = std::move(begin);
}

TransactionState Connection::transaction_state() const {
    if (begin_due_ && !lost()) return TransactionState::Open;
    switch (PQtransactionStatus(handle_.get())) {
        case PQTRANS_IDLE: return TransactionState::Idle;
        case PQTRANS_INERROR: return TransactionState::Failed;
        case PQTRANS_UNKNOWN: return TransactionState::Lost;
        case PQTRANS_ACTIVE:
        case PQTRANS_INTRANS: break;
    }
    return TransactionState::Open;
}

int Connection::server_version() const {
    return PQserverVersion(handle_.get());
}
int Connection::backend_pid() const {
    return PQbackendPID(handle_.get());
}
bool Connection::lost() const {
    return PQstatus(handle_.get()) != CONNECTION_OK;
}

std::string Connection::parameter(const char* name) const {
    const char* value = PQparameterStatus(handle_.get(), name);
    return value == nullptr ? "" : value;
}

void Connection::set_watch(Microseconds after, std::function<void()> watch) {
    watch_after_ = after;
    watch_ = std::move(watch);
}

std::string Connection::user() const {
    return PQuser(handle_.get());
}

void Connection::set_notice_sink(NoticeSink sink) {
    notice_sink_ = std::move(sink);
}

void Connection::on_notice(void* self, const pg_result* result) {
    auto& connection = *static_cast<Connection*>(self);
    if (!connection.notice_sink_) return;
    const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char* text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    std::string lower(severity == nullptr ? "" : severity);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    connection.notice_sink_(lower, text == nullptr ? "" : text);
}

std::string Connection::quoted_identifier(std::string_view name) const {
    char* quoted = PQescapeIdentifier(handle_.get(), name.data(), name.size());
    if (quoted == nullptr) {
        throw Error(ErrorCode::Lua, "an identifier is not UTF-8",
                    "give the name of a table or column");
    }
    const std::unique_ptr<char, decltype(&PQfreemem)> owned(quoted, &PQfreemem);
    return owned.get();
}

}  // namespace drydock::postgres
