// What lint looks at and passes over: examples, plans, sizes, waivers.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "tests/migrate/lint_fixture.h"

namespace drydock::migrate {
namespace {

TEST_F(Lint, EachRuleFindsItsBadExampleAndNotItsGoodOne) {
    wanted.idempotent = wanted.verb_names = true;
    for (const sql::Dialect dialect : {sql::Dialect::Postgres, sql::Dialect::Sqlite}) {
        options.dialect = wanted.dialect = dialect;
        const Where other = dialect == sql::Dialect::Sqlite ? Where::Postgres : Where::Sqlite;
        for (const Rule* const rule : rules()) {
            if (rule->where == other) continue;
            EXPECT_NE(places(std::string(rule->name), std::string(rule->bad)), "") << rule->name;
            EXPECT_EQ(places(std::string(rule->name), std::string(rule->good)), "") << rule->name;
        }
    }
}

TEST_F(Lint, ARuleIsSilentInTheOtherDialect) {
    wanted.idempotent = wanted.verb_names = true;
    for (const sql::Dialect dialect : {sql::Dialect::Postgres, sql::Dialect::Sqlite}) {
        options.dialect = wanted.dialect = dialect;
        const Where other = dialect == sql::Dialect::Sqlite ? Where::Postgres : Where::Sqlite;
        for (const Rule* const rule : rules()) {
            if (rule->where != other) continue;
            EXPECT_EQ(places(std::string(rule->name), std::string(rule->bad)), "") << rule->name;
        }
    }
}

TEST_F(Lint, NamesOfRulesAreUniqueAndTheirTextsWhole) {
    std::set<std::string_view> names;
    for (const Rule* const rule : rules()) {
        EXPECT_TRUE(names.insert(rule->name).second) << rule->name;
        EXPECT_EQ(rule->name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), rule->name.npos);
        EXPECT_FALSE(rule->summary.ends_with(".")) << rule->name;
        EXPECT_TRUE(rule->why.ends_with(".")) << rule->name;
        EXPECT_EQ(find_rule(rule->name), rule);
    }
    EXPECT_GE(rules().size(), 25u);
    EXPECT_EQ(find_rule("drop-colum"), nullptr);
}

// --- What is new, and what is small ------------------------------------------------------------

TEST_F(Lint, TablesThatTheFileMakesMayBeLocked) {
    EXPECT_EQ(places("index-not-concurrent", "create table t (a int);\ncreate index i on t (a);\n"
                                             "create index j on u (a);"),
              "3:1");
    EXPECT_EQ(places("index-not-concurrent", "create table Public.T (a int);\n"
                                             "create index i on t (a);"),
              "");
    EXPECT_EQ(places("index-not-concurrent", "create table t (a int);\n"
                                             "alter table t rename to v;\n"
                                             "create index i on v (a);"),
              "");
}

TEST_F(Lint, TablesThatThePlanMakesAreNewAndOlderOnesAreNot) {
    write("1_a.up.sql", "create table old (a int);");
    write("2_b.up.sql", "create table fresh (a int);");
    write("3_c.up.sql", "create index i on fresh (a);\ncreate index j on old (a);");
    const Folder folder = good();
    const auto found = [&] {
        Texts texts = told(lint(folder, wanted));
        std::erase_if(texts, [](const std::string& one) { return !one.starts_with("index-"); });
        return texts;
    };
    EXPECT_EQ(found(), (Texts{"index-not-concurrent 1:1", "index-not-concurrent 2:1"}));
    wanted.from = 1;
    EXPECT_EQ(found(), (Texts{"index-not-concurrent 2:1"}));
    wanted.from = 0;
    EXPECT_EQ(found(), (Texts{}));
    wanted.from = 3;
    EXPECT_TRUE(lint(folder, wanted).empty());
}

TEST_F(Lint, LocksOnSmallTablesArePassedOverAndLargeOnesToldWithTheirSize) {
    wanted.sizes["t"] = {.rows = 100, .bytes = 8192};
    EXPECT_EQ(places("index-not-concurrent", "create index i on t (a);"), "");
    EXPECT_EQ(places("drop-table", "drop table t;"), "1:1");
    // Its rows are few, and there.
    EXPECT_EQ(places("not-null-without-default", "alter table t add a int not null;"), "1:15");
    wanted.sizes["t"] = {.rows = 0, .bytes = 0};
    EXPECT_EQ(places("not-null-without-default", "alter table t add a int not null;"), "");
    wanted.sizes["t"] = {.rows = 1'200'000, .bytes = 300 << 20};
    write("1_a.up.sql", "create index i on t (a);");
    const auto found = lint(good(), wanted);
    const auto index = std::ranges::find(found, "index-not-concurrent", &Finding::rule);
    ASSERT_NE(index, found.end());
    EXPECT_NE(index->message.find("'t' (1,200,000 rows, 300 MiB)"), std::string::npos)
        << index->message;
    EXPECT_EQ(index->file, "1_a.up.sql");
    EXPECT_EQ(index->level, Level::Warning);
}

// --- Waivers -----------------------------------------------------------------------------------

TEST_F(Lint, AWaiverPassesOverItsRuleInItsStatementOnly) {
    EXPECT_EQ(places("drop-column", "-- drydock: allow drop-column unused\n"
                                    "alter table t drop column a;\n"
                                    "alter table t drop column b;"),
              "3:15");
    EXPECT_EQ(places("drop-column", "alter table t drop a; -- drydock: allow drop-column unused"),
              "");
    EXPECT_EQ(places("rename-column", "-- drydock: allow drop-column unused\n"
                                      "alter table t drop a, rename b to c;"),
              "2:23");
}

TEST_F(Lint, AWaiverOfTheFileStandsAnywhereInIt) {
    EXPECT_EQ(places("missing-down", "create table t (a int);\n"
                                     "-- drydock: allow missing-down never taken back"),
              "");
}

TEST_F(Lint, AWaiverWithoutEffectIsToldAtItsLine) {
    EXPECT_EQ(places("unused-waiver", "create table t (a int);\n\n"
                                      "-- drydock: allow drop-column why\n"
                                      "alter table t add b int;"),
              "3:1");
    EXPECT_EQ(places("unused-waiver", "-- drydock: allow drop-colum why\nselect 1;"), "");
    EXPECT_EQ(places("unknown-rule", "-- drydock: allow drop-colum why\nselect 1;"), "1:1");
}

TEST_F(Lint, AWaiverIsUsedAlsoWhereTheTableIsSmallOrNewHere) {
    const std::string text = "-- drydock: allow index-not-concurrent few rows\n"
                             "create index i on t (a);";
    wanted.sizes["t"] = {.rows = 1, .bytes = 8192};
    EXPECT_EQ(places("unused-waiver", text), "");
    wanted.sizes.clear();
    write("1_a.up.sql", "create table t (a int);");
    write("2_b.up.sql", text);
    wanted.from = 0;
    for (const std::string& one : told(lint(good(), wanted)))
        EXPECT_FALSE(one.starts_with("unused-waiver")) << one;
}

}  // namespace
}  // namespace drydock::migrate
