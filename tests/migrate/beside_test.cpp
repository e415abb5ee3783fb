#include "engine/migrate/beside.h"

#include "tests/migrate/apply_fixture.h"

namespace drydock::migrate {
namespace {

using testing::Values;
using Texts = std::vector<std::string>;

class BesideTest : public Migrated {
  protected:
    [[nodiscard]] ReadOptions how() const {
        ReadOptions options;
        options.dialect = on_server() ? sql::Dialect::Postgres : sql::Dialect::Sqlite;
        return options;
    }
    // As a step of a new run does it; true: it was run.
    bool prepare() {
        const Folder folder = read();
        const auto database = open();
        scope_.run = "01RUN" + std::to_string(++runs_);
        sql::StepSession session("main", *database, scope_, hooks(), system_clock(), cancel_);
        options_.run = scope_.run;
        auto file = read_beside(folder, kPrerequisites, how());
        return !apply_prerequisites(session, folder, std::move(file).value(), options_)
                    .done.empty();
    }
};
INSTANTIATE_TEST_SUITE_P(On, BesideTest, Values(sql::Driver::Sqlite, sql::Driver::Postgres),
                         sql::driver_name);

TEST_P(BesideTest, RunsPrerequisitesOnceAndAnewWhenTheyChange) {
    write_three();
    write("prerequisites.sql", "create table if not exists x (n integer);\n"
                               "insert into x values (1);\n");
    EXPECT_TRUE(prepare());
    EXPECT_FALSE(prepare());
    EXPECT_EQ(standings(), "000001 pending, 000002 pending, 000003 pending") << "no migration";
    EXPECT_EQ(done("head").size(), 3U);
    EXPECT_FALSE(prepare());
    write("prerequisites.sql", "create table if not exists x (n integer);\n"
                               "insert into x values (2);\n");
    EXPECT_TRUE(prepare());
    EXPECT_EQ(ask("select count(*) from x"), "2");
    EXPECT_EQ(done("base").size(), 3U);
}

TEST_P(BesideTest, LeavesNothingOfPrerequisitesThatFailAndSaysTheLine) {
    write_three();
    write("prerequisites.sql", "create table x (n integer);\n\ninsert into nowhere values (1);\n");
    const Error error = refused([&] { prepare(); });
    EXPECT_EQ(error.message().find("prerequisites.sql:3:"), 0U) << error.message();
    write("prerequisites.sql", "create table x (n integer);\n");
    EXPECT_TRUE(prepare());
}

TEST_P(BesideTest, GoesOnWithPrerequisitesThatWereCutBetweenTheirParts) {
    write_three();
    write("prerequisites.sql",
          "begin;\ncreate table x (n integer);\ncommit;\n"
          "begin;\ninsert into outside values (1);\ncommit;\n");
    EXPECT_EQ(refused([&] { prepare(); }).code(), ErrorCode::Sql);
    EXPECT_EQ(ask("select count(*) from x"), "0");
    outside("create table outside (n integer)");
    EXPECT_TRUE(prepare());
    EXPECT_FALSE(prepare());
    EXPECT_EQ(ask("select count(*) from outside"), "1");
}

TEST_P(BesideTest, TellsWhatIsWrongWithSuchAFile) {
    write_three();
    EXPECT_FALSE(read_beside(read(), kPrerequisites, how()).has_value());
    write("prerequisites.sql", "select 'open;\n");
    EXPECT_EQ(refused([&] { (void)read_beside(read(), kPrerequisites, how()); }).code(),
              ErrorCode::Document);
}

}  // namespace
}  // namespace drydock::migrate
