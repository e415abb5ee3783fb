#include "engine/sql/lexer.h"

#include <gtest/gtest.h>

#include <string>

namespace drydock::sql {
namespace {

std::vector<std::string> statements(std::string_view sql, Dialect dialect = Dialect::Sqlite) {
    std::vector<std::string> texts;
    for (const ScriptStatement& statement : split(sql, dialect)) texts.emplace_back(statement.text);
    return texts;
}

std::vector<std::string> parameters(std::string_view sql, Dialect dialect = Dialect::Sqlite) {
    std::vector<std::string> found;
    for (const Token& token : lex(sql, dialect)) {
        if (token.kind == Token::Kind::Parameter) found.emplace_back(token.text);
        if (token.kind == Token::Kind::NameParameter)
            found.push_back("name " + std::string(token.text));
    }
    return found;
}

using Texts = std::vector<std::string>;

TEST(Lexer, SplitsAtSemicolonsThatEndAStatementAndAtNoOther) {
    EXPECT_EQ(statements("select 1; select 2"), (Texts{"select 1", "select 2"}));
    EXPECT_EQ(statements(" ; ;\n"), Texts{});
    EXPECT_EQ(statements("-- only; a comment\n/* and ; this */"), Texts{});
    EXPECT_EQ(statements("insert into t values ('a;b''c;'); delete from \"x;y\""),
              (Texts{"insert into t values ('a;b''c;')", "delete from \"x;y\""}));
    EXPECT_EQ(statements("select `a;b`, [c;d] from t;"), Texts{"select `a;b`, [c;d] from t"});
    EXPECT_EQ(statements("select 1 -- one;\n + 2; /* ; */ select 3"),
              (Texts{"select 1 -- one;\n + 2", "select 3"}));
}

TEST(Lexer, KeepsTheBodyOfATriggerTogether) {
    const std::string trigger =
        "create temp trigger t after insert on a begin\n"
        "  update b set n = case when n > 1 then 2 else 3 end;\n"
        "  delete from c;\n"
        "END";
    EXPECT_EQ(statements(trigger + "; select 1;"), (Texts{trigger, "select 1"}));
}

TEST(Lexer, DoesNotTakeATableNamedBeginForATrigger) {
    EXPECT_EQ(statements("create table t (trigger text); select 1"),
              (Texts{"create table t (trigger text)", "select 1"}));
}

TEST(Lexer, KnowsTheQuotesOfPostgres) {
    EXPECT_EQ(statements("do $$ begin; end; $$; select 1", Dialect::Postgres),
              (Texts{"do $$ begin; end; $$", "select 1"}));
    EXPECT_EQ(statements("select $a$ ;$b$; $a$; select 2", Dialect::Postgres),
              (Texts{"select $a$ ;$b$; $a$", "select 2"}));
    EXPECT_EQ(statements("select E'it\\'s;'; select 2", Dialect::Postgres),
              (Texts{"select E'it\\'s;'", "select 2"}));
    EXPECT_EQ(statements("/* a /* ; */ ; */ select 1", Dialect::Postgres), Texts{"select 1"});
    EXPECT_EQ(
        statements("create function f() returns int begin atomic select 1; select 2; end; select 3",
                   Dialect::Postgres),
        (Texts{"create function f() returns int begin atomic select 1; select 2; end",
               "select 3"}));
}

TEST(Lexer, DoesNotNestCommentsInSqlite) {
    EXPECT_EQ(statements("/* a /* ; */ select 1; select 2"), (Texts{"select 1", "select 2"}));
}

TEST(Lexer, FindsParametersButNotInQuotesNorInCasts) {
    EXPECT_EQ(
        parameters("select ?, ?2, $1, :name, @at, $dollar, ':no', \":no\", :\"table\" -- :no"),
        (Texts{"?", "?2", "$1", ":name", "@at", "$dollar", "name :\"table\""}));
    EXPECT_EQ(parameters("select a::text, $1::int, :x", Dialect::Postgres), (Texts{"$1", ":x"}));
    EXPECT_EQ(parameters("select datetime(at) from t where at < :started limit :size"),
              (Texts{":started", ":size"}));
}

TEST(Lexer, SaysWhatIsNotClosed) {
    for (const char* text :
         {"select 'a", "select \"a", "select 1 /* a", "select [a", "select 'a''"}) {
        const auto tokens = lex(text, Dialect::Sqlite);
        ASSERT_FALSE(tokens.empty());
        EXPECT_FALSE(tokens.back().closed) << text;
    }
}

TEST(Lexer, ComparesKeywordsInAnyCase) {
    const auto tokens = lex("CoMMit \"commit\"", Dialect::Sqlite);
    EXPECT_TRUE(tokens[0].is("commit"));
    EXPECT_FALSE(tokens[1].is("commit"));
}

}  // namespace
}  // namespace drydock::sql
