#include "tests/migrate/folder_fixture.h"

#include "engine/error.h"

namespace drydock::migrate {
namespace {

using GolangMigrate = MigrationFolder;

TEST_F(GolangMigrate, PairsFilesByNumberAndOrdersThemByIt) {
    write("10_tags.up.sql", "create table tags (id int);\ncreate index on tags (id);\n");
    write("10_tags.down.sql", "drop table tags;");
    write("000002_users.up.sql", "create table users (id int)");
    write("000002_users.down.sql", "drop table users");
    const Folder folder = good();
    EXPECT_EQ(folder.format, Format::GolangMigrate);
    ASSERT_EQ(keys(folder), (Texts{"2", "10"}));
    EXPECT_EQ(folder.migrations[0].version.text, "000002");
    EXPECT_EQ(folder.migrations[0].name, "users");
    EXPECT_EQ(folder.migrations[1].version.number(), 10U);
    EXPECT_EQ(texts(folder.migrations[1].up),
              (Texts{"create table tags (id int)", "create index on tags (id)"}));
    EXPECT_EQ(texts(*folder.migrations[1].down), Texts{"drop table tags"});
    EXPECT_EQ(folder.migrations[1].reverse, Reverse::Script);
    EXPECT_EQ(folder.find("2")->name, "users");
    EXPECT_EQ(folder.find("000010"), &folder.migrations[1]);
    EXPECT_EQ(folder.find("11"), nullptr);
    EXPECT_EQ(folder.find(""), nullptr);
}

TEST_F(GolangMigrate, KnowsWhereEachStatementStands) {
    write("1_x.up.sql", "-- first\ncreate table a (b int);\n\n  drop table a;\n");
    const Folder folder = good();
    const Script& up = folder.migrations[0].up;
    ASSERT_EQ(up.statements.size(), 2U);
    EXPECT_EQ(up.statements[0].place, (runbook::Place{.line = 2, .column = 1}));
    EXPECT_EQ(up.statements[1].place, (runbook::Place{.line = 4, .column = 3}));
    EXPECT_EQ(up.file->text.substr(up.statements[1].offset, 12), "drop table a");
    EXPECT_EQ(up.first_line, 1U);
    EXPECT_EQ(up.last_line, 4U);
}

TEST_F(GolangMigrate, TakesTheSpellingsThatOccur) {
    write("20240102030405_x.up..sql", "select 1");
    write("20240102030405_x.down..sql", "select 2");
    write("20240102030406_.up.sql", "select 3");
    write("20240102030407_a.up.b.up.sql", "select 4");
    const Folder folder = good();
    EXPECT_EQ(keys(folder), (Texts{"20240102030405", "20240102030406", "20240102030407"}));
    EXPECT_EQ(folder.migrations[2].name, "a.up.b");
    EXPECT_TRUE(folder.gaps.empty());
}

TEST_F(GolangMigrate, TellsWhichWayBackThereIs) {
    write("1_a.up.sql", "select 1");
    write("2_b.up.sql", "select 1");
    write("2_b.down.sql", "-- nothing to do\n");
    write("3_c.up.sql", "-- drydock: irreversible the old names are gone\nselect 1");
    const Folder folder = good();
    EXPECT_EQ(folder.migrations[0].reverse, Reverse::Missing);
    EXPECT_EQ(folder.migrations[1].reverse, Reverse::Empty);
    EXPECT_EQ(folder.migrations[2].reverse, Reverse::Irreversible);
    EXPECT_EQ(folder.migrations[2].irreversible_reason, "the old names are gone");
}

TEST_F(GolangMigrate, RefusesTwoFilesOfOneNumberAndADownWithoutUpAllAtOnce) {
    write("1_a.up.sql", "select 1");
    write("001_b.up.sql", "select 1");
    write("4_x.down.sql", "select 1");
    EXPECT_EQ(problems(),
              (Texts{"1_a.up.sql: its number is also that of 001_b.up.sql",
                     "4_x.down.sql: it takes back a migration that is not there"}));
}

TEST_F(GolangMigrate, TellsOfWhatIsNoSql) {
    write("1_a.up.sql", "select 1");
    write("2_b.up.go", "package migrations");
    write("2_b.down.go", "package migrations");
    write("4_c.up.sql", "select 1");
    const Folder folder = good();
    ASSERT_EQ(folder.code.size(), 1U);
    EXPECT_EQ(folder.code[0].path, "2_b.up.go");
    EXPECT_EQ(folder.code[0].version.number(), 2U);
    ASSERT_EQ(folder.gaps.size(), 1U);
    EXPECT_EQ(folder.gaps[0].after, 2U);
    EXPECT_EQ(folder.gaps[0].before, 4U);
    write("1_a.up.sql~", "select 1");
    EXPECT_EQ(problems(),
              Texts{"1_a.up.sql~: golang-migrate takes it for a migration, but it is no .sql"});
}

TEST_F(GolangMigrate, RefusesAFileThatHoldsBothWays) {
    write("1_a.up.sql", "-- +migrate Up\ncreate table a (b int);\n-- +migrate Down\ndrop table a;");
    EXPECT_EQ(problems(),
              Texts{"1_a.up.sql:3:1: a part that takes it back, in a file that is run whole"});
}

TEST_F(GolangMigrate, RefusesANumberThatNoDatabaseKeeps) {
    write("9223372036854775807_a.up.sql", "select 1");
    EXPECT_EQ(keys(good()), Texts{"9223372036854775807"});
    write("9223372036854775808_a.up.sql", "select 1");
    write("99999999999999999999_a.up.sql", "select 1");
    EXPECT_EQ(
        problems(),
        (Texts{"9223372036854775808_a.up.sql: its number is larger than any that a database "
              "keeps",
              "99999999999999999999_a.up.sql: its number is larger than any that a database "
              "keeps"}));
}

TEST_F(GolangMigrate, RefusesAnEmptyFolderAndOneThatIsNotThere) {
    EXPECT_EQ(problems(), Texts{".: the folder is empty"});
    EXPECT_THROW((void)read_folder(folder_.file("none"), options), Error);
}

}  // namespace
}  // namespace drydock::migrate
