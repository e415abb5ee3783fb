#include "engine/postgres/errors.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace drydock::postgres {
namespace {

struct Meaning {
    std::string_view sqlstate;  // or its class, two characters
    ErrorCode code;
    std::string_view hint;
};

// The first that fits counts (PostgreSQL documentation, appendix A).
constexpr std::array kMeanings{
    Meaning{"40001", ErrorCode::Busy, "another transaction changed the same rows; try again"},
    Meaning{"40P01", ErrorCode::Busy, "two transactions waited for each other; try again"},
    Meaning{"55P03", ErrorCode::Busy,
            "somebody holds the lock: pg_locks and pg_stat_activity say who; give the connection a "
            "longer lock_timeout or try again when they are done"},
    Meaning{"55006", ErrorCode::Busy, "somebody uses it: pg_stat_activity says who"},
    Meaning{"57014", ErrorCode::Timeout,
            "give the statement more time (timeout of the step, statement_timeout of the "
            "connection), or less to do"},
    Meaning{"42501", ErrorCode::Permission, "an owner or superuser must grant it"},
    Meaning{"25006", ErrorCode::Permission,
            "the session or the server is read-only: a standby, or default_transaction_read_only"},
    Meaning{"28", ErrorCode::Permission,
            "look at user and password, and at the server's pg_hba.conf"},
    Meaning{"3D000", ErrorCode::Connection, "look at the name of the database"},
    Meaning{"53300", ErrorCode::Connection, "the server has no free connection; try again later"},
    Meaning{"53100", ErrorCode::File, "the server's disk is full: make room there, then resume"},
    Meaning{"57P", ErrorCode::Connection, "the server goes down or is starting; try again later"},
    Meaning{"08", ErrorCode::Connection, "look at the server and the network, then resume"},
    Meaning{"58", ErrorCode::File, "the server's own files fail; look at its log"},
    Meaning{"XX", ErrorCode::File, "the server says its data is damaged; look at its log"},
};

const Meaning* meaning_of(std::string_view sqlstate) {
    const auto found = std::ranges::find_if(
        kMeanings, [&](const Meaning& one) { return sqlstate.starts_with(one.sqlstate); });
    return found == kMeanings.end() ? nullptr : &*found;
}

// The line of the statement that `position` is in, from 1.
std::ptrdiff_t line_of(std::string_view statement, int position) {
    const auto until = std::min<std::size_t>(statement.size(), static_cast<std::size_t>(position));
    return 1 + std::count(statement.begin(), statement.begin() + static_cast<std::ptrdiff_t>(until),
                          '\n');
}

// The server counts characters, we count bytes.
std::size_t byte_of(std::string_view statement, int position) {
    std::size_t at = 0;
    for (int characters = 0; at < statement.size(); ++at) {
        const bool continues = (static_cast<unsigned char>(statement[at]) & 0xC0) == 0x80;
        if (!continues && ++characters == position) return at + 1;
    }
    return 0;
}

// Where it was in the data of a COPY, or in a function or block, which the statement does not tell:
// " (COPY users, line 3, column id)". Not what stands there: data is for nobody's log.
std::string within(std::string_view context) {
    constexpr std::string_view kCopy = "COPY ", kCode = "PL/pgSQL function ";
    while (!context.empty()) {
        const std::string_view line = context.substr(0, context.find('\n'));
        if (line.starts_with(kCopy))
            return " (" + std::string(line.substr(0, line.find(": "))) + ")";
        if (line.starts_with(kCode)) return " (" + std::string(line.substr(kCode.size())) + ")";
        context.remove_prefix(std::min(line.size() + 1, context.size()));
    }
    return {};
}

}  // namespace

Error error_from(const ServerError& server, std::string_view statement) {
    std::string message = server.message;
    if (!server.detail.empty()) message += ": " + server.detail;
    // The first line needs no number: most statements have only that one.
    if (server.position > 0 && line_of(statement, server.position) > 1)
        message +=
            " (line " + std::to_string(line_of(statement, server.position)) + " of the statement)";
    message += within(server.context);
    const Meaning* meaning = meaning_of(server.sqlstate);
    std::string hint = server.hint;
    if (hint.empty() && meaning != nullptr) hint = meaning->hint;
    return Error(meaning == nullptr ? ErrorCode::Sql : meaning->code, std::move(message),
                 std::move(hint), server.sqlstate)
        .at(server.position > 0 ? byte_of(statement, server.position) : 0);
}

bool is_retryable(const Error& error) {
    return error.code_text() == "40001" || error.code_text() == "40P01";
}

}  // namespace drydock::postgres
