#include <libpq-fe.h>

#include "engine/postgres/connection.h"
#include "engine/postgres/server_error.h"

// Several statements in one round trip: the pipeline mode of a session.
namespace drydock::postgres {

std::vector<Completed> Connection::run_together(const std::vector<Piece>& pieces) {
    begin_statement();
    send_together(pieces);
    std::vector<Completed> completed;
    std::optional<Error> failed;
    for (const Piece& piece : pieces) {
        Completed one;
        while (const ResultHandle result = next_result()) {
            const ExecStatusType status = PQresultStatus(result.get());
            if (status == PGRES_PIPELINE_ABORTED) continue;  // one before it has failed
            if (status == PGRES_FATAL_ERROR) {
                failed = error_from(server_error(*result), piece.statement);
                continue;
            }
            one.tag = PQcmdStatus(result.get());
            one.changed = changed_by(*result);
        }
        completed.push_back(std::move(one));
        if (lost()) break;
    }
    if (!lost()) (void)next_result();  // the end of the pipeline
    finish_cancel();
    PQexitPipelineMode(handle_.get());
    if (lost()) throw lost_error();
    if (failed) throw failed->code_text() == "57014" ? stopped_error(*failed) : *failed;
    return completed;
}

void Connection::send_together(const std::vector<Piece>& pieces) {
    if (PQenterPipelineMode(handle_.get()) == 0) throw lost_error();
    for (const Piece& piece : pieces) {
        std::vector<const char*> values;
        values.reserve(piece.parameters.size());
        for (const auto& value : piece.parameters)
            values.push_back(value ? value->c_str() : nullptr);
        const int count = static_cast<int>(values.size());
        const int sent = piece.name.empty()
                             ? PQsendQueryParams(handle_.get(), piece.statement.c_str(), count,
                                                 nullptr, values.data(), nullptr, nullptr, 0)
                             : PQsendQueryPrepared(handle_.get(), piece.name.c_str(), count,
                                                   values.data(), nullptr, nullptr, 0);
        if (sent == 0) throw lost_error();
    }
    if (PQpipelineSync(handle_.get()) == 0) throw lost_error();
}

}  // namespace drydock::postgres
