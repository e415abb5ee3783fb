#include <libpq-fe.h>

#include <algorithm>

#include "engine/postgres/connection.h"
#include "engine/postgres/server_error.h"

// Many rows by a cursor. A result of libpq for each single row (PQsetSingleRowMode) costs as much
// as the row itself.
namespace drydock::postgres {
namespace {

// A fetch asks for so many rows as make a result of moderate size, whatever their width: it fits
// into the buffers of the socket, so that the server need not wait for us.
constexpr int kFirstRows = 8;
constexpr std::size_t kSmallResult = 256 << 10, kLargeResult = 1 << 20;

int rows_after(int wanted, std::size_t bytes) {
    if (bytes < kSmallResult) return wanted * 2;
    return bytes > kLargeResult ? std::max(1, wanted / 4) : wanted;
}

}  // namespace

std::int64_t Connection::fetch_all(const std::string& name, const ResultSink& sink) {
    int wanted = kFirstRows;
    const auto ask = [&] {
        const std::string statement = "fetch " + std::to_string(wanted) + " from " + name;
        if (PQsendQuery(handle_.get(), statement.c_str()) == 0) throw lost_error();
        return statement;
    };
    begin_statement();
    const Reading reading(*this);
    std::string asked = ask();
    for (std::int64_t seen = 0;;) {
        const ResultHandle result = whole_result(asked);
        const int count = PQntuples(result.get());
        const bool last = count < wanted;
        if (!last) {
            if (must_stop()) throw stopped_error();
            wanted = rows_after(wanted, PQresultMemorySize(result.get()));
            asked = ask();
            (void)PQflush(handle_.get());
        }
        for (int row = 0; row < count; ++row) {
            ++seen;
            if (!sink(ResultRow(*result, row))) return seen;
        }
        if (last) return seen;
    }
}

// The one result of a statement that was sent, when nothing more comes after it.
Connection::ResultHandle Connection::whole_result(const std::string& statement) {
    ResultHandle found = next_result();
    if (found == nullptr || lost()) throw lost_error();
    while (const ResultHandle more = next_result()) continue;
    if (PQresultStatus(found.get()) == PGRES_TUPLES_OK) return found;
    if (lost()) throw lost_error();
    throw told(error_from(server_error(*found), statement));
}

}  // namespace drydock::postgres
