#include "engine/migrate/tool_table.h"

#include "tests/migrate/tool_story.h"

namespace drydock::migrate {
namespace {

TEST(ToolLocks, HaveTheNumbersThatTheToolsCompute) {
    EXPECT_EQ(golang_migrate_lock("public", "schema_migrations", "/app"), 1726534663);
    EXPECT_EQ(golang_migrate_lock("public", "schema_migrations", "app"), 1787120056);
    EXPECT_EQ(flyway_lock("public", "flyway_schema_history"), 77433833903597);
    EXPECT_NE(flyway_lock("app", "flyway_schema_history"),
              flyway_lock("public", "flyway_schema_history"));
    // Java hashes the units of UTF-16: a letter beyond ASCII is one, a smiley is two.
    EXPECT_EQ(flyway_lock("app", "T\u00e4\U0001F600"), 0x466C'7977'6179 - 1108665800);
}

class ToolLocksOnServer : public ToolStory {
  protected:
    void SetUp() override { use(sql::Driver::Postgres); }
    [[nodiscard]] std::vector<std::int64_t> numbers() const {
        std::vector<std::int64_t> found;
        for (const sql::AdvisoryKey& key : history(good())->locks())
            found.push_back(key.id.value_or(0));
        return found;
    }
};

TEST_F(ToolLocksOnServer, AreThoseOfTheNamesUnderWhichTheToolKnowsTheDatabase) {
    write("1_a.up.sql", "select 1;");
    settings_.database = "app";
    EXPECT_EQ(numbers(), (std::vector<std::int64_t>{1726534663, 1787120056}));
    settings_.database.clear();
    const std::string name = dynamic_cast<const sql::PostgresTarget&>(*target_).name();
    EXPECT_EQ(numbers(), (std::vector<std::int64_t>{
                             golang_migrate_lock("public", "schema_migrations", "/" + name),
                             golang_migrate_lock("public", "schema_migrations", name)}));
}

TEST_F(ToolLocksOnServer, GoWithTheTableOfFlyway) {
    write("V1__a.sql", "select 1;");
    EXPECT_EQ(numbers(), std::vector<std::int64_t>{77433833903597});
    settings_.table = "audit.history";
    EXPECT_EQ(numbers(), std::vector<std::int64_t>{flyway_lock("audit", "history")});
}

}  // namespace
}  // namespace drydock::migrate
