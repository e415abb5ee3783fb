#include "engine/inspect/schema.h"

#include "tests/inspect/inspect_fixture.h"

namespace drydock::inspect {
namespace {

class SchemaTest : public InspectTest {
  protected:
    [[nodiscard]] Schema schema() const {
        Looking looking = look();
        return look_at_schema(looking);
    }
};

TEST_F(SchemaTest, TellsWhatWasAddedRemovedAndChanged) {
    make_users(3);
    sql("create index by_name on users (name)");
    const Schema before = schema();
    sql("drop index by_name; create index by_mail on users (mail); "
        "alter table orders add column note text; create trigger t after insert on users begin "
        "select 1; end");
    const auto found = difference(before, schema());
    ASSERT_EQ(found.size(), 4U);
    EXPECT_EQ(found[0].object, "index by_name");
    EXPECT_EQ(found[0].kind, Difference::Kind::Removed);
    EXPECT_EQ(found[1].object, "table orders");
    EXPECT_EQ(found[1].kind, Difference::Kind::Changed);
    EXPECT_EQ(found[2].object, "index by_mail");
    EXPECT_EQ(found[3].object, "trigger t");
}

TEST_F(SchemaTest, KnowsTheSameThingInOtherWordsAndIgnoresWhatIsOurs) {
    make_users(3);
    sql("create view v as select 1");
    const Schema before = schema();
    sql("drop view v; create view v as -- as before\n  select   1; "
        "create table drydock_receipts (a, primary key (a))");
    EXPECT_TRUE(difference(before, schema()).empty());
}

TEST_F(SchemaTest, TellsWhichTablesHaveOtherNumbersOfRows) {
    make_users(3);
    const Schema before = schema();
    sql("delete from orders where id = 1; create table other (a)");
    EXPECT_EQ(changed_rows(before, schema()), std::vector<std::string>{"orders 3 → 2"});
}

}  // namespace
}  // namespace drydock::inspect
