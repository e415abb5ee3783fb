#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/cases/cases.h"
#include "engine/cases/private_postgres.h"
#include "engine/clock.h"
#include "engine/execute/connection_settings.h"

// What cases put into their PostgreSQL server, and what runs leave there.
namespace drydock::cases {

// Where a PostgreSQL connection leads on the server of the cases.
struct PostgresPlace {
    std::string database;  // empty: a step of the run says it
    std::string user;
    std::string role;      // empty: it acts as the user
    std::string receipts;  // the schema for them
};
using PostgresPlaces = std::map<std::string, PostgresPlace, std::less<>>;  // by connection

// How the engine of a case reaches it.
[[nodiscard]] execute::PrivateServer private_server(const PrivatePostgres* server);

// Makes the roles and databases that the connections name, and fills them as the case says: the SQL
// of a connection is run by the role that the connection acts as, statement by statement. A
// database belongs to the first that names it and is no superuser. Throws Error{Document} for what
// cannot be made.
void furnish_postgres(const PrivatePostgres& server, const Case& one, const PostgresPlaces& places);

// Times that a server wrote by its own clock: they say nothing but that it was during the case.
struct DuringCase {
    Timestamp from, to;
};
// What the server holds: roles, and of each database the schema and all rows, one line each, in
// order; without the receipts of runs. So that two worlds can be compared, what differs between two
// runs that did the same is not written as it is: of a number that a sequence gave its rank, of a
// time during the case only that, of a random UUID that it is one. Ends prepared transactions.
[[nodiscard]] std::vector<std::string> describe_postgres(const PrivatePostgres& server,
                                                         const PostgresPlaces& places,
                                                         const DuringCase& during);

}  // namespace drydock::cases
