#include "engine/migrate/unfinished.h"

#include "tests/migrate/apply_fixture.h"

namespace drydock::migrate {
namespace {

using testing::Values;
using Texts = std::vector<std::string>;
using Is = UnfinishedPart::Is;

class UnfinishedTest : public Migrated {
  protected:
    // The second part fails until there is a table `outside`; of `first` parts before it none does.
    void write_in_parts(const std::string& first) const {
        write("000001_users.up.sql", "create table users (id integer primary key);\n");
        write("000001_users.down.sql", "drop table users;\n");
        write("000002_parts.up.sql",
              first + "begin;\ninsert into outside values (1);\ncommit;\n"
                      "begin;\ncreate table last (id integer);\ncommit;\n");
        write("000002_parts.down.sql", "drop table last;\n");
    }
    [[nodiscard]] std::string tools_row() const {
        return ask("select version || case when dirty then ' dirty' else '' end "
                   "from schema_migrations");
    }
    static constexpr const char* kFirst = "begin;\ncreate table first (id integer);\ncommit;\n";
};
INSTANTIATE_TEST_SUITE_P(On, UnfinishedTest, Values(sql::Driver::Sqlite, sql::Driver::Postgres),
                         sql::driver_name);

TEST_P(UnfinishedTest, SaysWhichStatementItWasAndWhatIsInTheDatabase) {
    write_in_parts(kFirst);
    EXPECT_EQ(refusal("head").code(), ErrorCode::Sql);
    const auto found = unfinished();
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(summary(*found),
              "000002_parts was begun up and did not end: 1 of its 3 parts are done; next is "
              "000002_parts.up.sql:5:1: insert into outside values (1) (nothing of it was "
              "committed)");
    EXPECT_NE(advice(*found).find("drydock migrate up, goes on with it"), std::string::npos);
    ASSERT_EQ(found->parts.size(), 3U);
    EXPECT_EQ(found->parts[0].is, Is::Done);
    EXPECT_EQ(found->parts[2].place, "000002_parts.up.sql:8:1");
    EXPECT_FALSE(found->untouched);
}

TEST_P(UnfinishedTest, WayBackOfOneThatIsHalfDoneIsRefusedAndRepairOnlyTells) {
    write_in_parts(kFirst);
    EXPECT_EQ(refusal("head").code(), ErrorCode::Sql);
    for (const char* const target : {"-1", "1", "base"}) {
        const Error error = refusal(target);
        EXPECT_EQ(error.code(), ErrorCode::Refused) << target;
        EXPECT_NE(error.message().find("1 of its 3 parts are done"), std::string::npos);
    }
    EXPECT_EQ(ask("select count(*) from first"), "0") << "nothing was completed on the way";
    EXPECT_EQ(repair(), "");
    EXPECT_EQ(tools_row(), "2 dirty");
    // Either it goes on, or somebody says how it stands.
    EXPECT_EQ(force("2"), "000002 counts as applied");
    EXPECT_EQ(tools_row(), "2");
    EXPECT_EQ(recorded(), "up 000001, force 000002");
    EXPECT_FALSE(unfinished().has_value());
}

TEST_P(UnfinishedTest, MarkGoesWhenNothingOfItTookEffect) {
    write_in_parts("");
    EXPECT_EQ(refusal("head").code(), ErrorCode::Sql);
    EXPECT_EQ(tools_row(), "2 dirty");
    EXPECT_TRUE(unfinished()->untouched);
    EXPECT_EQ(repair(), "000002 its mark goes");
    EXPECT_EQ(tools_row(), "1");
    EXPECT_EQ(recorded(), "up 000001");
    outside("create table outside (id integer)");
    EXPECT_EQ(done("head"), Texts{"up 000002"});
}

TEST_P(UnfinishedTest, WayBackOfOneThatTookNoEffectIsToTakeItsMarkAway) {
    write_in_parts("");
    EXPECT_EQ(refusal("head").code(), ErrorCode::Sql);
    EXPECT_EQ(done("1"), Texts{});
    EXPECT_EQ(tools_row(), "1");
    EXPECT_EQ(refusal("head").code(), ErrorCode::Sql);
    EXPECT_EQ(done("base"), Texts{"down 000001"});
    EXPECT_EQ(tools_row(), "");
}

// A mistake in the first part is mended in the file, and it is run anew.
TEST_P(UnfinishedTest, MendedFileIsRunAnewWhenNothingOfItTookEffect) {
    write_in_parts("");
    EXPECT_EQ(refusal("head").code(), ErrorCode::Sql);
    write("000002_parts.up.sql", "create table last (id integer);\n");
    EXPECT_EQ(done("head"), Texts{"up 000002"});
    EXPECT_EQ(tools_row(), "2");
}

TEST_P(UnfinishedTest, MarkOfAToolIsToldByWhatTheCatalogHas) {
    write("000001_users.up.sql",
          "create table users (id integer primary key);\ncreate index by_id on users (id);\n"
          "alter table users add column name text;\ninsert into users (id) values (1);\n");
    outside("create table schema_migrations (version bigint not null primary key, dirty boolean "
            "not null); insert into schema_migrations (version, dirty) values (1, true)");
    auto found = unfinished();
    EXPECT_TRUE(found->untouched) << "one transaction, and its table is not there";
    EXPECT_EQ(found->parts[3].is, Is::Unknown);
    outside("create table users (id integer primary key)");
    found = unfinished();
    EXPECT_FALSE(found->untouched);
    EXPECT_EQ(found->next()->place, "000001_users.up.sql:2:1");
    EXPECT_NE(advice(*found).find("force"), std::string::npos);
    EXPECT_NE(refusal("head").message().find("by the mark of its tool"), std::string::npos);
    outside("drop table users");
    EXPECT_EQ(repair(), "000001 its mark goes");
    EXPECT_EQ(tools_row(), "");
    EXPECT_EQ(done("head"), Texts{"up 000001"});
}

class ServerUnfinished : public UnfinishedTest {};
INSTANTIATE_TEST_SUITE_P(On, ServerUnfinished, Values(sql::Driver::Postgres), sql::driver_name);

TEST_P(ServerUnfinished, IndexThatWasLeftHalfDoneGoesWithTheMark) {
    outside("create table users (id integer); insert into users values (1), (1)");
    write("1_index.up.sql", "create unique index concurrently one on users (id);\n");
    EXPECT_EQ(refusal("head").code(), ErrorCode::Sql);
    const auto found = unfinished();
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->next()->is, Is::Half);
    EXPECT_EQ(found->next()->evidence, "the catalog has it, and not valid");
    EXPECT_EQ(repair(), "1 its mark goes");
    EXPECT_EQ(ask("select count(*) from pg_index where indrelid = 'users'::regclass"), "0");
    EXPECT_EQ(ask("select count(*) from schema_migrations"), "0");
}

TEST_P(ServerUnfinished, WhatTookEffectBeforeItWasNotedIsNotForgotten) {
    outside("create table users (id integer)");
    write("1_index.up.sql", "create index concurrently one on users (id);\n");
    struct Cut {};
    after_alone_ = [] { throw Cut(); };
    EXPECT_THROW(go("head"), Cut);
    after_alone_ = {};
    const auto found = unfinished();
    EXPECT_FALSE(found->untouched);
    EXPECT_EQ(found->parts.front().evidence, "by the catalog it took effect");
    EXPECT_EQ(repair(), "");
    EXPECT_EQ(refusal("base").code(), ErrorCode::Refused);
    EXPECT_EQ(done("head"), Texts{"up 1"});
}

TEST_P(ServerUnfinished, WhatNobodyCanTellIsNotForgotten) {
    struct Cut {};
    after_alone_ = [] { throw Cut(); };
    write("1_x.up.sql", "drop tablespace if exists no_such_space;\n");
    EXPECT_THROW(go("head"), Cut);
    EXPECT_EQ(unfinished()->next()->is, Is::Unknown);
    EXPECT_EQ(repair(), "");
    EXPECT_NE(refusal("base").hint().find("by hand"), std::string::npos);
    force("base");
    // Again it does no harm; but it took effect.
    write("1_x.up.sql", "alter system set work_mem = '5MB';\nalter system reset work_mem;\n");
    EXPECT_THROW(go("head"), Cut);
    EXPECT_EQ(unfinished()->next()->is, Is::Half);
    EXPECT_EQ(repair(), "");
    after_alone_ = {};
    EXPECT_EQ(done("head"), Texts{"up 1"});
}

}  // namespace
}  // namespace drydock::migrate
