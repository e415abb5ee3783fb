#include "engine/sql/copy.h"

#include <gtest/gtest.h>

#include <optional>

#include "engine/clock.h"
#include "engine/sql/step_session.h"
#include "tests/sql/drivers.h"

namespace drydock::sql {
namespace {

class CopyTest : public OnEachDriver {
  protected:
    static Database::RowSource rows(std::vector<std::vector<Value>> given) {
        return [given = std::move(given), at = std::size_t{0}](std::vector<Value>& row) mutable {
            if (at == given.size()) return false;
            row = given[at++];
            return true;
        };
    }
    StepSession session() {
        return {"app", *database_, {.run = "01RUN", .scope = "do/step", .journal = "uuid",
                                    .term = 1, .seq = 3, .attempt = 1},
                {.allow_write = [](const StepSession&, std::string_view) {},
                 .check_stop = [] {},
                 .begin_effect = {},
                 .end_effect = {},
                 .progress = {},
                 .notice = {},
                 .committed = [](std::string_view, std::string_view, std::int64_t) {}},
                system_clock(), cancel_};
    }
    std::vector<std::string> texts() {
        std::vector<std::string> found;
        database_->run("select b from t order by a", {}, Access::Read, [&](const Row& row) {
            found.push_back(row.value(0).is_null() ? "(null)" : to_text(row.value(0)));
            return true;
        });
        return found;
    }

    CancelToken cancel_;
    std::unique_ptr<Database> database_ = open();
};

TEST_P(CopyTest, BringsEveryTextAsItIs) {
    const std::vector<std::string> all{
        "plain", "", "tab\there", "line\nbreak", "back\\slash", "\\N", "\\.", "\r",
        "'; drop table t; --", "$(id)", "\u00e4\u4e2d\U0001F600"};
    std::vector<std::vector<Value>> given;
    for (const std::string& text : all)
        given.push_back({static_cast<std::int64_t>(given.size()), text});
    given.push_back({static_cast<std::int64_t>(given.size()), Value()});
    StepSession step = session();
    EXPECT_EQ(step.copy("t", {"a", "b"}, rows(given)), static_cast<std::int64_t>(given.size()));
    EXPECT_EQ(count("t"), 0) << "it is part of the step's transaction";
    step.finish(std::nullopt);
    std::vector<std::string> wanted = all;
    wanted.emplace_back("(null)");
    EXPECT_EQ(texts(), wanted);
}

TEST_P(CopyTest, OfNoRowsIsNoFailure) {
    StepSession step = session();
    EXPECT_EQ(step.copy("t", {"a", "b"}, rows({})), 0);
    EXPECT_TRUE(step.finish(std::nullopt));
}

TEST_P(CopyTest, ThatFailsLeavesNothingAndCannotBeCommitted) {
    StepSession step = session();
    step.exec("insert into t values (100, 'before')", kNone, {});
    EXPECT_NE(failure([&] { step.copy("t", {"a", "b"}, rows({{1, "x"}, {1, "again"}})); }).code(),
              ErrorCode::Check);
    EXPECT_NE(failure([&] { step.finish(std::nullopt); }).message().find("failed before"),
              std::string::npos);
    EXPECT_EQ(count("t"), 0);
}

TEST_P(CopyTest, WhoseRowsEndWithAnErrorLeavesTheSessionUsable) {
    StepSession step = session();
    int given = 0;
    const Error error = failure([&] {
        step.savepoint([&] {
            step.copy("t", {"a", "b"}, [&](std::vector<Value>& row) -> bool {
                if (++given > 3000) throw Error(ErrorCode::Http, "no more");
                row = {given, std::string(100, 'x')};
                return true;
            });
            return Value();
        });
    });
    EXPECT_EQ(error.message(), "no more");
    step.exec("insert into t values (1, 'after')", kNone, {});
    step.finish(std::nullopt);
    EXPECT_EQ(texts(), std::vector<std::string>{"after"});
}

TEST_P(CopyTest, RefusesNamesThatAreNotThere) {
    {
        StepSession step = session();
        EXPECT_EQ(failure([&] { step.copy("nowhere", {"a"}, rows({{1}})); }).code(),
                  ErrorCode::Sql);
    }
    StepSession step = session();
    EXPECT_EQ(failure([&] { step.copy("t", {"a\"; drop table t; --"}, rows({{1}})); }).code(),
              ErrorCode::Sql);
    EXPECT_EQ(count("t"), 0);
}

INSTANTIATE_TEST_SUITE_P(Drivers, CopyTest, testing::Values(Driver::Sqlite, Driver::Postgres),
                         driver_name);

TEST(CopyToPostgres, WritesEachTypeAsItsColumnWantsIt) {
    const PostgresTarget target;
    target.outside(
        "create schema other; create table other.wide (n bigint, x numeric, d bytea, j jsonb, "
        "l int[], w timestamptz, f boolean)");
    const auto database = target.open(false);
    database->begin();
    bool given = false;
    EXPECT_EQ(database->copy_in("other.wide", {"n", "x", "d", "j", "l", "w", "f"},
                                [&](std::vector<Value>& row) {
                                    row = {std::int64_t{9007199254740993},
                                           "1234567890.123456789",
                                           std::string("\0\n\\\xff", 4),
                                           Value::Map{{"a\tb", "c\\d"}},
                                           Value::List{1, Value(), 3},
                                           Timestamp{1'000'001},
                                           true};
                                    return !std::exchange(given, true);
                                }),
              1);
    database->commit();
    std::string found;
    database->run("select n || '|' || x || '|' || encode(d, 'hex') || '|' || (j->>E'a\tb') || '|' "
                  "|| l::text || '|' || extract(epoch from w) || '|' || f from other.wide",
                  {}, Access::Read, [&](const Row& row) {
                      found = to_text(row.value(0));
                      return true;
                  });
    EXPECT_EQ(found,
              "9007199254740993|1234567890.123456789|000a5cff|c\\d|{1,NULL,3}|1.000001|true");
}

TEST(CopyToPostgres, RefusesAnotherStatementInTheMiddle) {
    const PostgresTarget target;
    const auto database = target.open(false);
    database->begin();
    try {
        database->copy_in("t", {"a", "b"}, [&](std::vector<Value>&) {
            database->run("select 1", {}, Access::Read, {});
            return false;
        });
        FAIL() << "it was let through";
    } catch (const Error& error) {
        EXPECT_NE(error.message().find("in the middle of another"), std::string::npos);
    }
    database->rollback();
    EXPECT_EQ(target.count("t"), 0);
}

}  // namespace
}  // namespace drydock::sql
