#include "engine/schema/wanted.h"

#include "tests/schema/databases.h"

namespace drydock::schema {
namespace {

TEST_F(PostgresTest, WhatIsThereIsFound) {
    sql("create schema app; create table app.u (a int, \"Odd\" int, constraint few check (a < 9)); "
        "create index by_a on app.u (a); alter database " +
        target_.name() + " set search_path = app, public");
    const Findings found =
        check(catalog(), {.indexes = {"by_a", "app.by_a"},
                          .columns = {{"u", {"a", "Odd"}}, {"app.u", {"a"}}, {"t", {"b"}}},
                          .constraints = {{"u", {"few"}}}});
    EXPECT_EQ(found.missing, Lines{});
    EXPECT_EQ(found.warnings, Lines{});
}

TEST_F(PostgresTest, WhatIsMissingIsNamedEach) {
    sql("create schema app; create index by_b on t (b); create table app.u (a int)");
    const Findings found =
        check(catalog(), {.indexes = {"by_a", "by_b"},
                          .columns = {{"t", {"a", "c", "d"}}, {"u", {"a"}}},
                          .constraints = {{"t", {"t_pkey", "few"}}, {"u", {"x"}}}});
    EXPECT_EQ(found.missing,
              (Lines{"there is no index by_a", "t has no column c", "t has no column d",
                     "there is no table u, but app.u, which is not in the search path",
                     "t has no constraint few"}));
    EXPECT_EQ(found.remedies, Lines{"make what is missing by its migration, then drydock resume"});
}

TEST_F(PostgresTest, AnIndexThatIsInvalidIsNotThere) {
    sql("create index by_b on t (b); "
        "update pg_index set indisvalid = false where indexrelid = 'by_b'::regclass");
    const Findings found =
        check(catalog(), {.indexes = {"by_b"}, .columns = {}, .constraints = {}});
    EXPECT_EQ(found.missing, Lines{"index by_b is INVALID, so no query uses it"});
    EXPECT_EQ(found.remedies, Lines{"drop the index by_b and build it again, then drydock resume"});
}

TEST_F(PostgresTest, AConstraintThatIsNotValidatedIsAWarning) {
    sql("alter table t add constraint few check (a < 9) not valid");
    const Findings found =
        check(catalog(), {.indexes = {}, .columns = {}, .constraints = {{"t", {"few"}}}});
    EXPECT_EQ(found.missing, Lines{});
    EXPECT_EQ(found.warnings,
              Lines{"constraint few of t holds for new rows only: it is NOT VALID; validate it"});
}

TEST_F(SqliteTest, TheSameIsSaidOfSqlite) {
    sql("create index by_b on t (b); create table u (a, constraint few check (a < 9))");
    const Findings found = check(catalog(), {.indexes = {"by_b", "by_a"},
                                             .columns = {{"t", {"a", "x"}}, {"none", {"a"}}},
                                             .constraints = {{"u", {"few", "many"}}}});
    EXPECT_EQ(found.missing, (Lines{"there is no index by_a", "there is no table none",
                                    "t has no column x", "u has no constraint many"}));
}

}  // namespace
}  // namespace drydock::schema
