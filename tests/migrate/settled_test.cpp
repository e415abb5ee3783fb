#include "engine/migrate/settled.h"

#include "tests/migrate/apply_fixture.h"

namespace drydock::migrate {
namespace {

using testing::Values;

class SettledTest : public Migrated {
  protected:
    [[nodiscard]] std::string where(const std::string& target) {
        const Folder folder = read();
        const auto database = open();
        const auto tool = tool_history(*database, folder, {});
        Records records(*database, tool->table());
        const State state = look(records, *tool, folder);
        return settled(state, folder, target, {},
                       look_at_unfinished(*database, state, folder));
    }
    void write_failing(const std::string& first) const {
        write("000003_tags.up.sql", first + "begin;\ninsert into outside values (1);\ncommit;\n"
                                            "begin;\ncreate table t (id integer);\ncommit;\n");
    }
};
INSTANTIATE_TEST_SUITE_P(On, SettledTest, Values(sql::Driver::Sqlite, sql::Driver::Postgres),
                         sql::driver_name);

TEST_P(SettledTest, IsTheVersionToWhichStepsLead) {
    write_three();
    EXPECT_EQ(where("+2"), "000002");
    EXPECT_EQ(where("head"), "head");
    go("head");
    EXPECT_EQ(where("-1"), "000002");
    EXPECT_EQ(where("-3"), "base");
}

TEST_P(SettledTest, CountsOneThatWasBegunAndTookNoEffectAsTheFirstStepDown) {
    write_three();
    write_failing("");
    EXPECT_EQ(refusal("head").code(), ErrorCode::Sql);
    EXPECT_EQ(where("-1"), "000002");
    EXPECT_EQ(where("-2"), "000001");
    EXPECT_EQ(where("-3"), "base");
    EXPECT_EQ(refused([&] { (void)where("+1"); }).code(), ErrorCode::Refused);
}

TEST_P(SettledTest, CountsNothingWhileOneIsHalfDone) {
    write_three();
    write_failing("begin;\ncreate table first (id integer);\ncommit;\n");
    EXPECT_EQ(refusal("head").code(), ErrorCode::Sql);
    EXPECT_NE(refused([&] { (void)where("-1"); }).message().find("1 of its 3 parts are done"),
              std::string::npos);
}

}  // namespace
}  // namespace drydock::migrate
