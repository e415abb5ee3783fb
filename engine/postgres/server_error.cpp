#include "engine/postgres/server_error.h"

#include <libpq-fe.h>

#include <cstdlib>
#include <string>

namespace drydock::postgres {

ServerError server_error(const pg_result& result) {
    const auto field = [&](int code) {
        const char* text = PQresultErrorField(&result, code);
        return std::string(text == nullptr ? "" : text);
    };
    return {.sqlstate = field(PG_DIAG_SQLSTATE),
            .message = field(PG_DIAG_MESSAGE_PRIMARY),
            .detail = field(PG_DIAG_MESSAGE_DETAIL),
            .hint = field(PG_DIAG_MESSAGE_HINT),
            .position = std::atoi(field(PG_DIAG_STATEMENT_POSITION).c_str()),
            .context = field(PG_DIAG_CONTEXT)};
}

}  // namespace drydock::postgres
