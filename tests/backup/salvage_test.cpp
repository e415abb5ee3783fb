#include "engine/backup/salvage.h"

#include "engine/backup/copy.h"
#include "tests/backup/backup_fixture.h"

namespace drydock::backup {
namespace {

class SalvageTest : public BackupTest {
  protected:
    Salvaged salvaged() { return salvage(job_, database(), file("out.db")); }
    // Where a table's rows lie: the pages of its leaves.
    static std::int64_t leaf_page(const std::string& path, const std::string& table, int nth) {
        return number(path, "select pageno from dbstat where name = '" + table +
                                "' and pagetype = 'leaf' order by pageno limit 1 offset " +
                                std::to_string(nth));
    }
};

TEST_F(SalvageTest, CopiesAllOfAWholeFile) {
    outside(database(),
            "create table pairs (a text, b text, primary key (a, b)) without rowid; insert into "
            "pairs values ('x', 'y');"
            "create index by_name on users (name); create view v as select * from users;"
            "create trigger t after insert on users begin delete from pairs; end; pragma "
            "user_version = 7;"
            "insert into users (id, name) values (-5, cast(x'ff00' as text)), "
            "(9223372036854775807, 'last')");
    outside(database(),
            "insert into pairs values ('x', 'y'); create virtual table f using fts5(t); insert "
            "into f values ('word')");
    const Salvaged result = salvaged();
    EXPECT_EQ(result.rows_lost, 0);
    EXPECT_TRUE(result.problems.empty()) << summary(result);
    EXPECT_EQ(number(result.path, "select count(*) from users"), 3002);
    EXPECT_EQ(number(result.path, "select count(*) from pairs"), 1);
    EXPECT_EQ(number(result.path, "select count(*) from f where f match 'word'"), 1);
    EXPECT_EQ(number(result.path, "pragma user_version"), 7);
    EXPECT_EQ(
        number(result.path, "select count(*) from sqlite_schema where type in ('view', 'trigger')"),
        2);
    EXPECT_TRUE(examine(job_, result.path).problems.empty());
}

TEST_F(SalvageTest, CountsExactlyWhatADamagedPageHeldWhenAnIndexTells) {
    damage(database(), (leaf_page(database(), "users", 5) - 1) * 4096, 4096);
    damage(database(), (leaf_page(database(), "users", 20) - 1) * 4096, 4096);
    const Salvaged result = salvaged();
    EXPECT_GT(result.rows_lost, 20);
    EXPECT_LT(result.rows_lost, 150);
    EXPECT_TRUE(result.lost_is_exact);
    EXPECT_EQ(result.rows_read + result.rows_lost, 3000);
    EXPECT_EQ(number(result.path, "select count(*) from users"), result.rows_read);
    EXPECT_EQ(number(result.path, "select count(*) from users where id in (1, 3000)"), 2);
    EXPECT_TRUE(examine(job_, result.path).problems.empty());
}

TEST_F(SalvageTest, SaysAtMostHowManyWhereNoIndexTells) {
    outside(database(), "create table plain (a); insert into plain select name from users");
    damage(database(), (leaf_page(database(), "plain", 3) - 1) * 4096, 4096);
    const Salvaged result = salvaged();
    EXPECT_FALSE(result.lost_is_exact);
    EXPECT_GT(result.rows_lost, 0);
    EXPECT_EQ(number(result.path, "select count(*) from plain") + result.rows_lost, 3000);
    EXPECT_NE(summary(result).find("at most"), std::string::npos);
}

TEST_F(SalvageTest, ReadsATableWithoutRowidFromBothEnds) {
    outside(database(),
            "create table pairs (a integer primary key, b text) without rowid; insert into pairs "
            "select id, name from users");
    damage(database(), (leaf_page(database(), "pairs", 10) - 1) * 4096, 4096);
    const Salvaged result = salvaged();
    EXPECT_EQ(number(result.path, "select count(*) from pairs where a in (1, 3000)"), 2);
    EXPECT_GT(number(result.path, "select count(*) from pairs"), 2500);
}

TEST_F(SalvageTest, GivesUpWhenNotEvenTheTablesAreKnown) {
    damage(database(), 0, 4096);
    EXPECT_EQ(failure([&] { salvaged(); }).code(), ErrorCode::File);
}

}  // namespace
}  // namespace drydock::backup
