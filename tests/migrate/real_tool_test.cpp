// The program sql-migrate itself and Drydock take turns on one database.

#include <array>
#include <cstdio>

#include "tests/migrate/apply_fixture.h"

namespace drydock::migrate {
namespace {

class RealTool : public Migrated {
  protected:
    RealTool() {
        for (int n = 1; n <= 4; ++n) {
            const std::string number = std::to_string(n);
            const std::string table = "t" + number;
            write("0" + number + "_table.sql",
                  "-- +migrate Up\ncreate table " + table + " (id integer primary key);\n" +
                      (on_server() ? body(table) : trigger(table)) + "insert into " + table +
                      " values (1);\n-- +migrate Down\n" +
                      (on_server() ? "drop function f_" + table + "();\n" : "") + "drop table " +
                      table + ";\n");
        }
        std::ofstream(settings_.file("dbconfig.yml"))
            << "development:\n  dialect: " << (on_server() ? "postgres" : "sqlite3")
            << "\n  datasource: " << source() << "\n  dir: " << folder_.path() << "\n";
    }
    // What it prints; that it succeeds.
    [[nodiscard]] std::string tool(const std::string& words) const {
        const std::string line = "cd " + settings_.path() + " && sql-migrate " + words + " 2>&1";
        std::FILE* const output = ::popen(line.c_str(), "r");
        std::string printed;
        std::array<char, 4096> some{};
        for (std::size_t got = 1; output != nullptr && got > 0;) {
            got = std::fread(some.data(), 1, some.size(), output);
            printed.append(some.data(), got);
        }
        EXPECT_TRUE(output != nullptr && ::pclose(output) == 0) << words << "\n" << printed;
        return printed;
    }
    // Everything that somebody made.
    [[nodiscard]] std::string objects() const {
        return ask(on_server() ? "select string_agg(x, ' ' order by x) from (select relname x from "
                                 "pg_class where relnamespace = 'public'::regnamespace union all "
                                 "select prosrc from pg_proc where pronamespace = "
                                 "'public'::regnamespace) o"
                               : "select group_concat(sql, ' ') from (select sql from "
                                 "sqlite_schema where name not like 'drydock%' order by name)");
    }
    [[nodiscard]] std::string history() const {
        return ask("select id from gorp_migrations order by id");
    }

  private:
    static std::string body(const std::string& table) {
        return "-- +migrate StatementBegin\ncreate function f_" + table +
               "() returns int language plpgsql as $$ begin\n  perform 1;\n  return 2;\nend $$;\n"
               "-- +migrate StatementEnd\n";
    }
    static std::string trigger(const std::string& table) {
        return "-- +migrate StatementBegin\ncreate trigger g_" + table + " after insert on " +
               table + " begin\n  delete from " + table + " where id < 0;\nend;\n" +
               "-- +migrate StatementEnd\n";
    }
    [[nodiscard]] std::string source() const {
        if (!on_server()) return ask("select file from pragma_database_list");
        const auto& server = test::PostgresServer::shared();
        return "host=" + server.socket_folder() + " port=" + std::to_string(server.port()) +
               " user=" + test::PostgresServer::superuser() +
               " dbname=" + static_cast<const sql::PostgresTarget&>(*target_).name() +
               " sslmode=disable";
    }

    TempFolder settings_;
};

TEST_P(RealTool, AndDrydockTakeTurns) {
    (void)tool("up");
    const std::string by_the_tool = objects();
    const std::string its_history = history();
    EXPECT_EQ(done("head").size(), 0U);
    EXPECT_EQ(done("base").size(), 4U);
    EXPECT_EQ(history(), "");

    EXPECT_EQ(done("+2").size(), 2U);
    EXPECT_NE(tool("up").find("Applied 2 migrations"), std::string::npos);
    EXPECT_EQ(objects(), by_the_tool);
    EXPECT_EQ(history(), its_history);

    (void)tool("down -limit=3");
    EXPECT_EQ(standings(), "01 applied, 02 pending, 03 pending, 04 pending");
    EXPECT_EQ(done("head").size(), 3U);
    EXPECT_EQ(objects(), by_the_tool);
    EXPECT_EQ(history(), its_history);
    EXPECT_EQ(tool("status").find(" no "), std::string::npos);
    EXPECT_NE(tool("up").find("Applied 0 migrations"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Databases, RealTool,
                         testing::Values(sql::Driver::Sqlite, sql::Driver::Postgres),
                         sql::driver_name);

}  // namespace
}  // namespace drydock::migrate
