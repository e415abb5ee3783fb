#include "tests/migrate/folder_fixture.h"

namespace drydock::migrate {
namespace {

using Goose = MigrationFolder;

TEST_F(Goose, ReadsPartsInAnyCaseAndKeysByNumber) {
    write("00002_b.sql", "-- +goose up\nselect 2;\n-- +goose DOWN\nselect 3;\n");
    write("00001_a.sql", "--+goose Up\n-- a comment;\nselect 1;\n");
    const Folder folder = good();
    EXPECT_EQ(folder.format, Format::Goose);
    EXPECT_EQ(keys(folder), (Texts{"1", "2"}));
    EXPECT_EQ(folder.migrations[0].reverse, Reverse::Missing);
    EXPECT_EQ(texts(*folder.migrations[1].down), Texts{"select 3"});
    EXPECT_TRUE(folder.notes.empty());
}

TEST_F(Goose, TakesNoTransactionForBothWays) {
    write("1_a.sql",
          "-- +goose NO TRANSACTION\n-- +goose Up\nvacuum;\n-- +goose Down\nvacuum;\n");
    const Folder folder = good();
    EXPECT_FALSE(folder.migrations[0].up.in_transaction);
    EXPECT_FALSE(folder.migrations[0].down->in_transaction);
}

TEST_F(Goose, KeepsBlocksApartAndKnowsTheirLines) {
    write("1_a.sql",
          "-- +goose Up\n"
          "select 1;\n"
          "-- +goose StatementBegin\n"
          "do $$ begin\n  perform 1;\nend $$\n"
          "-- +goose StatementEnd\n"
          "-- +goose StatementBegin\nselect 3\n-- +goose StatementEnd\n"
          "-- +goose Down\n");
    const Folder folder = good();
    const Script& up = folder.migrations[0].up;
    EXPECT_EQ(texts(up), (Texts{"select 1", "do $$ begin\n  perform 1;\nend $$", "select 3"}));
    EXPECT_EQ(up.statements[2].place.line, 9U);
    EXPECT_EQ(folder.migrations[0].reverse, Reverse::Empty);
    EXPECT_TRUE(folder.notes.empty());
}

TEST_F(Goose, ReportsProgramsInBetweenAndNotTheirTests) {
    write("00001_a.sql", "-- +goose Up\nselect 1;\n");
    write("00002_b.go", "package migrations\n");
    write("00002_b_test.go", "package migrations\n");
    write("00003_c.sql", "-- +goose Up\nselect 1;\n");
    write("embed.go", "package migrations\n");
    const Folder folder = good();
    ASSERT_EQ(folder.code.size(), 1U);
    EXPECT_EQ(folder.code[0].path, "00002_b.go");
    EXPECT_EQ(folder.beside, (Texts{"00002_b_test.go", "embed.go"}));
    EXPECT_TRUE(folder.gaps.empty());
    write("00003_d.go", "package migrations\n");
    EXPECT_EQ(problems(), Texts{"00003_d.go: its number is also that of 00003_c.sql"});
}

TEST_F(Goose, ReplacesOnlyVariablesThatAreAllowedAndOnlyWhereItIsAskedTo) {
    options.variables = {{"OWNER", "app"}, {"EMPTY", ""}};
    write("1_a.sql",
          "-- +goose Up\n"
          "select '$OWNER';\n"
          "-- +goose ENVSUB ON\n"
          "create table ${OWNER}_t (a int); grant select on x to $OWNER;\n"
          "select '${EMPTY:-none}', '${EMPTY-none}', '${GONE-some}', $1;\n"
          "-- +goose ENVSUB OFF\n"
          "select '$OWNER', $$ $OWNER $$;\n");
    const Folder folder = good();
    const Script& up = folder.migrations[0].up;
    EXPECT_EQ(texts(up), (Texts{"select '$OWNER'", "create table app_t (a int)",
                                "grant select on x to app", "select 'none', '', 'some', $1",
                                "select '$OWNER', $$ $OWNER $$"}));
    EXPECT_EQ(up.statements[2].place, (runbook::Place{.line = 4, .column = 34}));
    EXPECT_EQ(up.statements[4].place.line, 7U);
}

TEST_F(Goose, TellsOfVariablesWithoutValueAndWhatItDoesNotReplace) {
    write("1_a.sql",
          "-- +goose Up\n"
          "-- +goose ENVSUB ON\n"
          "select '$HOME',\n  '${PATH}', '${A:?no}', '${A';\n"
          "do $$ begin end $$;\n");
    EXPECT_EQ(problems(), (Texts{"1_a.sql:3:9: the variable HOME has no value",
                                 "1_a.sql:4:4: the variable PATH has no value",
                                 "1_a.sql:4:15: ${A:?no} is not understood",
                                 "1_a.sql:4:27: ${A is not closed",
                                 "1_a.sql:5:4: $$ or \\$ where variables are replaced",
                                 "1_a.sql:5:17: $$ or \\$ where variables are replaced"}));
}

TEST_F(Goose, ReplacesWithinABlockAndLeavesCommentsAlone) {
    options.variables = {{"A", "1;"}};
    write("1_a.sql",
          "-- +goose Up\n"
          "-- +goose StatementBegin\n"
          "do $x$ begin\n"
          "-- +goose ENVSUB ON\n"
          "  perform '$A';\n"
          "-- +goose ENVSUB OFF\n"
          "  perform '$A';\n"
          "end $x$;\n"
          "-- +goose StatementEnd\n"
          "-- +goose ENVSUB ON\n"
          "-- GRANT ALL TO $NOBODY; costs $50/month\n"
          "select '\n"
          "-- +goose ENVSUB OFF\n"
          "$A';\n");
    const Folder folder = good();
    ASSERT_EQ(folder.migrations.size(), 1U);
    EXPECT_EQ(texts(folder.migrations[0].up),
              (Texts{"do $x$ begin\n  perform '1;';\n  perform '$A';\nend $x$",
                     "select '\n$A'"}));
}

TEST_F(Goose, RefusesNamesThatItsToolDoesNotTake) {
    write("0_a.sql", "-- +goose Up\nselect 1;\n");
    write("b.sql", "-- +goose Up\nselect 1;\n");
    write("2-c.sql", "-- +goose Up\nselect 1;\n");
    EXPECT_EQ(problems(), (Texts{"0_a.sql: the number 0 is goose's own",
                                 "2-c.sql: its name has no number that goose takes",
                                 "b.sql: its name has no number that goose takes"}));
}

TEST_F(Goose, RefusesDownFirst) {
    write("1_a.sql", "-- +goose Down\nselect 1;\n-- +goose Up\nselect 2;\n");
    EXPECT_EQ(problems(), Texts{"1_a.sql:1:4: the part that takes back comes first"});
}

}  // namespace
}  // namespace drydock::migrate
