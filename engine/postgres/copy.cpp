#include <libpq-fe.h>

#include "engine/postgres/connection.h"
#include "engine/postgres/server_error.h"

// Rows on their way to the server: the COPY part of a session.
namespace drydock::postgres {
namespace {

constexpr std::size_t kCopyPiece = 64 << 10;

}  // namespace

Completed Connection::copy_in(const std::string& statement,
                              const std::function<bool(std::string&)>& fill) {
    begin_statement();
    if (PQsendQuery(handle_.get(), statement.c_str()) == 0) throw lost_error();
    // Anything but "send now" is an answer like that of other statements.
    const ResultHandle ready = next_result();
    if (ready == nullptr) throw lost_error();
    if (PQresultStatus(ready.get()) != PGRES_COPY_IN) {
        const ServerError refused = server_error(*ready);
        abandon_results();
        throw error_from(refused, statement);
    }
    send_copied(fill);
    return collect(statement, {});
}

void Connection::send_copied(const std::function<bool(std::string&)>& fill) {
    // Whatever ends it early, the server is told to forget what it has.
    class EndOfCopy final {
      public:
        explicit EndOfCopy(Connection& connection) : connection_(connection) {
            connection_.reading_ = true;
        }
        ~EndOfCopy() {
            connection_.reading_ = false;
            if (complete_) return;
            PQputCopyEnd(connection_.handle_.get(), "given up");
            connection_.abandon_results();
        }
        EndOfCopy(const EndOfCopy&) = delete;
        EndOfCopy& operator=(const EndOfCopy&) = delete;
        void complete() { complete_ = true; }

      private:
        Connection& connection_;
        bool complete_ = false;
    } end(*this);

    std::string lines;
    while (fill(lines)) {
        if (lines.size() < kCopyPiece) continue;
        send(lines);
        lines.clear();
    }
    send(lines);
    if (PQputCopyEnd(handle_.get(), nullptr) < 0) throw lost_error();
    end.complete();
}

void Connection::send(const std::string& bytes) {
    if (bytes.empty()) return;
    if (must_stop()) throw stopped_error();
    int queued = 0;
    while ((queued = PQputCopyData(handle_.get(), bytes.data(), static_cast<int>(bytes.size()))) ==
           0)
        wait(true);
    if (queued < 0) throw lost_error();
    // No more than a piece waits in our memory.
    while (PQflush(handle_.get()) == 1) wait(true);
}

}  // namespace drydock::postgres
