#include "tests/migrate/folder_fixture.h"

#include "engine/migrate/checksum.h"

namespace drydock::migrate {
namespace {

using Flyway = MigrationFolder;

TEST_F(Flyway, ComparesVersionsPartByPartAndPutsRepeatablesLast) {
    write("V1.10__c.sql", "select 1;");
    write("V1_2__b.sql", "select 1;");
    write("V1__add_a_table.sql", "alter table x;");
    write("U1.0__add_a_table.sql", "select 2;");
    write("R__views.sql", "create view v as select 1;");
    const Folder folder = good();
    EXPECT_EQ(folder.format, Format::Flyway);
    EXPECT_EQ(keys(folder), (Texts{"1", "1.2", "1.10", "R__views"}));
    EXPECT_EQ(folder.migrations[0].name, "add_a_table");
    EXPECT_EQ(folder.migrations[0].foreign_checksums.at(0), 1558156519);
    EXPECT_EQ(texts(*folder.migrations[0].down), Texts{"select 2"});
    EXPECT_EQ(folder.migrations[1].reverse, Reverse::Missing);
    EXPECT_EQ(folder.migrations[3].kind, Migration::Kind::Repeatable);
    EXPECT_EQ(folder.find("1.10"), &folder.migrations[2]);
    EXPECT_EQ(folder.find("1"), &folder.migrations[0]);
    EXPECT_TRUE(folder.gaps.empty());
}

TEST_F(Flyway, ReplacesPlaceholdersThatAreGiven) {
    options.variables = {{"owner", "app"}};
    write("V1__a.sql", "grant select on x to ${owner};\nselect $$ $1 {} $$; -- ${none}");
    write("R__b.sql", "comment on table x is '${owner}';");
    const Folder folder = good();
    EXPECT_EQ(texts(folder.migrations[0].up),
              (Texts{"grant select on x to app", "select $$ $1 {} $$"}));
    EXPECT_EQ(folder.migrations[0].foreign_checksums[0],
              flyway_checksum(folder.migrations[0].up.file->text));
    EXPECT_EQ(folder.migrations[1].foreign_checksums[0],
              flyway_checksum("comment on table x is 'app';"));
    options.variables.clear();
    EXPECT_EQ(problems(), (Texts{"R__b.sql:1:24: the variable owner has no value",
                                 "V1__a.sql:1:22: the variable owner has no value"}));
}

TEST_F(Flyway, ReadsTheSettingsOfAScript) {
    write("V1__a.sql", "vacuum; select '${x}';");
    write("V1__a.sql.conf", "# why\nexecuteInTransaction=false\nplaceholderReplacement = false\n");
    EXPECT_FALSE(good().migrations[0].up.in_transaction);
    write("V1__a.sql.conf", "executeInTransaction=false\nshouldExecute=false\n");
    EXPECT_EQ(problems(), (Texts{"V1__a.sql:1:17: the variable x has no value",
                                 "V1__a.sql.conf:2:1: a setting that is not understood"}));
}

TEST_F(Flyway, ReportsProgramsAndWhatIsBeside) {
    write("V1__a.sql", "select 1;");
    write("V2__B.java", "class V2__B {}");
    write("V4__d.sql", "select 1;");
    write("afterMigrate.sql", "select 1;");
    const Folder folder = good();
    ASSERT_EQ(folder.code.size(), 1U);
    EXPECT_EQ(folder.code[0].version.number(), 2U);
    EXPECT_EQ(folder.beside, Texts{"afterMigrate.sql"});
    ASSERT_EQ(folder.notes.size(), 1U);
    EXPECT_EQ(folder.notes[0].message, "flyway runs it with its migrations, Drydock does not");
    ASSERT_EQ(folder.gaps.size(), 1U);
    EXPECT_EQ(folder.gaps[0].before, 4U);
}

TEST_F(Flyway, TellsOfNamesThatItsToolLeavesOutInSilence) {
    write("V1__a.sql", "select 1;");
    write("V2_b.sql", "select 1;");
    write("V3.x__c.sql", "select 1;");
    write("V1.0__d.sql", "select 1;");
    write("U9__e.sql", "select 1;");
    write("B5__f.sql", "select 1;");
    write("more/V6__g.sql", "select 1;");
    EXPECT_EQ(problems(), (Texts{"B5__f.sql: a baseline migration is not understood",
                                 "U9__e.sql: it takes back a migration that is not there",
                                 "V1__a.sql: its number is also that of V1.0__d.sql",
                                 "V2_b.sql: flyway leaves it out: its name has no __",
                                 "V3.x__c.sql: the version 3.x is none",
                                 "more: it has migrations of its own"}));
}

TEST(Checksum, IsThatOfTheTools) {
    EXPECT_EQ(crc32_ieee("123456789"), 0xCBF43926U);
    EXPECT_EQ(flyway_checksum("alter table x;"), 1558156519);
    EXPECT_EQ(flyway_checksum("\xEF\xBB\xBF" "alter\r\n table\r x;\n"),
              static_cast<std::int32_t>(crc32_ieee("alter table x;")));
    EXPECT_NE(old_flyway_checksum("a\nb"), flyway_checksum("a\nb"));
    EXPECT_EQ(flyway_checksum(""), 0);
}

}  // namespace
}  // namespace drydock::migrate
