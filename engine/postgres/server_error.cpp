#include "engine/postgres/server_error.h"

#include <libpq-fe.h>

#include <cstdlib>
#include <string>
#include <utility>

namespace drydock::postgres {

ServerError server_error(const pg_result& result) {
    const auto field = [&](int code) {
        const char* text = PQresultErrorField(&result, code);
        return std::string(text == nullptr ? "" : text);
    };
    // What the library itself has to say comes without fields.
    std::string message = field(PG_DIAG_MESSAGE_PRIMARY);
    if (message.empty()) message = PQresultErrorMessage(&result);
    while (message.ends_with('\n')) message.pop_back();
    return {.sqlstate = field(PG_DIAG_SQLSTATE),
            .message = std::move(message),
            .detail = field(PG_DIAG_MESSAGE_DETAIL),
            .hint = field(PG_DIAG_MESSAGE_HINT),
            .position = std::atoi(field(PG_DIAG_STATEMENT_POSITION).c_str()),
            .context = field(PG_DIAG_CONTEXT)};
}

}  // namespace drydock::postgres
