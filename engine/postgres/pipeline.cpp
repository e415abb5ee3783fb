#include <libpq-fe.h>

#include <utility>

#include "engine/postgres/connection.h"
#include "engine/postgres/server_error.h"

// Several statements in one round trip: the pipeline mode of a session.
namespace drydock::postgres {

// The session is in this mode; at the end, whatever it is, all answers have been read.
class Connection::Pipeline final {
  public:
    explicit Pipeline(Connection& connection) : connection_(connection) {
        if (PQenterPipelineMode(connection_.handle_.get()) == 0) throw connection_.lost_error();
    }
    // The server answers what was sent so far.
    void sync() {
        synced_ = true;
        if (PQpipelineSync(connection_.handle_.get()) == 0) throw connection_.lost_error();
    }
    ~Pipeline() {
        try {
            if (!synced_) sync();
            do (void)connection_.next_result();
            while (!connection_.lost() && PQexitPipelineMode(connection_.handle_.get()) == 0);
            connection_.finish_cancel();
        } catch (const Error&) {
            // Lost while it was emptied: the next statement says so.
        }
    }
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

  private:
    Connection& connection_;
    bool synced_ = false;
};

std::vector<Completed> Connection::run_together(std::span<const Piece> pieces) {
    begin_statement();
    std::vector<Completed> completed;
    std::optional<Error> failed;
    {
        Pipeline pipeline(*this);
        for (const Piece& piece : pieces) send_piece(piece);
        pipeline.sync();
        for (const Piece& piece : pieces)
            completed.push_back(completed_one(piece.statement, failed));
    }
    if (lost()) throw lost_error();
    if (failed) throw told(*failed);
    return completed;
}

Completed Connection::run_with_begin(const std::string& statement, const Parameters& parameters,
                                     const std::vector<Oid>& types, const ResultSink& sink) {
    if (!begin_due_) return run(statement, parameters, types, sink);
    refuse_when_unusable();
    const Piece begin = *std::exchange(begin_due_, std::nullopt);
    begin_statement();
    in_transaction_ = true;
    try {
        Pipeline pipeline(*this);
        send_piece(begin);
        send_query(statement, parameters, types);
        pipeline.sync();
        std::optional<Error> failed;
        (void)completed_one(begin.statement, failed);
        if (failed) throw told(*failed);
        PQsetSingleRowMode(handle_.get());
        return collect(statement, sink);
    } catch (const Error&) {
        // Only at the end of the pipeline it shows that the session has ended with it.
        if (lost()) throw lost_error();
        throw;
    }
}

void Connection::send_piece(const Piece& piece) {
    if (piece.name.empty()) return send_query(piece.statement, piece.parameters, {});
    const auto values = pointers_to(piece.parameters);
    if (PQsendQueryPrepared(handle_.get(), piece.name.c_str(), static_cast<int>(values.size()),
                            values.data(), nullptr, nullptr, 0) == 0)
        throw not_sent_error();
}

// Reads the answer to one of several statements. `failed`: of the first that did; the server has
// skipped those after it.
Completed Connection::completed_one(const std::string& statement, std::optional<Error>& failed) {
    Completed one;
    while (const ResultHandle result = next_result()) {
        const ExecStatusType status = PQresultStatus(result.get());
        if (status == PGRES_PIPELINE_ABORTED) continue;
        if (status == PGRES_FATAL_ERROR) {
            failed = error_from(server_error(*result), statement);
            continue;
        }
        one.tag = PQcmdStatus(result.get());
        one.changed = changed_by(*result);
    }
    return one;
}

}  // namespace drydock::postgres
