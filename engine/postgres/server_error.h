#pragma once

#include "engine/postgres/errors.h"

struct pg_result;

namespace drydock::postgres {

// What the server says of a failure, taken out of the library's result.
[[nodiscard]] ServerError server_error(const pg_result& result);

}  // namespace drydock::postgres
