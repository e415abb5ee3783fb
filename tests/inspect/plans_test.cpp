#include "engine/inspect/plans.h"

#include "tests/inspect/inspect_fixture.h"

namespace drydock::inspect {
namespace {

class PlansTest : public InspectTest {
  protected:
    PlansTest() {
        make_users(500);
        sql("create index by_name on users (name)");
    }
    [[nodiscard]] std::vector<StatementPlan> plans(const std::string& text) const {
        Looking looking = look();
        return plans_of(looking, text);
    }
    // Of a single statement: "kind table".
    [[nodiscard]] std::vector<std::string> findings(const std::string& text) const {
        std::vector<std::string> found;
        const StatementPlan plan = plans(text).at(0);
        for (const PlanFinding& one : plan.findings)
            found.push_back(std::string(kind_name(one.kind)) +
                            (one.table.empty() ? "" : " " + one.table));
        return found;
    }
    using Found = std::vector<std::string>;
};

TEST_F(PlansTest, FindAFullScanBehindAnAliasAndCountItsRows) {
    EXPECT_EQ(findings("select * from orders as o where o.at = ?"), Found{"full_scan orders"});
    EXPECT_EQ(findings("select * from \"orders\" o where at = :at"), Found{"full_scan orders"});
    EXPECT_EQ(plans("select * from ORDERS where at = 1").at(0).findings.at(0).rows, 500);
    EXPECT_EQ(findings("select * from users where id = ?"), Found());
    EXPECT_EQ(findings("select * from users where name = ? order by name"), Found());
}

TEST_F(PlansTest, FindRowsThatAreSortedOutsideAnyIndex) {
    EXPECT_EQ(findings("select * from users where id > 3 order by mail, name"),
              Found{"temporary_tree"});
}

TEST_F(PlansTest, FindAnIndexThatIsMadeEachTime) {
    EXPECT_EQ(findings("select * from users u left join orders o on o.at = u.name"),
              (Found{"full_scan users", "automatic_index orders"}));
}

TEST_F(PlansTest, LookAtChangesTooAndMakeNone) {
    EXPECT_EQ(findings("delete from orders where at < 'b'"), Found{"full_scan orders"});
    EXPECT_EQ(findings("with old as (select id from orders where at < 'b') "
                       "update users set name = 1 where id in (select id from old)"),
              Found{"full_scan orders"});
    EXPECT_EQ(look().number("select count(*) from orders"), 500);
}

TEST_F(PlansTest, GoOnAfterAStatementThatDoesNotCompile) {
    const auto found = plans("-- first\nselect one from nowhere;\n\nselect * from users;");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].line, 2);
    expect_in(found[0].problem, "no such table: nowhere");
    EXPECT_EQ(found[1].line, 4);
    EXPECT_EQ(found[1].findings.size(), 1U);
}

TEST_F(PlansTest, DoNothingOfWhatActsWhileItIsCompiled) {
    const auto found = plans("pragma user_version = 7; pragma journal_mode = wal; begin");
    ASSERT_EQ(found.size(), 3U);
    for (const StatementPlan& one : found) EXPECT_FALSE(one.is_query);
    EXPECT_EQ(look().number("pragma user_version"), 0);
    EXPECT_EQ(look().text("pragma journal_mode"), "delete");
}

TEST_F(PlansTest, TellWhichIndexesNoStatementUses) {
    sql("create index by_at on orders (at); create unique index once on orders (user_id, at)");
    Looking looking = look();
    const auto indexes = indexes_of(looking);
    const auto names = [&](const std::string& text) {
        std::vector<std::string> found;
        for (const IndexFacts& one : unused(indexes, plans_of(looking, text)))
            found.push_back(one.name);
        return found;
    };
    EXPECT_EQ(names("select * from users where name = ?"), Found{"by_at"});
    EXPECT_EQ(names("select * from users where name = ?; select at from orders where at > ?"),
              Found());
}

}  // namespace
}  // namespace drydock::inspect
