#include "engine/inspect/health.h"

#include "tests/inspect/inspect_fixture.h"

namespace drydock::inspect {
namespace {

class HealthTest : public InspectTest {
  protected:
    [[nodiscard]] Health health(bool quick = false) const {
        Looking looking = look();
        return look_at_health(looking, {.quick = quick});
    }
};

TEST_F(HealthTest, CountsTheRowsOfEachTableThatIsSomebodys) {
    make_users(7);
    sql("create table drydock_receipts (a); analyze; create virtual table words using fts5 (w)");
    const Health found = health();
    EXPECT_EQ(found.damage, std::vector<std::string>());
    ASSERT_GE(found.tables.size(), 2U);
    EXPECT_EQ(found.tables[0].table, "orders");
    EXPECT_EQ(found.tables[0].rows, 7);
    for (const TableRows& one : found.tables) {
        EXPECT_NE(one.table, "drydock_receipts");
        EXPECT_NE(one.table, "words");
    }
    EXPECT_TRUE(found.has_receipts);
}

TEST_F(HealthTest, NamesTheTablesOfRowsThatPointNowhere) {
    make_users(7);
    sql("delete from users where id > 5");
    const Health found = health();
    ASSERT_EQ(found.orphans.size(), 1U);
    EXPECT_EQ(found.orphans[0].table, "orders");
    EXPECT_EQ(found.orphans[0].parent, "users");
    EXPECT_EQ(found.orphans[0].rows, 2);
}

TEST_F(HealthTest, FindsDamagedPages) {
    make_users(5000);
    damage(4096 * 5, 4096 * 2);
    const Health found = health();
    EXPECT_FALSE(found.damage.empty());
    EXPECT_TRUE(found.tables.empty());
}

TEST_F(HealthTest, ComparesIndexesWithTheirTablesUnlessItIsQuick) {
    make_users(100);
    // A row that its index does not know.
    sql("pragma writable_schema = on;"
        "create index by_name on users (name); "
        "update sqlite_schema set sql = replace(sql, 'name)', 'mail)') where name = 'by_name'");
    EXPECT_FALSE(health().damage.empty());
    EXPECT_TRUE(health(true).damage.empty());
}

TEST_F(HealthTest, SaysThatAKeyCannotBeCheckedWhoseParentHasNoSuchColumn) {
    sql("create table a (x); create table b (y references a (x)); insert into b values (1)");
    const Health found = health();
    ASSERT_EQ(found.damage.size(), 1U);
    expect_in(found.damage[0], "foreign keys cannot be checked: foreign key mismatch");
}

}  // namespace
}  // namespace drydock::inspect
