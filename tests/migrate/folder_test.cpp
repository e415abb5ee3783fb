#include "engine/migrate/folder.h"

#include <sys/stat.h>

#include <chrono>

#include "engine/error.h"
#include "tests/migrate/folder_fixture.h"

namespace drydock::migrate {
namespace {

using FolderTest = MigrationFolder;

TEST_F(FolderTest, RefusesSeveralFormatsAndNamesTheFiles) {
    write("1_a.up.sql", "select 1;");
    write("2_b.sql", "-- +goose Up\nselect 1;\n");
    write("V3__c.sql", "select 1;");
    EXPECT_EQ(problems(),
              Texts{".: the files are of several formats: golang-migrate: 1_a.up.sql; goose: "
                    "2_b.sql; flyway: V3__c.sql"});
}

TEST_F(FolderTest, IsSettledByTheFormatThatIsNamed) {
    write("1_a.up.sql", "select 1;");
    write("2_b.sql", "-- +goose Up\nselect 1;\n");
    options.format = Format::Goose;
    const Folder folder = good();
    EXPECT_EQ(keys(folder), Texts{"2"});
    EXPECT_EQ(folder.beside, Texts{"1_a.up.sql"});
    options.format = Format::Dbmate;
    EXPECT_EQ(problems(), Texts{".: there are no migrations of dbmate in it"});
}

TEST_F(FolderTest, RefusesOneFileWithTheAnnotationsOfTwoTools) {
    write("1_a.sql", "-- +goose Up\nselect 1;\n-- +migrate Down\nselect 2;\n");
    EXPECT_EQ(problems(), Texts{".: the files are of several formats: sql-migrate: 1_a.sql; "
                                "goose: 1_a.sql"});
}

TEST_F(FolderTest, SaysWhatItFoundWhereNothingIsAMigration) {
    write("001_a.sql", "select 1;");
    write("README.md", "");
    EXPECT_EQ(problems(), Texts{".: there are no migrations in it, only 001_a.sql, README.md"});
}

TEST_F(FolderTest, NamesWhatLiesBesideThePairs) {
    write("000001_a.up.sql", "select 1;");
    write("prerequisites.sql", "create extension x;");
    write("baseline.sql", "select 1;");
    write("embed.go", "package migrations");
    write("old/1_x.up.sql", "select 1;");
    write(".gitkeep", "");
    EXPECT_EQ(good().beside, (Texts{"baseline.sql", "embed.go", "old/", "prerequisites.sql"}));
    write("2_b.sql", "select 1;");
    EXPECT_EQ(problems(),
              Texts{"2_b.sql: it begins with a number, but is no migration of golang-migrate"});
}

TEST_F(FolderTest, DemandsUtf8AndNamesTheByte) {
    write("1_a.up.sql", "select 1;\nselect 'caf\xE9';\n");
    write("2_b.up.sql", std::string("select 1;\0", 10));
    write("3_c.up.sql", std::string("\xFF\xFEs\0e\0", 6));
    EXPECT_EQ(problems(), (Texts{"1_a.up.sql:2:12: no UTF-8 at byte 21",
                                 "2_b.up.sql:1:10: a NUL byte at byte 9",
                                 "3_c.up.sql:1:1: no UTF-8 at byte 0"}));
}

TEST_F(FolderTest, TakesAByteOrderMarkAndCarriageReturns) {
    write("1_a.sql",
          "\xEF\xBB\xBF-- +migrate Up\r\nselect 1;\r\n-- +migrate Down\r\nselect 2;\r\n");
    write("2_b.sql", "\xEF\xBB\xBF-- +migrate Up\r\nselect 3; \r\n");
    const Folder folder = good();
    EXPECT_EQ(texts(folder.migrations[0].up), Texts{"select 1"});
    EXPECT_EQ(folder.migrations[0].up.statements[0].place,
              (runbook::Place{.line = 2, .column = 1}));
    EXPECT_EQ(texts(*folder.migrations[0].down), Texts{"select 2"});
    std::filesystem::remove(folder_.file("1_a.sql"));
    std::filesystem::remove(folder_.file("2_b.sql"));
    write("1_a.up.sql", "\xEF\xBB\xBFselect 1;");
    EXPECT_EQ(good().migrations[0].up.statements[0].place,
              (runbook::Place{.line = 1, .column = 1}));
}

TEST_F(FolderTest, HoldsToItsLimits) {
    write("1_a.up.sql", "select 1; select 12345678;");
    options.most_statement_bytes = 10;
    EXPECT_EQ(problems(), Texts{"1_a.up.sql:1:11: the statement has more than 10 bytes"});
    options.most_file_bytes = 25;
    EXPECT_EQ(problems(), Texts{"1_a.up.sql: it has more than 25 bytes"});
    options.most_file_bytes = 26;
    options.most_statement_bytes = 15;
    EXPECT_EQ(texts(good().migrations[0].up).size(), 2U);
    options.most_files = 0;
    EXPECT_THROW((void)read(), Error);
}

TEST_F(FolderTest, WaitsForNoPipeAndFollowsLinks) {
    write("elsewhere/a.sql", "select 1;");
    std::filesystem::create_symlink("elsewhere/a.sql", folder_.file("1_a.up.sql"));
    EXPECT_EQ(texts(good().migrations[0].up), Texts{"select 1"});
    std::filesystem::create_symlink("nowhere", folder_.file("2_b.up.sql"));
    ASSERT_EQ(::mkfifo(folder_.file("3_c.up.sql").c_str(), 0600), 0);
    EXPECT_EQ(problems(), (Texts{"2_b.up.sql: reading it: No such file or directory",
                                 "3_c.up.sql: it is no regular file"}));
}

TEST_F(FolderTest, TellsWhereAStatementIsNotClosed) {
    write("1_a.up.sql", "select 1;\n  select 'x;\n");
    write("2_b.up.sql", "\\c other\nselect 1;\n\\i more.sql\n");
    write("3_c.up.sql", "do $fn$ begin\n");
    EXPECT_EQ(problems(), (Texts{"1_a.up.sql:2:10: a quote is not closed",
                                 "2_b.up.sql:1:1: \\c is a command of psql, not SQL",
                                 "2_b.up.sql:3:1: \\i is a command of psql, not SQL",
                                 "3_c.up.sql:1:4: the text that begins with $fn$ is not closed"}));
}

TEST_F(FolderTest, KeepsWaiversWithTheirLineAndRefusesThoseWithoutReason) {
    write("1_a.up.sql",
          "-- drydock: allow drop-column nobody reads it\n"
          "alter table t drop column a; -- drydock: allow lock-timeout small\n"
          "select '\n-- drydock: allow x y\n';\n");
    const Folder folder = good();
    const std::vector<Waiver>& waivers = folder.migrations[0].up.waivers;
    ASSERT_EQ(waivers.size(), 2U);
    EXPECT_EQ(waivers[0].rule, "drop-column");
    EXPECT_EQ(waivers[0].reason, "nobody reads it");
    EXPECT_EQ(waivers[1].line, 2U);
    write("1_a.up.sql",
          "-- drydock: allow drop-column\n-- drydock: irreversible\n-- drydock: alow x y\n"
          "-- drydock:\nselect 1;");
    EXPECT_EQ(problems(), (Texts{"1_a.up.sql:1:4: allow without a rule and a reason",
                                 "1_a.up.sql:2:4: irreversible without a reason",
                                 "1_a.up.sql:3:4: drydock: alow is no directive",
                                 "1_a.up.sql:4:4: drydock: is no directive"}));
}

TEST_F(FolderTest, RefusesAnIrreversibleMigrationWithAWayBack) {
    write("1_a.up.sql", "-- drydock: irreversible data is gone\nselect 1;");
    write("1_a.down.sql", "select 1;");
    EXPECT_EQ(problems(), Texts{"1_a.down.sql: it is declared irreversible, and has statements "
                                "that take it back"});
}

TEST_F(FolderTest, ReadsALongLineOfMarksInTimeThatGrowsWithIt) {
    std::string marks = "-- +goose Up\nselect 1; --";
    for (int i = 0; i < 400'000; ++i) marks += i % 2 == 0 ? " +goose migrate:" : "-- drydock:";
    write("1_a.sql", marks);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(problems().size(), 1U);
    // Looking from each mark to an end of the line would take minutes.
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST_F(FolderTest, ReportsTransactionControlAndEmptyFiles) {
    write("1_a.up.sql", "begin;\nselect 1;\ncommit;\n");
    write("2_b.up.sql", "");
    const Folder folder = good();
    EXPECT_EQ(folder.migrations[0].up.transaction_control(), (std::vector<std::size_t>{0, 2}));
    EXPECT_EQ(told(folder.notes), Texts{"2_b.up.sql:1:1: it has no statement"});
}

TEST_F(FolderTest, KeepsViewsValidWhereverTheFolderIsMoved) {
    write("1_a.up.sql", "copy t from stdin;\n1\n\\.\nselect 1;");
    std::vector<Folder> folders;
    folders.push_back(good());
    const Folder copied = folders[0];
    folders.clear();
    EXPECT_EQ(copied.migrations[0].up.statements[0].data, "1\n");
    EXPECT_EQ(copied.migrations[0].up.statements[1].text, "select 1");
}

TEST(Formats, HaveNamesThatReadBack) {
    for (const Format format : {Format::GolangMigrate, Format::SqlMigrate, Format::Goose,
                                Format::Dbmate, Format::Flyway, Format::Diesel})
        EXPECT_EQ(format_named(format_name(format)), format);
    EXPECT_THROW((void)format_named("Goose"), Error);
}

}  // namespace
}  // namespace drydock::migrate
