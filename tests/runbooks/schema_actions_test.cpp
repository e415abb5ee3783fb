#include "tests/runbooks/action_fixture.h"

namespace drydock::runbooks {
namespace {

using SchemaActions = ActionTest;

TEST_F(SchemaActions, CompareTellsWhatHasChangedSinceASnapshot) {
    const auto before = perform("schema.snapshot", {{"connection", "app"}});
    EXPECT_EQ(before.at("digest").as<std::string>().size(), 64U);
    outside("alter table users add column mail text; create index by_mail on users (mail)");
    const auto after =
        perform("schema.compare", {{"connection", "app"}, {"before", before.at("snapshot")}});
    EXPECT_EQ(after.at("summary"), Value("1 column added, 1 index added"));
    const auto& changes = after.at("changes").as<Value::List>();
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(*changes[0].member("name"), Value("users.mail"));
    EXPECT_EQ(*changes[0].member("change"), Value("added"));
    EXPECT_EQ(context_->logs_,
              (std::vector<std::string>{"info + column users.mail text",
                                        "info + create index by_mail on users(mail)"}));
    EXPECT_NE(perform("schema.snapshot", {{"connection", "app"}}).at("digest"),
              before.at("digest"));
}

TEST_F(SchemaActions, CompareSeesWhatItsOwnStepHasChanged) {
    const auto before = perform("schema.snapshot", {{"connection", "app"}});
    run("connections.app:exec('create table teams (id integer primary key)')");
    EXPECT_EQ(perform("schema.compare", {{"connection", "app"}, {"before", before.at("snapshot")}})
                  .at("summary"),
              Value("1 table added"));
}

TEST_F(SchemaActions, CompareTakesOnlyASnapshot) {
    const Error error = refusal("schema.compare", {{"connection", "app"}, {"before", "yesterday"}});
    EXPECT_EQ(error.code(), ErrorCode::Lua);
    EXPECT_NE(error.message().find("this is no snapshot of a schema"), std::string::npos);
}

TEST_F(SchemaActions, CheckNamesEachThatIsMissingWithTheRemedy) {
    outside("create index by_name on users (name)");
    const Value::Map there{{"indexes", Value::List{"by_name"}},
                           {"columns", Value::Map{{"users", Value::List{"id", "name"}}}},
                           {"constraints", Value::Map{}}};
    EXPECT_EQ(perform("schema.check", {{"connection", "app"}, {"has", there}}).at("warnings"),
              Value(Value::List{}));
    const Value::Map missing{{"indexes", Value::List{"by_mail"}},
                             {"columns", Value::Map{{"users", Value::List{"mail"}}}},
                             {"constraints", Value::Map{{"users", Value::List{"few"}}}}};
    const Error error = refusal("schema.check", {{"connection", "app"}, {"has", missing}});
    EXPECT_EQ(error.code(), ErrorCode::Check);
    for (const char* part :
         {"there is no index by_mail", "users has no column mail", "users has no constraint few"})
        EXPECT_NE(error.message().find(part), std::string::npos) << error.message();
    EXPECT_EQ(error.hint(), "make what is missing by its migration, then drydock resume");
}

}  // namespace
}  // namespace drydock::runbooks
