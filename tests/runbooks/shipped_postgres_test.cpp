#include "engine/sql/open.h"
#include "tests/runbooks/shipped_story.h"
#include "tests/servers/postgres_server.h"

// postgres-maintenance as an operator starts it, on a real server that others use too.
namespace drydock::test {
namespace {

class PostgresMaintenance : public ShippedRunbook {
  protected:
    PostgresMaintenance() : database_(server_.make_database()) {
        outside(
            "create table orders (id int primary key, state text not null)"
            " with (autovacuum_enabled = off);"
            "insert into orders select n, 'new' from generate_series(1, 5000) as n;"
            "create index orders_by_state on orders (state)");
        outside("delete from orders where id % 2 = 0");
    }
    ~PostgresMaintenance() override { server_.drop_database(database_); }

    void outside(const std::string& statements) const { server_.run(database_, statements); }
    [[nodiscard]] sql::PostgresSettings settings() const {
        return {.server = Secret("server", server_.socket_folder()),
                .port = server_.port(),
                .database = Secret("database", database_),
                .user = Secret("user", "postgres")};
    }
    [[nodiscard]] std::string ask(const std::string& query) const {
        std::string found;
        sql::open_postgres(settings())->run(query, {}, sql::Access::Read, [&](const sql::Row& row) {
            found = to_text(row.value(0));
            return true;
        });
        return found;
    }
    // Somebody else, with a transaction open.
    [[nodiscard]] std::unique_ptr<sql::Database> somebody(const std::string& statement) const {
        auto session = sql::open_postgres(settings());
        session->begin();
        session->run(statement, {}, sql::Access::Write, [](const auto&) { return true; });
        return session;
    }
    Ended maintain(std::vector<std::string> more = {}) {
        std::vector<std::string> args{"run", "postgres-maintenance",
                                      "-p",  "host=" + server_.socket_folder(),
                                      "-p",  "port=" + std::to_string(server_.port()),
                                      "-p",  "database=" + database_,
                                      "-p",  "tls=disable"};
        args.insert(args.end(), more.begin(), more.end());
        return program.run(args);
    }

    PostgresServer& server_ = PostgresServer::shared();
    std::string database_;
};

TEST_F(PostgresMaintenance, weekly_it_does_the_tables_that_need_it_and_says_which) {
    const Ended ended = maintain();
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    expect_told(ended.out, {"SUCCEEDED postgres-maintenance", "public.orders", "agreed skipped"});
    EXPECT_EQ(ask("select vacuum_count || ' ' || n_dead_tup from pg_stat_user_tables"
                  " where relname = 'orders'"),
              "1 0");
}

TEST_F(PostgresMaintenance, a_table_that_is_in_use_is_skipped_and_who_has_it_is_named) {
    outside("create table quiet (id int)");
    {
        const auto other = somebody("lock table orders in access exclusive mode");
        const Ended ended = maintain({"-p", "tables=[orders, quiet]", "-p", "lock=200ms"});
        EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
        expect_told(ended.out, {"orders is locked by somebody", "skipped orders:", "lock"});
    }
    EXPECT_EQ(
        ask("select string_agg(relname, ' ') from pg_stat_user_tables where vacuum_count > 0"),
        "quiet");
}

// A rebuild waits for whoever may still see the old index; broken off, it leaves an invalid one,
// which cannot go either before that transaction has ended.
TEST_F(PostgresMaintenance, a_rebuild_that_waits_in_vain_is_finished_by_the_next_run) {
    outside("create index orders_broken on orders (id, state)");
    outside("update pg_index set indisvalid = false where indexrelid = 'orders_broken'::regclass");
    const auto monthly = [&](const std::string& patience) {
        const Ended asked = maintain({"-p", "scope=monthly", "-p", "patience=" + patience});
        EXPECT_EQ(asked.exit, 3) << asked.out << asked.err;
        expect_told(asked.out, {"invalid or bloated: public.orders_broken"});
        EXPECT_EQ(program.run({"approve", "last"}).exit, 0);
        const Ended ended = program.run({"resume", "last"});
        EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
        return ended;
    };
    const auto left_over = [&] {
        return ask("select count(*) from pg_class where relname like 'orders\\_broken\\_cc%'");
    };
    const auto is_valid = [&] {
        return ask("select indisvalid from pg_index where indexrelid = 'orders_broken'::regclass");
    };
    {
        const auto other = somebody("insert into orders values (0, 'open')");
        expect_told(monthly("300ms").out, {"skipped public.orders_broken:"});
        EXPECT_EQ(left_over(), "1");
        EXPECT_EQ(is_valid(), "false");
    }
    (void)monthly("10s");
    EXPECT_EQ(left_over(), "0");
    EXPECT_EQ(is_valid(), "true");
}

TEST_F(PostgresMaintenance, what_somebody_should_look_at_is_told_in_words) {
    outside(
        "create index orders_twin on orders (state);"
        "create statistics orders_together on id, state from orders");
    const auto other = somebody("insert into orders values (0, 'open')");
    const Ended ended = maintain({"-p", "least=1000000"});
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    expect_told(ended.out,
                {"table public.orders: 50 % of its rows are dead",
                 "index public.orders_twin is the same as orders_by_state",
                 "table public.orders has extended statistics that were never gathered"});
}

TEST_F(PostgresMaintenance, a_database_that_is_not_there_is_told_and_nothing_is_begun) {
    const Ended ended = maintain({"-p", "database=nowhere"});
    EXPECT_NE(ended.exit, 0);
    expect_told(ended.out + ended.err, {"nowhere", "look at database of the connection"});
}

}  // namespace
}  // namespace drydock::test
