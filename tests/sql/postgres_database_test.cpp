#include "engine/sql/postgres_database.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <thread>

#include "engine/clock.h"
#include "engine/sql/receipt.h"
#include "tests/servers/pooler.h"
#include "tests/sql/postgres_fixture.h"

// What only PostgreSQL does; what every target must do is in step_session_test and receipt_test.
namespace drydock::sql {
namespace {

TEST_F(PostgresDatabaseTest, ReadsEachTypeWithoutLoss) {
    const auto is = [&](const char* expression, const Value& wanted) {
        EXPECT_EQ(ask(*database_, std::string("select ") + expression), wanted) << expression;
    };
    is("9223372036854775807::int8", std::int64_t{9223372036854775807});
    is("1::int2", 1);
    is("true", true);
    is("0.1::float8", 0.1);
    is("'-Infinity'::float8", -HUGE_VAL);
    is("12345678901234567890.123456789::numeric", "12345678901234567890.123456789");
    is("sum(n) from generate_series(1, 4) as n", 10);
    is("7::numeric", 7);
    is("timestamptz '2026-11-21 02:00:00.123456+05:30'", Timestamp{1'795'206'600'123'456});
    is("timestamptz '1969-12-31 23:59:59.5+00'", Timestamp{-500'000});
    is("timestamptz 'infinity'", "infinity");
    is("timestamptz '0044-03-15 12:00:00+00 BC'", "0044-03-15 12:00:00+00 BC");
    is("timestamptz '40000-01-01 00:00:00+00'", "40000-01-01 00:00:00+00");
    is("timestamp '2026-11-21 02:00:00'", "2026-11-21 02:00:00");
    is("date '2026-11-21'", "2026-11-21");
    is("'\\x00ff41'::bytea", std::string("\0\xff"
                                         "A",
                                         3));
    is("'{\"a\": 12345678901234567890.5}'::jsonb", "{\"a\": 12345678901234567890.5}");
    is("array[1, null, 3]", Value::List{1, Value(), 3});
    is("array[array['a \"b\"', 'c,d'], array['', 'NULL']]",
       Value::List{Value::List{"a \"b\"", "c,d"}, Value::List{"", "NULL"}});
    is("'[0:1]={7,8}'::int[]", Value::List{7, 8});
    is("array['\\x41'::bytea]", Value::List{"A"});
    is("null", Value());
    is("'{}'::int[]", Value::List{});
    is("gen_random_uuid()::text ~ '^[0-9a-f-]{36}$'", true);
}

TEST_F(PostgresDatabaseTest, WritesEachTypeWithoutLoss) {
    const auto comes_back = [&](const char* type, const Value& value) {
        EXPECT_EQ(ask(*database_, std::string("select $1::") + type, {value}), value) << type;
    };
    comes_back("int8", std::int64_t{-9223372036854775807 - 1});
    comes_back("numeric", "0.10000000000000000000000000001");
    comes_back("float8", 5e-324);
    comes_back("text", "it's \\ \"x\" $1 :name é");
    comes_back("bytea", std::string("\0\xfe'\\", 4));
    comes_back("timestamptz", Timestamp{1'795'206'600'123'456});
    comes_back("boolean", false);
    comes_back("text[]", Value::List{"a,b", "\"", "\\", "{", Value(), "null", ""});
    comes_back("int[]", Value::List{Value::List{1, 2}, Value::List{3, 4}});
    comes_back("text", Value());
    EXPECT_EQ(
        ask(*database_, "select $1::jsonb -> 'a' ->> 1", {Value::Map{{"a", Value::List{1, "x"}}}}),
        Value("x"));
    EXPECT_EQ(ask(*database_, "select extract(epoch from $1::interval)::int",
                  {Duration{Microseconds(90'000'000)}}),
              Value(90));
}

TEST_F(PostgresDatabaseTest, TextThatLooksLikeSqlStaysText) {
    for (const char* text : {"'; DROP TABLE t; --", "$(id)", "\\'; select 1; --", "$1", ":a"}) {
        EXPECT_EQ(ask(*database_, "select $1::text", {text}), Value(text));
        EXPECT_EQ(ask(*database_, "select count(*) from t where b = $1", {text}), Value(0));
    }
    const Error error = failure([&] {
        database_->run("select * from :\"table\"",
                       {.positional = {}, .named = {{"table", "t\"; drop table t; --"}}},
                       Access::Read, {});
    });
    EXPECT_EQ(error.code_text(), "42P01") << "one identifier, which is none";
    EXPECT_EQ(target_.count("t"), 0);
}

TEST_F(PostgresDatabaseTest, RefusesBytesWhereTextIsWanted) {
    EXPECT_EQ(failure([&] { ask(*database_, "select $1::text", {std::string("a\0b", 3)}); }).code(),
              ErrorCode::Lua);
    EXPECT_EQ(failure([&] { ask(*database_, "select $1::text", {"\xff"}); }).code(),
              ErrorCode::Lua);
    EXPECT_EQ(
        failure([&] { ask(*database_, "select $1::text", {Secret("password", "x")}); }).code(),
        ErrorCode::Lua);
}

TEST_F(PostgresDatabaseTest, ParametersHaveNamesAndMayRepeat) {
    Value found;
    database_->run("select :a::int + :b::int + :a::int + ((array[1,2])[2:2] = array[2])::int",
                   {.positional = {}, .named = {{"a", 10}, {"b", 5}}}, Access::Read,
                   [&](const Row& row) {
                       found = row.value(0);
                       return true;
                   });
    EXPECT_EQ(found, Value(26));
    EXPECT_EQ(ask(*database_, "select '{\"k\":1}'::jsonb ? 'k'"), Value(true));
}

TEST_F(PostgresDatabaseTest, AReadCannotWriteWhateverItIsCalled) {
    target_.outside(
        "create function sneak() returns int language plpgsql as $$ begin "
        "insert into t values (1, 'x'); return 1; end $$");
    EXPECT_EQ(failure([&] { ask(*database_, "select sneak()"); }).code(), ErrorCode::Permission);
    EXPECT_EQ(failure([&] {
                  ask(*database_, "with gone as (delete from t returning 1) select 1 from gone");
              }).code(),
              ErrorCode::Permission);
    target_.outside(
        "create function lift() returns text language sql as $$ select set_config("
        "'default_transaction_read_only', 'off', false) $$");
    ask(*database_, "select lift()");
    EXPECT_EQ(failure([&] { ask(*database_, "select sneak()"); }).code(), ErrorCode::Permission);
    for (const char* text : {"set default_transaction_read_only = off",
                             "select set_config('transaction_read_only', 'off', false)",
                             "reset all", "discard all", "set transaction read write", "commit"})
        EXPECT_EQ(failure([&] { ask(*database_, text); }).code(), ErrorCode::Sql) << text;
    EXPECT_EQ(target_.count("t"), 0);
}

TEST_F(PostgresDatabaseTest, ADatabaseThatIsReadOnlyByDefaultIsNotWrittenTo) {
    const std::string name = to_text(ask(*database_, "select current_database()"));
    target_.outside("alter database " + name + " set default_transaction_read_only = on");
    database_ = open();
    EXPECT_EQ(ask(*database_, "select count(*) from t"), Value(0));
    const auto expect_refused = [&](const std::function<void()>& work) {
        const Error error = failure(work);
        EXPECT_EQ(error.code(), ErrorCode::Permission);
        EXPECT_NE(error.message().find("read only by default"), std::string::npos);
    };
    expect_refused([&] { database_->begin(); });
    expect_refused([&] {
        database_->begin_with("insert into t values ($1, 'x')", {.positional = {1}, .named = {}});
    });
    expect_refused([&] { database_->run("vacuum t", {}, Access::Alone, {}); });
    expect_refused(
        [&] { database_->run_written({.text = "vacuum t", .data = {}}, Access::Alone); });
    target_.outside("begin read write; alter role postgres in database " + name +
                    " set default_transaction_read_only = off; commit");
    database_ = open();
    database_->begin();
    database_->rollback();
}

// What a session sets would be set for whoever gets the server's session next.
TEST_F(PostgresDatabaseTest, APoolerThatDoesNotKeepSessionsIsRefused) {
    for (const std::string mode : {"session", "transaction"}) {
        const test::Pooler pooler(test::PostgresServer::shared(), target_.name(), mode);
        PostgresSettings settings;
        settings.server = Secret("server", pooler.socket_folder());
        settings.port = pooler.port();
        settings.user = Secret("user", "postgres");
        settings.database = Secret("database", target_.name());
        if (mode == "session") {
            EXPECT_EQ(ask(*open_postgres(settings), "select count(*) from t"), Value(0));
            continue;
        }
        const Error error = failure([&] { (void)open_postgres(settings); });
        EXPECT_EQ(error.code(), ErrorCode::Connection);
        EXPECT_NE(error.message().find("a pooler stands between"), std::string::npos)
            << error.message();
        // Nothing was left in the server's session.
        const postgres::Connection plain({.server = settings.server,
                                          .port = settings.port,
                                          .database = settings.database,
                                          .user = settings.user});
        EXPECT_EQ(plain.parameter("default_transaction_read_only"), "off");
    }
}

TEST(PostgresStandby, IsReadAndNotWrittenTo) {
    const test::PostgresServer& server = test::PostgresServer::standby();
    PostgresSettings settings;
    settings.server = Secret("server", server.socket_folder());
    settings.port = server.port();
    settings.user = Secret("user", "postgres");
    settings.database = Secret("database", "postgres");
    const auto database = open_postgres(settings);
    EXPECT_EQ(failure([&] { database->begin(); }).message(),
              "the server is a standby: it can only be read");
    std::int64_t rows = 0;
    database->run("select 1", {}, Access::Read, [&](const Row&) { return ++rows > 0; });
    EXPECT_EQ(rows, 1);
}

TEST_F(PostgresDatabaseTest, WhatCannotRunInATransactionRunsAlone) {
    EXPECT_EQ(failure([&] {
                  database_->begin();
                  database_->run("vacuum t", {}, Access::Write, {});
              }).code(),
              ErrorCode::Sql);
    database_->rollback();
    database_->run("create index concurrently t_b on t (b)", {}, Access::Alone, {});
    EXPECT_EQ(ask(*database_, "select indisvalid from pg_index where indexrelid = 't_b'::regclass"),
              Value(true));
    EXPECT_THROW(database_->run("create index concurrently t_b on t (b)", {}, Access::Alone, {}),
                 Error);
    EXPECT_EQ(failure([&] { ask(*database_, "insert into t values (1) returning a"); }).code(),
              ErrorCode::Permission)
        << "reading only again";
}

TEST_F(PostgresDatabaseTest, AnErrorTellsTheLineOfTheDataAndOfTheBlock) {
    const auto message = [&](const WrittenStatement& statement) {
        database_->begin();
        const Error error = failure([&] { database_->run_written(statement, Access::Write); });
        database_->rollback();
        return error.message();
    };
    EXPECT_EQ(message({.text = "copy t from stdin", .data = "1\tx\ny\tz\n"}),
              "invalid input syntax for type bigint: \"y\" (COPY t, line 2, column a)");
    EXPECT_EQ(message({.text = "copy t from stdin", .data = "1\tx\n2\n"}),
              "missing data for column \"b\" (COPY t, line 2)");
    EXPECT_EQ(message({.text = "do $$ begin\n  perform 1;\n  raise exception 'no';\nend $$",
                       .data = {}}),
              "no (inline_code_block line 3 at RAISE)");
}

TEST_F(PostgresDatabaseTest, RowsThatNobodyTakesAreThrownAwayAndTheSessionLives) {
    for (const char* const rows : {"1", "3000000"}) {
        database_->begin();
        const std::string copy =
            "copy (select generate_series(1, " + std::string(rows) + ")) to stdout";
        const Error error = failure([&] {
            database_->run_written({.text = copy, .data = {}}, Access::Write);
        });
        EXPECT_NE(error.message().find("COPY"), std::string::npos) << error.message();
        database_->rollback();
        EXPECT_EQ(ask(*database_, "select 1"), Value(1));
    }
}

TEST_F(PostgresDatabaseTest, AnInterruptCancelsTheStatementAtTheServer) {
    const auto began = std::chrono::steady_clock::now();
    std::jthread stopper([&] {
        const auto looker = open();
        // From outside, as the watcher does: once the statement runs.
        while (ask(*looker,
                   "select count(*) from pg_stat_activity where query like '%sleep(60)%' "
                   "and pid <> pg_backend_pid() and state = 'active' "
                   "and datname = current_database()") == Value(0)) {}
        database_->interrupt();
    });
    const Error error = failure([&] { ask(*database_, "select pg_sleep(60)"); });
    EXPECT_EQ(error.code(), ErrorCode::Interrupted);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
    EXPECT_EQ(failure([&] { ask(*database_, "select 1"); }).code(), ErrorCode::Interrupted);
    database_->set_deadline(std::nullopt);
    EXPECT_EQ(ask(*database_, "select 1"), Value(1)) << "the session lives";
}

TEST_F(PostgresDatabaseTest, ADeadlineIsATimeout) {
    database_->set_deadline(system_clock().boot() + Microseconds(50'000));
    EXPECT_EQ(failure([&] { ask(*database_, "select pg_sleep(60)"); }).code(), ErrorCode::Timeout);
}

TEST_F(PostgresDatabaseTest, ARowSinkMayStopALongResult) {
    int seen = 0;
    database_->run("select generate_series(1, 1000000000)", {}, Access::Read,
                   [&](const Row&) { return ++seen < 3; });
    EXPECT_EQ(seen, 3);
    EXPECT_EQ(ask(*database_, "select 5"), Value(5));
}

TEST_F(PostgresDatabaseTest, ALockIsWaitedForOnlySoLong) {
    const auto other = open();
    other->begin();
    other->run("lock table t in access exclusive mode", {}, Access::Write, {});
    database_->begin();
    const Error error =
        failure([&] { database_->run("insert into t values (1)", {}, Access::Write, {}); });
    EXPECT_EQ(error.code(), ErrorCode::Busy);
    EXPECT_EQ(error.code_text(), "55P03");
}

TEST_F(PostgresDatabaseTest, ManyMakeTheReceiptsTableAtOnce) {
    std::vector<std::unique_ptr<Database>> sessions;
    for (int i = 0; i < 8; ++i) sessions.push_back(open());
    std::vector<std::string> failed(sessions.size());
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < sessions.size(); ++i) {
            threads.emplace_back([&, i] {
                const Error error = failure([&] { prepare_receipts(*sessions[i]); });
                if (error.code() != ErrorCode::Check) failed[i] = error.message();
            });
        }
    }
    for (const std::string& message : failed) EXPECT_EQ(message, "");
}

TEST_F(PostgresDatabaseTest, SaysHowAUserMayHaveReceipts) {
    const std::string user = "weak_" + target_.name();
    target_.outside("create role " + user + " login; grant insert on t to " + user);
    PostgresSettings settings = target_.settings();
    settings.user = Secret("user", user);
    auto weak = open_postgres(settings);
    const Error error = failure([&] { prepare_receipts(*weak); });
    EXPECT_EQ(error.code(), ErrorCode::Permission);
    EXPECT_NE(error.hint().find("create schema if not exists \"drydock\" authorization"),
              std::string::npos)
        << error.hint();
    target_.outside("create schema drydock authorization " + user);
    EXPECT_NO_THROW(prepare_receipts(*weak));
    weak.reset();
    target_.outside("drop owned by " + user + "; drop role " + user);
}

TEST_F(PostgresDatabaseTest, TheIdentityIsTheDatabaseNotTheWayToIt) {
    PostgresSettings by_port = target_.settings();
    by_port.server = Secret("server", "127.0.0.1");
    const auto other = open_postgres(by_port);
    EXPECT_EQ(other->identity(), database_->identity());
    const PostgresTarget another;
    EXPECT_NE(another.open(false)->identity().lock_name, database_->identity().lock_name);
}

TEST_F(PostgresDatabaseTest, SaysWhyItCannotConnectAndNeverThePassword) {
    PostgresSettings settings = target_.settings();
    settings.port = 1;
    EXPECT_EQ(failure([&] { (void)open_postgres(settings); }).code(), ErrorCode::Connection);
    settings = target_.settings();
    settings.database = Secret("database", "not_there");
    EXPECT_NE(failure([&] { (void)open_postgres(settings); }).message().find("not_there"),
              std::string::npos);
    settings = {.server = Secret("server", "postgres://anna:hunter2secret@127.0.0.1:1/x")};
    const Error error = failure([&] { (void)open_postgres(settings); });
    EXPECT_EQ(error.message().find("hunter2secret"), std::string::npos) << error.message();
    settings = target_.settings();
    settings.server = Secret("server", "127.0.0.1");
    settings.tls = "require";
    const Error no_tls = failure([&] { (void)open_postgres(settings); });
    EXPECT_NE(no_tls.hint().find("tls"), std::string::npos);
}

TEST_F(PostgresDatabaseTest, CommitsAreDurableWhereTheDatabaseSaysTheyNeedNotBe) {
    target_.outside("alter database " + target_.name() + " set synchronous_commit = off");
    EXPECT_EQ(ask(*open(), "select current_setting('synchronous_commit')"), Value("on"));
}

}  // namespace
}  // namespace drydock::sql
