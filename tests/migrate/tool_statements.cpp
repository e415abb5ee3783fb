#include "tests/migrate/tool_statements.h"

#include <algorithm>
#include <map>

#include "engine/clock.h"
#include "engine/migrate/checksum.h"

namespace drydock::migrate {
namespace {

using Texts = std::vector<std::string>;
using Rows = std::vector<Texts>;

Rows rows_of(sql::Database& database, const std::string& statement) {
    Rows rows;
    database.run(statement, {}, sql::Access::Read, [&](const sql::Row& row) {
        Texts& texts = rows.emplace_back();
        for (std::size_t i = 0; i < row.size(); ++i) texts.push_back(to_text(row.value(i)));
        return true;
    });
    return rows;
}

// Those of a table with a row for each that is applied.
std::function<Texts(sql::Database&)> first_column(std::string statement) {
    return [statement = std::move(statement)](sql::Database& database) {
        Texts keys;
        for (const Texts& row : rows_of(database, statement)) keys.push_back(row[0]);
        std::ranges::sort(keys);
        return keys;
    };
}

std::string number(std::size_t index) { return std::to_string(index + 1); }

std::string both(const std::string& up, std::size_t index, const std::string& down) {
    return up + "\n" + up_text(index) + "\n" + down + "\n" + down_text(index) + "\n";
}

// The client's time, as Go's driver for SQLite writes it.
std::string go_time() {
    std::string text = to_text(system_clock().wall());  // 2026-11-21T02:00:00.123456Z
    text.replace(text.find('T'), 1, " ");
    return text.replace(text.find('Z'), 1, "+00:00");
}

// up() deletes the row and inserts one, dirty, then the same clean; down() names the one below.
Tool golang_migrate() {
    const auto set = [](const std::string& version, const std::string& dirty) {
        return "DELETE FROM schema_migrations; INSERT INTO schema_migrations (version, dirty) "
               "VALUES (" + version + ", " + dirty + ");";
    };
    Tool tool{.format = Format::GolangMigrate, .table = "schema_migrations"};
    for (std::size_t i = 0; i < 3; ++i) {
        tool.files.emplace_back("00000" + number(i) + "_a.up.sql", up_text(i));
        tool.files.emplace_back("00000" + number(i) + "_a.down.sql", down_text(i));
        tool.keys.push_back(number(i));
    }
    tool.make = [](bool server) -> std::string {
        if (server)
            return "CREATE TABLE IF NOT EXISTS \"public\".\"schema_migrations\" "
                   "(version bigint not null primary key, dirty boolean not null)";
        return "CREATE TABLE IF NOT EXISTS schema_migrations (version uint64,dirty bool);"
               "CREATE UNIQUE INDEX IF NOT EXISTS version_unique ON schema_migrations (version);";
    };
    tool.up = [set](std::size_t i) { return set(number(i), "true") + set(number(i), "false"); };
    tool.down = [set](std::size_t i) -> std::string {
        if (i == 0) return "DELETE FROM schema_migrations;";
        return set(std::to_string(i), "true") + set(std::to_string(i), "false");
    };
    tool.reads = [](sql::Database& database) {
        const Rows rows =
            rows_of(database, "SELECT version, dirty FROM schema_migrations LIMIT 1");
        Texts keys;
        for (int i = 1; !rows.empty() && i <= std::stoi(rows[0][0]); ++i)
            keys.push_back(std::to_string(i));
        return keys;
    };
    return tool;
}

Tool sql_migrate() {
    Tool tool{.format = Format::SqlMigrate, .table = "gorp_migrations"};
    for (std::size_t i = 0; i < 3; ++i) {
        tool.files.emplace_back("00" + number(i) + "_a.sql",
                                both("-- +migrate Up", i, "-- +migrate Down"));
        tool.keys.push_back("00" + number(i) + "_a.sql");
    }
    tool.times = {"applied_at"};
    tool.make = [](bool server) -> std::string {
        if (server)
            return R"(create table if not exists "gorp_migrations" ("id" text not null primary key,
                      "applied_at" timestamp with time zone) ;)";
        return R"(create table if not exists "gorp_migrations"
                  ("id" varchar(255) not null primary key, "applied_at" datetime) ;)";
    };
    tool.up = [](std::size_t i) {
        return R"(insert into "gorp_migrations" ("id","applied_at") values ('00)" + number(i) +
               "_a.sql','" + go_time() + "');";
    };
    tool.down = [](std::size_t i) {
        return R"(delete from "gorp_migrations" where "id"='00)" + number(i) + "_a.sql';";
    };
    tool.reads = first_column(R"(SELECT * FROM "gorp_migrations")");
    return tool;
}

Tool goose() {
    Tool tool{.format = Format::Goose, .table = "goose_db_version"};
    for (std::size_t i = 0; i < 3; ++i) {
        tool.files.emplace_back("0000" + number(i) + "_a.sql",
                                both("-- +goose Up", i, "-- +goose Down"));
        tool.keys.push_back(number(i));
    }
    tool.times = {"tstamp"};
    tool.make = [](bool server) -> std::string {
        const std::string first =
            "INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, " +
            std::string(server ? "true" : "1") + ");";
        if (server)
            return "CREATE TABLE goose_db_version (id integer PRIMARY KEY GENERATED BY DEFAULT AS "
                   "IDENTITY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp "
                   "timestamp NOT NULL DEFAULT now());" + first;
        return "CREATE TABLE goose_db_version ( id INTEGER PRIMARY KEY AUTOINCREMENT, version_id "
               "INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT "
               "(datetime('now')) );" + first;
    };
    tool.up = [](std::size_t i) {
        return "INSERT INTO goose_db_version (version_id, is_applied) VALUES (" + number(i) +
               ", true);";
    };
    tool.down = [](std::size_t i) {
        return "DELETE FROM goose_db_version WHERE version_id=" + number(i) + ";";
    };
    tool.reads = [](sql::Database& database) {
        std::map<std::string, bool> newest;
        for (const Texts& row : rows_of(
                 database, "SELECT version_id, is_applied from goose_db_version ORDER BY id DESC"))
            newest.emplace(row[0], row[1] == "true" || row[1] == "1");
        Texts keys;
        for (const auto& [key, applied] : newest) {
            if (applied && key != "0") keys.push_back(key);
        }
        return keys;
    };
    return tool;
}

Tool dbmate() {
    Tool tool{.format = Format::Dbmate, .table = "schema_migrations"};
    for (std::size_t i = 0; i < 3; ++i) {
        tool.files.emplace_back("2024010100000" + number(i) + "_a.sql",
                                both("-- migrate:up", i, "-- migrate:down"));
        tool.keys.push_back("2024010100000" + number(i));
    }
    tool.make = [](bool server) -> std::string {
        if (server)
            return "create table if not exists public.schema_migrations (version varchar primary "
                   "key)";
        return R"(create table if not exists "schema_migrations"
                  (version varchar(128) primary key))";
    };
    tool.up = [](std::size_t i) {
        return "insert into schema_migrations (version) values ('2024010100000" + number(i) +
               "');";
    };
    tool.down = [](std::size_t i) {
        return "delete from schema_migrations where version = '2024010100000" + number(i) + "';";
    };
    tool.reads = first_column("select version from schema_migrations order by version desc");
    return tool;
}

std::string flyway_row(const std::string& type, std::size_t i, const std::string& prefix,
                       const std::string& text) {
    const std::string user = "(select coalesce((select max(who) from flyway_user), ''))";
    return "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, "
           "checksum, installed_by, execution_time, success) VALUES ((select coalesce(max("
           "installed_rank), 0) + 1 from flyway_schema_history), '" + number(i) + "', 'add a', '" +
           type + "', '" + prefix + number(i) + "__add_a.sql', " +
           std::to_string(flyway_checksum(text)) + ", " + user + ", 1234, true);";
}

Tool flyway() {
    Tool tool{.format = Format::Flyway, .table = "flyway_schema_history"};
    for (std::size_t i = 0; i < 3; ++i) {
        tool.files.emplace_back("V" + number(i) + "__add_a.sql", up_text(i));
        tool.files.emplace_back("U" + number(i) + "__add_a.sql", down_text(i));
        tool.keys.push_back(number(i));
    }
    tool.times = {"installed_on"};
    // What stands in flyway_user takes the place of the user whom Flyway asks for beforehand.
    tool.make = [](bool server) -> std::string {
        const std::string columns =
            R"( "version" VARCHAR(50), "description" VARCHAR(200) NOT NULL,
                "type" VARCHAR(20) NOT NULL, "script" VARCHAR(1000) NOT NULL, )";
        if (server)
            return R"(CREATE TABLE "public"."flyway_schema_history"
                      ("installed_rank" INT NOT NULL,)" +
                   columns + R"("checksum" INTEGER, "installed_by" VARCHAR(100) NOT NULL,
                "installed_on" TIMESTAMP NOT NULL DEFAULT now(), "execution_time" INTEGER NOT NULL,
                "success" BOOLEAN NOT NULL);
                ALTER TABLE "public"."flyway_schema_history" ADD CONSTRAINT
                "flyway_schema_history_pk" PRIMARY KEY ("installed_rank");
                CREATE INDEX "flyway_schema_history_s_idx" ON "public"."flyway_schema_history"
                ("success"); CREATE VIEW flyway_user as select cast(current_user as text) as who;)";
        return R"(CREATE TABLE "main"."flyway_schema_history" (
                  "installed_rank" INT NOT NULL PRIMARY KEY,)" +
               columns + R"("checksum" INT, "installed_by" VARCHAR(100) NOT NULL,
                "installed_on" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')),
                "execution_time" INT NOT NULL, "success" BOOLEAN NOT NULL );
                CREATE INDEX "main"."flyway_schema_history_s_idx" ON "flyway_schema_history"
                ("success");
                CREATE VIEW flyway_user as select '' as who;)";
    };
    tool.up = [](std::size_t i) { return flyway_row("SQL", i, "V", up_text(i)); };
    tool.down = [](std::size_t i) { return flyway_row("UNDO_SQL", i, "U", down_text(i)); };
    tool.reads = [](sql::Database& database) {
        std::map<std::string, bool> newest;
        for (const Texts& row : rows_of(database,
                                        "SELECT version, type, success FROM flyway_schema_history "
                                        "WHERE installed_rank > -1 ORDER BY installed_rank"))
            newest[row[0]] = row[1] == "SQL" && (row[2] == "true" || row[2] == "1");
        Texts keys;
        for (const auto& [key, applied] : newest) {
            if (applied) keys.push_back(key);
        }
        return keys;
    };
    return tool;
}

Tool diesel() {
    Tool tool{.format = Format::Diesel, .table = "__diesel_schema_migrations"};
    for (std::size_t i = 0; i < 3; ++i) {
        const std::string folder = "2024-01-01-00000" + number(i) + "_a";
        tool.files.emplace_back(folder + "/up.sql", up_text(i));
        tool.files.emplace_back(folder + "/down.sql", down_text(i));
        tool.keys.push_back("2024010100000" + number(i));
    }
    tool.times = {"run_on"};
    tool.make = [](bool /*server*/) -> std::string {
        return "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations ( version VARCHAR(50) "
               "PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP );";
    };
    tool.up = [](std::size_t i) {
        return R"(INSERT INTO "__diesel_schema_migrations" ("version") VALUES ('2024010100000)" +
               number(i) + "');";
    };
    tool.down = [](std::size_t i) {
        return R"(DELETE FROM "__diesel_schema_migrations" WHERE )"
               R"("__diesel_schema_migrations"."version" = '2024010100000)" +
               number(i) + "';";
    };
    tool.reads = first_column(
        R"(SELECT "version" FROM "__diesel_schema_migrations" ORDER BY "version" DESC)");
    return tool;
}

}  // namespace

std::string up_text(std::size_t index) {
    return "create table t" + number(index) + " (id integer);";
}
std::string down_text(std::size_t index) {
    return "drop table t" + number(index) + ";";
}

const std::vector<Tool>& tools() {
    static const std::vector<Tool> kTools{golang_migrate(), sql_migrate(), goose(),
                                          dbmate(),         flyway(),      diesel()};
    return kTools;
}

}  // namespace drydock::migrate
