#include "tests/migrate/folder_fixture.h"

namespace drydock::migrate {
namespace {

using Dbmate = MigrationFolder;

TEST_F(Dbmate, ReadsPartsAndTheirOptions) {
    write("20240102030405_add.sql",
          "-- migrate:up transaction:false\nvacuum;\n\n-- migrate:down\nselect 1");
    const Folder folder = good();
    EXPECT_EQ(folder.format, Format::Dbmate);
    const Migration& migration = folder.migrations[0];
    EXPECT_EQ(migration.key, "20240102030405");
    EXPECT_EQ(migration.name, "add");
    EXPECT_FALSE(migration.up.in_transaction);
    EXPECT_TRUE(migration.down->in_transaction);
    EXPECT_TRUE(folder.notes.empty());  // dbmate sends the part as it is
}

TEST_F(Dbmate, OrdersByFileNameAndKeepsTheDigitsAsTheyAre) {
    write("9_a.sql", "-- migrate:up\nselect 1;\n-- migrate:down\n");
    write("010_b.sql", "-- migrate:up\nselect 1;\n-- migrate:down\n");
    write("10a.sql", "-- migrate:up\nselect 1;\n-- migrate:down\n");
    EXPECT_EQ(problems(), Texts{"10a.sql: its number is also that of 010_b.sql"});
    std::filesystem::remove(folder_.file("10a.sql"));
    EXPECT_EQ(keys(good()), (Texts{"010", "9"}));
}

TEST_F(Dbmate, TellsWhatIsMisspelt) {
    write("1_a.sql",
          "create table a (b int);\n"
          "-- migrate:down\n"
          "-- migrate:up transaction:flase\n"
          "-- migrate:upp\n");
    EXPECT_EQ(problems(), (Texts{"1_a.sql:1:1: a statement above -- migrate:up",
                                 "1_a.sql:1:1: no part of it is applied",
                                 "1_a.sql:2:4: the part that takes back comes first",
                                 "1_a.sql:3:4: an annotation that dbmate does not know",
                                 "1_a.sql:4:4: an annotation that dbmate does not know"}));
}

TEST_F(Dbmate, TakesACommentThatOnlyLooksAlikeForAComment) {
    write("1_a.up.sql", "-- migrate: run by hand first\nselect 1;");
    write("notes.sql", "-- migrate: run by hand first\nselect 1;");
    const Folder folder = good();
    EXPECT_EQ(folder.format, Format::GolangMigrate);
    EXPECT_EQ(folder.beside, Texts{"notes.sql"});
}

}  // namespace
}  // namespace drydock::migrate
