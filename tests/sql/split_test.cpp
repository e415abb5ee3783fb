#include "engine/sql/split.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace drydock::sql {
namespace {

using Texts = std::vector<std::string>;

Texts cut(std::string_view text, Dialect dialect = Dialect::Postgres) {
    Texts found;
    const SplitText split = split_file(text, dialect);
    for (const FileStatement& statement : split.statements) found.emplace_back(statement.text);
    for (const SplitProblem& problem : split.problems)
        found.push_back("! " + std::to_string(problem.offset) + " " + problem.message);
    return found;
}

TEST(Split, KeepsTheActionsOfARuleTogether) {
    EXPECT_EQ(cut("create rule r as on update to t do (select 1; select 2;); select 3"),
              (Texts{"create rule r as on update to t do (select 1; select 2;)", "select 3"}));
}

TEST(Split, CountsTheCasesWithinBeginAtomic) {
    const std::string body =
        "create or replace procedure p() begin atomic\n"
        "  select case when 1 then case 2 when 2 then 3 end else 4 end;\n"
        "  select 1 as end, t.case from t;\n"
        "end";
    EXPECT_EQ(cut(body + "; select 2;"), (Texts{body, "select 2"}));
    EXPECT_EQ(cut("begin; select 1; end;"), (Texts{"begin", "select 1", "end"}));
    EXPECT_EQ(cut("create function f() begin atomic select 1;"),
              Texts{"! 20 begin atomic has no end"});
}

TEST(Split, GoesOnWithEscapesInTheNextLineOfAString) {
    EXPECT_EQ(cut("select E'a'\n -- why\n 'it\\'s;'; select 2"),
              (Texts{"select E'a'\n -- why\n 'it\\'s;'", "select 2"}));
    EXPECT_EQ(cut("select 'a'\n'b\\'; select 2"), (Texts{"select 'a'\n'b\\'", "select 2"}));
}

TEST(Split, FollowsTheSettingOfPlainStrings) {
    EXPECT_EQ(cut("set standard_conforming_strings = off; select 'a\\';'; "
                  "set standard_conforming_strings to on; select 'a\\'; select 2"),
              (Texts{"set standard_conforming_strings = off", "select 'a\\';'",
                     "set standard_conforming_strings to on", "select 'a\\'", "select 2"}));
}

TEST(Split, EndsACommentAtACarriageReturnAsPostgresDoes) {
    EXPECT_EQ(cut("select 1 -- a\r; select 2"), (Texts{"select 1", "select 2"}));
    EXPECT_EQ(cut("select 1 -- a\r; select 2", Dialect::Sqlite), Texts{"select 1"});
}

TEST(Split, TakesQuotesAsEachDialectKnowsThem) {
    EXPECT_EQ(cut("select a ` b; select 2"), (Texts{"select a ` b", "select 2"}));
    EXPECT_EQ(cut("select [a;b], `c;d`, e'\\'; select 2", Dialect::Sqlite),
              (Texts{"select [a;b], `c;d`, e'\\'", "select 2"}));
    EXPECT_EQ(cut("select a[1:2], b @- c, d ? 'x', :'e', f::int, g := 1, h$1$x; select U&'\\'; "
                  "select U&\"d;\\\";"),
              (Texts{"select a[1:2], b @- c, d ? 'x', :'e', f::int, g := 1, h$1$x",
                     "select U&'\\'", "select U&\"d;\\\""}));
}

TEST(Split, AttachesTheDataOfACopy) {
    const SplitText found = split_file(
        "copy a (b) from stdin; -- rows\n1\t;'\n\\.\nselect 1;\n"
        "COPY c FROM STDIN WITH (FORMAT csv);\r\n\"x\n;\"\r\n\\.\r\ncopy d from stdin",
        Dialect::Postgres);
    ASSERT_EQ(found.statements.size(), 4U);
    EXPECT_TRUE(found.problems.empty());
    EXPECT_EQ(found.statements[0].data, "1\t;'\n");
    EXPECT_EQ(found.statements[1].data, std::nullopt);
    EXPECT_EQ(found.statements[2].data, "\"x\n;\"\r\n");
    EXPECT_EQ(found.statements[3].data, "");
    EXPECT_EQ(split_file("copy a from stdin;\n1\n2", Dialect::Postgres).statements[0].data,
              "1\n2");
    EXPECT_EQ(cut("copy a from 'f'; copy (select 1) to stdout; select 1"),
              (Texts{"copy a from 'f'", "copy (select 1) to stdout", "select 1"}));
}

TEST(Split, RefusesWhatStandsBehindACopyOnItsLine) {
    EXPECT_EQ(cut("copy a from stdin; select 1;\n1\n\\.\n"),
              (Texts{"copy a from stdin", "! 19 something stands behind copy … from stdin on its "
                                          "line"}));
}

TEST(Split, RefusesCommandsOfTheShells) {
    EXPECT_EQ(cut("\\connect x\nselect 1;\n \\i f.sql\nselect 2 \\gexec\n\\.\n"),
              (Texts{"select 1", "! 0 \\connect is a command of psql, not SQL",
                     "! 22 \\i is a command of psql, not SQL",
                     "! 40 \\gexec is a command of psql, not SQL",
                     "! 47 \\. ends data, but no copy … from stdin stands before it"}));
    EXPECT_EQ(cut("select 1;\n.mode csv\nselect .5;", Dialect::Sqlite),
              (Texts{"select 1", "select .5",
                     "! 10 .mode is a command of the sqlite3 shell, not SQL"}));
}

TEST(Split, SaysWhereSomethingBeginsThatDoesNotEnd) {
    EXPECT_EQ(cut("select 1; select 'a;"), (Texts{"select 1", "! 17 a quote is not closed"}));
    EXPECT_EQ(cut("select $a$ $b$"), Texts{"! 7 the text that begins with $a$ is not closed"});
    EXPECT_EQ(cut("select 1 /* /* */"), Texts{"! 9 a comment is not closed"});
    EXPECT_EQ(cut("select (1; select 2"), Texts{"! 7 a parenthesis is not closed"});
    EXPECT_EQ(cut("create trigger t after insert on a begin select 1; select 2;", Dialect::Sqlite),
              Texts{"! 35 the body of the trigger has no end"});
    EXPECT_EQ(cut("select [a", Dialect::Sqlite), Texts{"! 7 a quote is not closed"});
}

TEST(Split, KeepsTheBodyOfASqliteTriggerTogether) {
    const std::string trigger =
        "explain query plan create temp trigger t after update of begin on x when new.a begin\n"
        "  update b set n = case when n > 1 then 2 else 3 end;\n  delete from c; end";
    EXPECT_EQ(cut(trigger + "; select 1", Dialect::Sqlite), (Texts{trigger, "select 1"}));
    EXPECT_EQ(cut(trigger, Dialect::Sqlite), Texts{trigger});
    EXPECT_EQ(cut("create table trigger (begin int); select 1", Dialect::Sqlite),
              (Texts{"create table trigger (begin int)", "select 1"}));
}

TEST(Split, LeavesOutEmptyStatementsAndKnowsWhetherTheLastHasASemicolon) {
    EXPECT_EQ(cut(" ;; -- a\n; /* b */ ;"), Texts{});
    EXPECT_FALSE(split_file("select 1", Dialect::Postgres).statements[0].ended);
    EXPECT_TRUE(split_file("select 1 ;", Dialect::Postgres).statements[0].ended);
}

}  // namespace
}  // namespace drydock::sql
