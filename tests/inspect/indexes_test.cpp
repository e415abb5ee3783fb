#include "engine/inspect/indexes.h"

#include "tests/inspect/inspect_fixture.h"

namespace drydock::inspect {
namespace {

class IndexesTest : public InspectTest {
  protected:
    IndexesTest() { make_users(50); }
    // "kind index", or "kind table" where there is no index.
    [[nodiscard]] std::vector<std::string> findings(bool without_statistics = true) const {
        Looking looking = look();
        std::vector<std::string> found;
        for (const IndexFinding& one : judge(looking, indexes_of(looking))) {
            const bool statistics = one.kind == IndexFinding::Kind::NoStatistics ||
                                    one.kind == IndexFinding::Kind::OldStatistics;
            if (statistics == without_statistics) continue;
            found.push_back(std::string(kind_name(one.kind)) + " " +
                            (one.index.empty() ? one.table : one.index));
        }
        return found;
    }
    using Found = std::vector<std::string>;
};

TEST_F(IndexesTest, SayWhichOfTwoEqualOnesCanGo) {
    sql("create index orders_user on orders (user_id); create index n1 on users (name);"
        "create index n2 on users (name)");
    EXPECT_EQ(findings(), Found{"duplicate n2"});
}

TEST_F(IndexesTest, NeverCallThatSuperfluousWhichKeepsRowsUnique) {
    sql("create index orders_user on orders (user_id);"
        "create unique index m1 on users (mail); create index m2 on users (mail);"
        "create unique index nm on users (name); create index nm2 on users (name, mail)");
    // m1 repeats SQLite's own index for UNIQUE; nm is the beginning of nm2, but keeps names unique.
    EXPECT_EQ(findings(), (Found{"duplicate m1", "duplicate m2"}));
}

TEST_F(IndexesTest, FindTheBeginningOfAnother) {
    sql("create index orders_user on orders (user_id);"
        "create index n on users (name); create index nm on users (name, mail)");
    EXPECT_EQ(findings(), Found{"prefix n"});
}

TEST_F(IndexesTest, KeepApartWhatDiffersInOrderCollationOrCondition) {
    sql("create index orders_user on orders (user_id);"
        "create index a on users (name); create index b on users (name desc);"
        "create index c on users (name collate nocase); create index d on users (name) where id > "
        "9; create index e on users (lower(name)); create index f on users (upper(name))");
    EXPECT_EQ(findings(), Found());
    sql("create index g on users ( lower( name ) ); create index h on users (name) where id>9");
    EXPECT_EQ(findings(), (Found{"duplicate g", "duplicate h"}));
}

TEST_F(IndexesTest, FindOneThatRepeatsTheOrderOfTheTable) {
    sql("create index orders_user on orders (user_id); create index i on users (id)");
    EXPECT_EQ(findings(), Found{"row_id i"});
}

TEST_F(IndexesTest, FindAForeignKeyWithoutOne) {
    EXPECT_EQ(findings(), Found{"missing_for_key orders"});
    sql("create index partial on orders (user_id) where user_id > 0");
    EXPECT_EQ(findings(), Found{"missing_for_key orders"});
    sql("create index whole on orders (user_id, at)");
    EXPECT_EQ(findings(), Found());
}

TEST_F(IndexesTest, SayWhatThePlannerDoesNotKnow) {
    sql("create index orders_user on orders (user_id)");
    EXPECT_EQ(findings(false), Found{"no_statistics "});
    sql("analyze");
    EXPECT_EQ(findings(false), Found());
    sql("create index n on users (name)");
    EXPECT_EQ(findings(false), Found{"no_statistics n"});
    sql("analyze; insert into orders (user_id) select user_id from orders, (select 1 from orders "
        "limit 10)");
    EXPECT_EQ(findings(false), Found{"old_statistics orders_user"});
}

}  // namespace
}  // namespace drydock::inspect
