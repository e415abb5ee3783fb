#include "tests/migrate/folder_fixture.h"

namespace drydock::migrate {
namespace {

using Diesel = MigrationFolder;

TEST_F(Diesel, ReadsAFolderForEachMigration) {
    write("2024-01-02-030405_add_tags/up.sql", "create table tags (id int);");
    write("2024-01-02-030405_add_tags/down.sql", "drop table tags;");
    write("00000000000000_diesel_initial_setup/up.sql", "select 1;");
    write("README.md", "hello");
    const Folder folder = good();
    EXPECT_EQ(folder.format, Format::Diesel);
    EXPECT_EQ(keys(folder), (Texts{"00000000000000", "20240102030405"}));
    EXPECT_EQ(folder.migrations[1].name, "add_tags");
    EXPECT_EQ(folder.migrations[1].up.file->path, "2024-01-02-030405_add_tags/up.sql");
    EXPECT_EQ(folder.migrations[1].reverse, Reverse::Script);
    EXPECT_EQ(folder.beside, Texts{"README.md"});
}

TEST_F(Diesel, ReadsWhetherItRunsInATransaction) {
    write("1_a/up.sql", "vacuum;");
    write("1_a/metadata.toml", "# because\nrun_in_transaction = false\n");
    EXPECT_FALSE(good().migrations[0].up.in_transaction);
    write("1_a/metadata.toml", "run_in_transaction = maybe\n");
    EXPECT_EQ(problems(), Texts{"1_a/metadata.toml:1:1: a setting that is not understood"});
}

TEST_F(Diesel, RefusesWhatHasNoUpOrNoNumber) {
    write("1_a/up.sql", "select 1;");
    write("2_b/down.sql", "select 1;");
    write("3x_c/up.sql", "select 1;");
    write("4_d/notes.txt", "");
    write("001_e/up.sql", "select 1;");
    EXPECT_EQ(problems(), (Texts{"1_a/up.sql: its number is also that of 001_e/up.sql",
                                 "2_b: there is no up.sql in it",
                                 "3x_c: its version 3x is no number",
                                 "4_d: there is no up.sql in it"}));
}

}  // namespace
}  // namespace drydock::migrate
