#include "engine/cli/database_url.h"

#include <gtest/gtest.h>

#include "engine/error.h"

namespace drydock::cli {
namespace {

TEST(DatabaseUrl, SaysTheSameAsTheVariables) {
    const config::Variables said =
        variables_of_url("postgres://anna:a%40b@db.example.com:6543/app?sslmode=require");
    const config::Variables wanted{
        {"POSTGRES_DB", "app"},          {"POSTGRES_HOST", "db.example.com"},
        {"POSTGRES_PASSWORD", "a@b"},    {"POSTGRES_PORT", "6543"},
        {"POSTGRES_SSLMODE", "require"}, {"POSTGRES_USER", "anna"}};
    EXPECT_EQ(said, wanted);
}

TEST(DatabaseUrl, WhatItCannotSayIsRefusedWithoutShowingIt) {
    for (const std::string url : {"postgres://anna:hidden1@db/app?search_path=x",
                                  "postgres://anna:hidden1@db/app?options=-csearch_path%3Dx",
                                  "postgres://anna:hidden1@[db/app"}) {
        try {
            (void)variables_of_url(url);
            ADD_FAILURE() << url;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::Usage);
            EXPECT_EQ(error.message().find("hidden1"), std::string::npos);
            EXPECT_NE(error.hint(), "");
        }
    }
}

TEST(DatabaseUrl, CountsOnlyWhereNothingElseSaysOtherwise) {
    config::Variables alone{{"DATABASE_URL", "postgresql://anna@db/app"}};
    add_database_url(alone);
    EXPECT_EQ(alone["POSTGRES_DB"], "app");
    EXPECT_EQ(alone["POSTGRES_USER"], "anna");
    config::Variables both{{"DATABASE_URL", "postgres://anna:hidden1@db/app"},
                           {"POSTGRES_HOST", "other"}};
    add_database_url(both);
    EXPECT_FALSE(both.contains("POSTGRES_PASSWORD")) << "for another server";
    EXPECT_THROW(refuse_contradicted_url(both["DATABASE_URL"], both), Error);
    config::Variables besides{{"DATABASE_URL", "postgres://anna@db/app"},
                              {"POSTGRES_PASSWORD", "hidden1"},
                              {"POSTGRES_HOST", "db"}};
    add_database_url(besides);
    EXPECT_EQ(besides["POSTGRES_DB"], "app");
    EXPECT_NO_THROW(refuse_contradicted_url(besides["DATABASE_URL"], besides));
    for (const char* url : {"mysql://anna@db/app", "postgres://[", "sqlite:app.db"}) {
        config::Variables others{{"DATABASE_URL", url}};
        add_database_url(others);
        EXPECT_EQ(others.size(), 1U) << url;
    }
}

TEST(DatabaseUrl, AFileIsNamedAsOthersNameIt) {
    EXPECT_EQ(file_of_url("sqlite:app.db"), "app.db");
    EXPECT_EQ(file_of_url("sqlite3://app.db?x=1"), "app.db");
    EXPECT_EQ(file_of_url("sqlite:///var/app.db"), "/var/app.db");
    EXPECT_EQ(file_of_url("app.db"), "");
}

}  // namespace
}  // namespace drydock::cli
