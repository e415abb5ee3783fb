#include "engine/sql/postgres_advice.h"

#include <algorithm>
#include <array>

#include "engine/sql/lexer.h"
#include "engine/value.h"

namespace drydock::sql {
namespace {

constexpr std::string_view kDenied = "permission denied for ";

// "table" and "t" of "permission denied for table t".
struct DeniedObject {
    std::string_view kind, name;
};

DeniedObject object_of(std::string_view message) {
    std::string_view rest = message.substr(message.find(kDenied) + kDenied.size());
    rest = rest.substr(0, rest.find(':'));  // a detail follows
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) return {.kind = rest, .name = {}};
    return {.kind = rest.substr(0, space), .name = rest.substr(space + 1)};
}

std::string first_word(std::string_view statement) {
    const auto tokens = lex(statement, Dialect::Postgres);
    std::string word = tokens.empty() ? std::string() : std::string(tokens.front().text);
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
    return word;
}

// Of PostgreSQL's documentation, section 5.7 "Privileges".
std::string privilege_for(const DeniedObject& object, const std::string& word) {
    if (object.kind == "schema") return word == "create" ? "usage, create" : "usage";
    if (object.kind == "sequence") return "usage";
    if (object.kind == "function" || object.kind == "procedure") return "execute";
    if (object.kind == "database") return word == "create" ? "create" : "connect";
    if (object.kind != "table" && object.kind != "view" && object.kind != "relation") return "";
    if (word == "insert" || word == "copy") return "insert";
    // Which rows are meant is read first.
    if (word == "update") return "select, update";
    if (word == "delete") return "select, delete";
    if (word == "truncate") return "truncate";
    return "select";
}

constexpr std::string_view kBlockers = R"(
select a.pid, a.usename, a.application_name, a.state,
       extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.query_start))::bigint,
       left(regexp_replace(a.query, '\s+', ' ', 'g'), 100)
  from unnest(pg_blocking_pids($1::int)) as holder join pg_stat_activity a on a.pid = holder)";

}  // namespace

Error with_grant(const Error& error, std::string_view statement, std::string_view user) {
    if (error.code_text() != "42501" || error.message().find(kDenied) == std::string::npos)
        return error;
    const DeniedObject object = object_of(error.message());
    const std::string privilege = privilege_for(object, first_word(statement));
    if (privilege.empty() || object.name.empty()) return error;
    const std::string_view kind =
        object.kind == "view" || object.kind == "relation" ? "table" : object.kind;
    return {error.code(), error.message(),
            "its owner can allow it: grant " + privilege + " on " + std::string(kind) + " " +
                std::string(object.name) + " to " + std::string(user),
            error.code_text()};
}

Error with_place_to_commit(const Error& error) {
    if (error.code_text() != "2D000") return error;
    return {
        error.code(), error.message(),
        "a procedure or DO that commits runs outside of a transaction only: in a migration whose "
        "file asks to run without one, or in a step of its own by exec_alone",
        error.code_text()};
}

Blockers blockers_of(int backend_pid, postgres::Connection& helper) {
    Blockers found;
    helper.run(std::string(kBlockers), {std::to_string(backend_pid)}, {},
               [&](const postgres::ResultRow& row) {
                   const auto text = [&](std::size_t i) { return std::string(row.text(i)); };
                   if (found.first_pid.empty()) found.first_pid = text(0);
                   found.text += (found.text.empty() ? "" : ", ") + ("pid " + text(0)) + " (" +
                                 text(1) + (row.text(2).empty() ? "" : ", " + text(2));
                   // What it does is shown to its own role, and to those with pg_read_all_stats.
                   if (!row.is_null(3) && !row.is_null(4)) {
                       const Duration since{Microseconds(std::stoll(text(4)) * 1'000'000)};
                       found.text += ", " + text(3) + " for " + to_text(since) + ": " + text(5);
                   }
                   found.text += ")";
                   return true;
               });
    return found;
}

Error with_blockers(const Error& error, const Blockers& blockers) {
    if (error.code_text() != "55P03" || blockers.text.empty()) return error;
    return {error.code(), "the lock is held by " + blockers.text + ": " + error.message(),
            "wait until it is done and resume, or end it: select pg_terminate_backend(" +
                blockers.first_pid + ")",
            error.code_text()};
}

}  // namespace drydock::sql
