#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "engine/cases/postgres_places.h"
#include "engine/error.h"
#include "engine/sql/lexer.h"

namespace drydock::cases {
namespace {

bool is_superuser(const std::string& name) {
    return name == PrivatePostgres::kSuperuser;
}

const std::string& acting_role(const PostgresPlace& place) {
    return place.role.empty() ? place.user : place.role;
}

std::string script_of(const Fixture& fixture) {
    if (fixture.kind == Fixture::Kind::Empty) return {};
    if (fixture.kind != Fixture::Kind::File) return fixture.text;
    if (!fixture.text.ends_with(".sql"))
        throw Error(ErrorCode::Document, fixture.text + " is no file of SQL",
                    "give a PostgreSQL connection a file whose name ends with .sql");
    std::ifstream file(fixture.text, std::ios::binary);
    if (!file) throw_errno(ErrorCode::File, "reading " + fixture.text, errno);
    return {std::istreambuf_iterator<char>(file), {}};
}

class Furnishing final {
  public:
    Furnishing(const PrivatePostgres& server, const PostgresPlaces& places)
        : server_(server), places_(places), admin_(server.connect("template1")) {}

    void make_roles() {
        for (const auto& [name, place] : places_) {
            make_role(place.user);
            if (place.role.empty()) continue;
            make_role(place.role);
            if (is_superuser(place.user)) continue;
            admin_->exec("grant " + quoted(place.role) + " to " + quoted(place.user));
        }
    }

    void make_databases() {
        std::map<std::string, std::string> owners{{"postgres", ""}};
        for (const auto& [name, place] : places_) {
            if (place.database.empty()) continue;
            std::string& owner = owners[place.database];
            if (owner.empty() && !is_superuser(acting_role(place))) owner = acting_role(place);
        }
        for (const auto& [database, owner] : owners) {
            std::string statement = "create database " + quoted(database) + " template template0";
            if (!owner.empty()) statement += " owner " + quoted(owner);
            const bool named = std::ranges::any_of(
                places_, [&](const auto& each) { return each.second.database == database; });
            if (database == "postgres" && !named && has_database(database)) continue;
            if (database == "postgres") admin_->exec("drop database if exists postgres");
            admin_->exec(statement);
        }
    }

    void fill(const std::string& name, const Fixture& fixture) {
        const std::string script = script_of(fixture);
        const PostgresPlace& place = places_.at(name);
        const auto statements = sql::split(script, sql::Dialect::Postgres);
        if (statements.empty()) return;
        if (place.database.empty())
            throw Error(ErrorCode::Document,
                        "the connection leads to a database that a step of the run names",
                        "put its rows where the step finds them");
        const auto there = server_.connect(place.database);
        there->exec("set role " + there->quoted_identifier(acting_role(place)));
        // One by one: some must not run in a transaction, and some begin one.
        for (const sql::ScriptStatement& statement : statements)
            there->exec(std::string(statement.text));
    }

  private:
    [[nodiscard]] std::string quoted(const std::string& name) const {
        return admin_->quoted_identifier(name);
    }
    void make_role(const std::string& name) {
        if (is_superuser(name) || !made_.insert(name).second) return;
        admin_->exec("create role " + quoted(name) + " login");
    }
    bool has_database(const std::string& name) {
        bool found = false;
        admin_->run("select from pg_database where datname = $1", {name}, {}, [&](const auto&) {
            found = true;
            return true;
        });
        return found;
    }

    const PrivatePostgres& server_;
    const PostgresPlaces& places_;
    std::unique_ptr<postgres::Connection> admin_;
    std::set<std::string> made_;
};

}  // namespace

execute::PrivateServer private_server(const PrivatePostgres* server) {
    return {.socket_folder = server == nullptr ? std::string() : server->socket_folder(),
            .port = PrivatePostgres::kPort,
            .superuser = std::string(PrivatePostgres::kSuperuser)};
}

void furnish_postgres(const PrivatePostgres& server, const Case& one,
                      const PostgresPlaces& places) {
    Furnishing furnishing(server, places);
    try {
        furnishing.make_roles();
        furnishing.make_databases();
    } catch (const Error& error) {
        throw Error(ErrorCode::Document, "the case's PostgreSQL: " + error.message(), error.hint());
    }
    for (const auto& [name, fixture] : one.connections) {
        if (!places.contains(name)) continue;
        try {
            furnishing.fill(name, fixture);
        } catch (const Error& error) {
            throw Error(ErrorCode::Document,
                        "the SQL of connection " + name + ": " + error.message(), error.hint());
        }
    }
}

}  // namespace drydock::cases
