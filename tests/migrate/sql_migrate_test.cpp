#include "tests/migrate/folder_fixture.h"

namespace drydock::migrate {
namespace {

using SqlMigrate = MigrationFolder;

TEST_F(SqlMigrate, ReadsPartsDescriptionAndWholeNames) {
    write("003_add_user_authentication.sql",
          "-- Description: Add users\n"
          "\n"
          "-- +migrate Up\n"
          "CREATE TABLE users (id INTEGER);\n"
          "CREATE INDEX i ON users (id); -- fast\n"
          "\n"
          "-- +migrate Down\n"
          "DROP TABLE users;\n");
    write("4-x.sql", "-- +migrate Up\nselect 1;\n-- +migrate Down\n-- nothing\n");
    const Folder folder = good();
    EXPECT_EQ(folder.format, Format::SqlMigrate);
    ASSERT_EQ(keys(folder), (Texts{"003_add_user_authentication.sql", "4-x.sql"}));
    const Migration& users = folder.migrations[0];
    EXPECT_EQ(users.name, "add_user_authentication");
    EXPECT_EQ(users.version.number(), 3U);
    EXPECT_EQ(users.description, "Add users");
    EXPECT_EQ(texts(users.up),
              (Texts{"CREATE TABLE users (id INTEGER)", "CREATE INDEX i ON users (id)"}));
    EXPECT_EQ(users.up.statements[1].place, (runbook::Place{.line = 5, .column = 1}));
    EXPECT_EQ(users.up.first_line, 3U);
    EXPECT_EQ(users.up.last_line, 6U);
    EXPECT_EQ(texts(*users.down), Texts{"DROP TABLE users"});
    EXPECT_EQ(users.down->statements[0].place.line, 8U);
    EXPECT_EQ(users.digest, crypto::sha256(users.up.file->text));
    EXPECT_EQ(folder.migrations[1].reverse, Reverse::Empty);
    EXPECT_TRUE(folder.notes.empty());
}

TEST_F(SqlMigrate, OrdersByNumberThenNameAndPutsNamesWithoutNumberLast) {
    for (const char* name : {"10_b.sql", "9_a.sql", "initial.sql", "2016-02-01-y.sql",
                             "2016-01-01-x.sql"})
        write(name, "-- +migrate Up\nselect 1;\n");
    EXPECT_EQ(keys(good()), (Texts{"9_a.sql", "10_b.sql", "2016-01-01-x.sql", "2016-02-01-y.sql",
                                   "initial.sql"}));
}

TEST_F(SqlMigrate, RefusesTwoFilesOfOneNumber) {
    write("003_a.sql", "-- +migrate Up\nselect 1;\n");
    write("3_b.sql", "-- +migrate Up\nselect 1;\n");
    EXPECT_EQ(problems(), Texts{"3_b.sql: its number is also that of 003_a.sql"});
}

TEST_F(SqlMigrate, KnowsTheTransactionOfEachDirection) {
    write("1_a.sql",
          "-- +migrate Up notransaction\ncreate index concurrently i on t (a);\n"
          "-- +migrate Down\ndrop index i;\n");
    const Folder folder = good();
    EXPECT_FALSE(folder.migrations[0].up.in_transaction);
    EXPECT_TRUE(folder.migrations[0].down->in_transaction);
}

TEST_F(SqlMigrate, CutsABlockByItself) {
    write("1_a.sql",
          "-- +migrate Up\n"
          "-- +migrate StatementBegin\n"
          "create function f() returns void as $$ begin; end $$ language plpgsql\n"
          "-- +migrate StatementEnd\n"
          "select 2;\n");
    EXPECT_EQ(texts(good().migrations[0].up),
              (Texts{"create function f() returns void as $$ begin; end $$ language plpgsql",
                     "select 2"}));
}

TEST_F(SqlMigrate, NotesWhereItsToolWouldCutOtherwise) {
    write("1_a.sql",
          "-- +migrate Up\n"
          "do $$\nbegin\n  perform 1;\n  perform 2;\nend $$;\n"
          "select 2\n"
          "-- +migrate Down\nselect 3;");
    const Folder folder = good();
    EXPECT_EQ(texts(folder.migrations[0].up).size(), 2U);
    EXPECT_EQ(told(folder.notes),
              (Texts{"1_a.sql:7:1: its tool refuses a last statement without a semicolon",
                     "1_a.sql:4:12: sql-migrate ends the statement here"}));
}

TEST_F(SqlMigrate, TellsEveryMistakeOfAFileWithItsLine) {
    write("1_a.sql",
          "select 0;\n"
          "-- +migrate Up\n"
          "-- +migrate Up\n"
          "-- +migrate Don\n"
          " -- +migrate Down\n"
          "-- +migrate StatementEnd\n"
          "-- +migrate StatementBegin\n"
          "-- +migrate StatementBegin\n"
          "--+migrate Down\n");
    EXPECT_EQ(problems(),
              (Texts{"1_a.sql:1:1: a statement above -- +migrate Up",
                     "1_a.sql:3:4: a second part that is applied",
                     "1_a.sql:4:4: an annotation that sql-migrate does not know",
                     "1_a.sql:5:5: an annotation that does not begin its line",
                     "1_a.sql:6:4: StatementEnd without StatementBegin",
                     "1_a.sql:7:4: StatementBegin without StatementEnd",
                     "1_a.sql:8:4: StatementBegin within another",
                     "1_a.sql:9:3: an annotation that sql-migrate does not know"}));
}

TEST_F(SqlMigrate, RefusesAFileThatIsNeverApplied) {
    write("1_a.sql", "-- +migrate Down\nselect 1;\n");
    EXPECT_EQ(problems(), Texts{"1_a.sql:1:1: no part of it is applied"});
}

TEST_F(SqlMigrate, RefusesANumberedFileWithoutAnnotations) {
    write("1_a.sql", "-- +migrate Up\nselect 1;\n");
    write("2_b.sql", "select 1;\n");
    write("prerequisites.sql", "create extension x;\n");
    EXPECT_EQ(problems(),
              Texts{"2_b.sql: it begins with a number, but is no migration of sql-migrate"});
}

}  // namespace
}  // namespace drydock::migrate
