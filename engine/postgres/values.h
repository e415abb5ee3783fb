#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/postgres/connection.h"
#include "engine/value_view.h"

// Values as PostgreSQL writes and reads them in text, by the type's number in pg_type.dat.
//
//   boolean, int2 int4 int8, float4 float8    as such
//   numeric                    integer when it is one that fits 64 bits, else its digits as string
//   timestamptz                timestamp (microseconds); infinity, years BC and beyond 9999
//                              stay strings
//   bytea                      string of the bytes
//   arrays of these            list, of lists when it has more dimensions
//   everything else            string as the server writes it, json and jsonb among it: a table
//                              would lose the digits of large numbers
namespace drydock::postgres {

// The view is into `text`.
[[nodiscard]] ValueView decode(Oid type, std::string_view text);

// `value` for a parameter of `type` (0: not known); nullopt: NULL. Lists go to arrays and to json,
// maps to json, strings to everything. Throws Error{Lua} for what cannot go there; a secret never
// can.
[[nodiscard]] std::optional<std::string> encode(Oid type, const Value& value);

}  // namespace drydock::postgres
