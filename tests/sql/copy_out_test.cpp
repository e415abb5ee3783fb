#include "engine/sql/copy_out.h"

#include <gtest/gtest.h>

#include "engine/clock.h"
#include "engine/postgres/connection.h"
#include "tests/sql/drivers.h"

namespace drydock::sql {
namespace {

StepSession session_on(Database& database, CancelToken& cancel) {
    return {"app", database, {.run = "01RUN", .scope = "do/step", .journal = "uuid",
                              .term = 1, .seq = 3, .attempt = 1},
            {.allow_write = [](const StepSession&, std::string_view) {},
             .check_stop = [] {},
             .begin_effect = {},
             .end_effect = {},
             .progress = {},
             .notice = {},
             .committed = [](std::string_view, std::string_view, std::int64_t) {}},
            system_clock(), cancel};
}

class CopyOutTest : public OnEachDriver {
  protected:
    std::string copied(const CopyOut& wanted) {
        std::string all;
        rows_ = copy_out(session_, wanted, [&](std::string_view piece, std::int64_t rows) {
            all += piece;
            EXPECT_LE(piece.size(), 300U << 10);
            told_ = rows;
        });
        return all;
    }
    [[nodiscard]] std::string all_of(const std::string& table,
                                     const std::vector<std::string>& columns = {}) const {
        return select_all(table, columns, database_->dialect());
    }
    [[nodiscard]] bool on_postgres() const { return GetParam() == Driver::Postgres; }

    CancelToken cancel_;
    std::unique_ptr<Database> database_ = open();
    StepSession session_ = session_on(*database_, cancel_);
    std::int64_t rows_ = 0, told_ = 0;
};

TEST_P(CopyOutTest, WritesCsvInWhichNullIsNotTheEmptyText) {
    outside(R"sql(insert into t values (1, 'plain'), (2, null), (3, ''), (4, 'a,b'),
                  (5, 'say "x"'), (6, '\.'), (7, '\N'), (8, ' ä中'))sql");
    EXPECT_EQ(copied({.statement = all_of("t") + " order by a"}),
              "a,b\n1,plain\n2,\n3,\"\"\n4,\"a,b\"\n5,\"say \"\"x\"\"\"\n"
              "6,\"\\.\"\n7,\\N\n8, ä中\n");
    EXPECT_EQ(rows_, 8);
    EXPECT_EQ(told_, 8);
}

TEST_P(CopyOutTest, WritesTextAsCopyDoes) {
    outside("insert into t values (1, null), (2, ''), (3, 'a\tb\\c\nd\re'), (4, 'a,\"b\"')");
    EXPECT_EQ(copied({.statement = all_of("t") + " order by a",
                      .format = CopyFormat::Text,
                      .header = false}),
              "1\t\\N\n2\t\n3\ta\\tb\\\\c\\nd\\re\n4\ta,\"b\"\n");
}

TEST_P(CopyOutTest, HasTheNamesOfTheColumnsAlsoOfNoRows) {
    EXPECT_EQ(copied({.statement = "select a as \"the, key\", b from t"}), "\"the, key\",b\n");
    EXPECT_EQ(copied({.statement = all_of("t"), .header = false}), "");
    EXPECT_EQ(rows_, 0);
}

TEST_P(CopyOutTest, BindsTheValuesOfItsQuery) {
    outside("insert into t values (1, 'x'), (2, 'y'), (3, '''; drop table t; --')");
    const CopyOut wanted{.statement = "select a from t where b = $1",
                         .arguments = {.positional = {"'; drop table t; --"}, .named = {}}};
    EXPECT_EQ(copied(wanted), "a\n3\n");
    EXPECT_EQ(count("t"), 3);
}

TEST_P(CopyOutTest, TakesNamesOfTablesAndColumnsAsTheyAre) {
    outside("create table \"a \"\"b\" (\"x y\" integer, z integer); "
            "insert into \"a \"\"b\" values (1, 2)");
    EXPECT_EQ(copied({.statement = all_of("a \"b", {"x y"})}), "x y\n1\n");
    EXPECT_EQ(failure([&] { (void)copied({.statement = all_of("t; drop table t")}); }).code(),
              ErrorCode::Sql);
    EXPECT_EQ(count("t"), 0);
}

TEST_P(CopyOutTest, RefusesWhatWrites) {
    for (const bool header : {true, false}) {
        const CopyOut writes{.statement = "insert into t values (1, 'x') returning a",
                             .header = header};
        EXPECT_EQ(failure([&] { (void)copied(writes); }).code(), ErrorCode::Sql);
    }
    EXPECT_EQ(count("t"), 0);
}

TEST_P(CopyOutTest, GoesInPiecesAndEndsWithAnErrorOfItsReader) {
    const std::string many =
        on_postgres() ? "select n, repeat('x', 100) as pad from generate_series(1, 20000) as n"
                      : "with recursive c(n) as (select 1 union all select n + 1 from c where n < "
                        "20000) select n, hex(zeroblob(50)) as pad from c";
    EXPECT_GT(copied({.statement = many}).size(), 2'000'000U);
    EXPECT_EQ(rows_, 20000);
    EXPECT_EQ(failure([&] {
                  copy_out(session_, {.statement = many}, [](std::string_view, std::int64_t) {
                      throw Error(ErrorCode::File, "the disk is full");
                  });
              }).message(),
              "the disk is full");
    EXPECT_EQ(copied({.statement = "select 1 as one"}), "one\n1\n") << "the session goes on";
}

TEST_P(CopyOutTest, SeesWhatItsStepHasWrittenAndPoisonsItWhenItFails) {
    session_.exec("insert into t values (1, 'mine')", kNone, {});
    EXPECT_EQ(copied({.statement = all_of("t")}), "a,b\n1,mine\n");
    EXPECT_EQ(failure([&] { (void)copied({.statement = all_of("missing")}); }).code(),
              ErrorCode::Sql);
    EXPECT_NE(failure([&] { session_.finish(std::nullopt); }).message().find("failed before"),
              std::string::npos);
}

// What was written is read by PostgreSQL itself, whichever database wrote it.
TEST_P(CopyOutTest, IsReadBackByPostgresRowByRow) {
    const std::string table = on_postgres()
                                  ? "create table wide (n bigint, x double precision, s text, d "
                                    "bytea)"
                                  : "create table wide (n integer, x real, s text, d blob)";
    const std::string bytes = on_postgres() ? "'\\x00ff0a5c'" : "x'00ff0a5c'";
    outside(table + "; insert into wide values (9007199254740993, 0.30000000000000004, " +
            "'tab\there', " + bytes + "), (null, null, null, null), (-1, 1e300, '', ''), " +
            "(0, -2.5, 'line\nbreak\r\\', null), (1, 0, '\"\\.\"', null), " +
            "(2, 0, '\\.', null), (3, 0, '\\N', null)");
    const PostgresTarget reader;
    reader.outside("create table wide (n bigint, x double precision, s text, d bytea)");
    const PostgresSettings at = reader.settings();
    postgres::Connection connection(
        {.server = at.server, .port = at.port, .database = at.database, .user = at.user});
    for (const CopyFormat format : {CopyFormat::Text, CopyFormat::Csv}) {
        const bool csv = format == CopyFormat::Csv;
        const std::string written = copied(
            {.statement = all_of("wide"), .format = format, .header = csv});
        connection.exec("truncate wide");
        bool given = false;
        (void)connection.copy_in(
            csv ? "copy wide from stdin (format csv, header)" : "copy wide from stdin",
            [&](std::string& lines) {
                if (std::exchange(given, true)) return false;
                lines += written;
                return true;
            });
        std::string found;
        connection.run("select coalesce(n::text, '-') || '|' || coalesce(x::text, '-') || '|' || "
                       "coalesce(s, '-') || '|' || coalesce(encode(d, 'hex'), '-') from wide",
                       {}, {}, [&](const postgres::ResultRow& row) {
                           found += std::string(row.text(0)) + ";";
                           return true;
                       });
        EXPECT_EQ(found,
                  "9007199254740993|0.30000000000000004|tab\there|00ff0a5c;-|-|-|-;"
                  "-1|1e+300||;0|-2.5|line\nbreak\r\\|-;1|0|\"\\.\"|-;2|0|\\.|-;3|0|\\N|-;")
            << (csv ? "csv" : "text");
    }
}

INSTANTIATE_TEST_SUITE_P(Drivers, CopyOutTest, testing::Values(Driver::Sqlite, Driver::Postgres),
                         driver_name);

TEST(CopyOutOfPostgres, WritesEveryTypeAsTheServerDoes) {
    const PostgresTarget target;
    target.outside("create schema other; create table other.wide (x numeric, j jsonb, l int[], "
                   "w timestamptz, f boolean); insert into other.wide values "
                   "('1234567890.1234567890', '{\"a\": 1.10}', '{1,null,3}', '-infinity', true)");
    const auto database = target.open(false);
    CancelToken cancel;
    StepSession session = session_on(*database, cancel);
    std::string all;
    copy_out(session, {.statement = select_all("other.wide", {}, Dialect::Postgres)},
             [&](std::string_view piece, std::int64_t) { all += piece; });
    EXPECT_EQ(all, "x,j,l,w,f\n1234567890.1234567890,\"{\"\"a\"\": 1.10}\",\"{1,NULL,3}\","
                   "-infinity,t\n");
}

TEST(CopyOutOfPostgres, NamesTheRightThatIsMissing) {
    const PostgresTarget target;
    const std::string user = "weak_" + target.name();
    target.outside("create role " + user + " login");
    PostgresSettings settings = target.settings();
    settings.user = Secret("user", user);
    auto weak = open_postgres(settings);
    CancelToken cancel;
    {
        StepSession session = session_on(*weak, cancel);
        for (const bool header : {true, false}) {
            const Error error = failure([&] {
                copy_out(session, {.statement = "select * from t", .header = header},
                         [](std::string_view, std::int64_t) {});
            });
            EXPECT_EQ(error.code(), ErrorCode::Permission);
            EXPECT_NE(error.hint().find("grant select on"), std::string::npos) << error.hint();
        }
    }
    weak.reset();
    target.outside("drop role " + user);
}

}  // namespace
}  // namespace drydock::sql
