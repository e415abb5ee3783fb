#include "tests/runbooks/action_fixture.h"

namespace drydock::runbooks {
namespace {

class SqliteActions : public ActionTest {
  protected:
    static Value::Map check(bool must_pass, const char* mode = "full") {
        return {{"connection", "app"},
                {"mode", mode},
                {"foreign_keys", true},
                {"must_pass", must_pass}};
    }
};

TEST_F(SqliteActions, CheckFindsNothingInAWholeFile) {
    for (const char* const mode : {"quick", "full"}) {
        const auto output = perform("sqlite.check", check(true, mode));
        EXPECT_EQ(output.at("ok"), Value(true));
        EXPECT_EQ(output.at("summary"), Value("no problems"));
    }
}

TEST_F(SqliteActions, CheckFindsDamagedPages) {
    damage(file("app.db"), 3 * 4096, 4096);
    const auto output = perform("sqlite.check", check(false));
    EXPECT_EQ(output.at("ok"), Value(false));
    EXPECT_FALSE(output.at("problems").as<Value::List>().empty());
    const Error error = refusal("sqlite.check", check(true));
    EXPECT_EQ(error.code(), ErrorCode::Check);
    EXPECT_FALSE(error.hint().empty());
}

TEST_F(SqliteActions, CheckFindsAFileThatIsNoDatabaseAtAll) {
    damage(file("app.db"), 0, 4096);
    EXPECT_EQ(perform("sqlite.check", check(false)).at("ok"), Value(false));
}

TEST_F(SqliteActions, CheckFindsRowsThatPointToNothing) {
    outside(
        "create table child (u integer references users); insert into child values (1), (9999), "
        "(9998)");
    const Error error = refusal("sqlite.check", check(true));
    EXPECT_NE(error.message().find("2 rows of child point to no row of users"), std::string::npos)
        << error.message();
}

TEST_F(SqliteActions, SizeTellsTheFileItsFreePagesAndItsTables) {
    outside("create table big (a); insert into big values (zeroblob(100000)); delete from big");
    const auto output = perform("sqlite.size", {{"connection", "app"}});
    EXPECT_EQ(output.at("bytes").as<Size>().bytes,
              static_cast<std::int64_t>(std::filesystem::file_size(file("app.db"))));
    EXPECT_GT(output.at("free_bytes").as<Size>().bytes, 80'000);
    const Value first = output.at("tables").as<Value::List>().front();
    EXPECT_EQ(*first.member("name"), Value("users"));
    EXPECT_GT(first.member("bytes")->as<Size>().bytes, 4096);
}

TEST_F(SqliteActions, VacuumShrinksTheFileAlsoInWalMode) {
    outside(
        "pragma journal_mode = wal; create table big (a); insert into big values "
        "(zeroblob(1000000)); delete from big");
    const auto output = perform("sqlite.vacuum", {{"connection", "app"}});
    EXPECT_GT(output.at("before").as<Size>().bytes, 1'000'000);
    EXPECT_LT(output.at("after").as<Size>().bytes, 100'000);
    EXPECT_LT(std::filesystem::file_size(file("app.db")), 100'000U);
}

TEST_F(SqliteActions, AnalyzeCountsTheTablesItLookedAt) {
    EXPECT_EQ(perform("sqlite.analyze", {{"connection", "app"}}).at("tables"), Value(1));
}

TEST_F(SqliteActions, RecoveryPreservesSalvagesComparesAndReplaces) {
    const auto preserved =
        perform("sqlite.preserve", {{"connection", "app"}, {"to", file("aside")}});
    const std::string copy = preserved.at("path").as<std::string>();
    EXPECT_EQ(number(copy, "select count(*) from users"), 500);
    const auto salvaged = perform("sqlite.salvage", {{"from", copy}, {"to", file("aside")}});
    EXPECT_EQ(salvaged.at("rows_read"), Value(500));
    EXPECT_EQ(salvaged.at("rows_lost"), Value(0));
    outside("delete from users where id > 400");
    const auto compared =
        perform("sqlite.compare", {{"left", salvaged.at("path")}, {"right", copy}});
    EXPECT_EQ(compared.at("summary"), Value("the same rows in every table"));
    const auto replaced =
        perform("sqlite.replace", {{"connection", "app"}, {"from", salvaged.at("path")}});
    EXPECT_EQ(number(file("app.db"), "select count(*) from users"), 500);
    EXPECT_EQ(number(replaced.at("kept_as").as<std::string>(), "select count(*) from users"), 400);
}

TEST_F(SqliteActions, ReplaceIsCompletedByARepeatedAttemptAndTakesItselfBack) {
    perform("sqlite.preserve", {{"connection", "app"}, {"to", file("aside")}});
    outside("delete from users");
    const Value::Map with{{"connection", "app"}, {"from", file("aside/app.db")}};
    const auto output = perform("sqlite.replace", with);
    outside("delete from users where id > 100");  // the application goes on
    EXPECT_EQ(perform("sqlite.replace", with), output);
    EXPECT_EQ(number(file("app.db"), "select count(*) from users"), 100) << "nothing twice";
    execute::BodyCall call = call_of("replace", with);
    call.part = execute::BodyCall::Part::Undo;
    call.output = Value(output);
    call.recorded = Value(context_->recorded_);
    runner_.run(call, *context_);
    runner_.run(call, *context_);
    EXPECT_EQ(number(file("app.db"), "select count(*) from users"), 0);
}

TEST_F(SqliteActions, StageMakesADatabaseOfABackupADumpAndASealedBackup) {
    const Value key(Secret("key", "a long enough passphrase"));
    const auto plain = perform("backup.sqlite", {{"connection", "app"}, {"to", file("backups")}});
    const auto staged =
        perform("sqlite.stage", {{"from", plain.at("path")}, {"to", file("staging")}});
    EXPECT_EQ(staged.at("rows"), Value(500));
    EXPECT_EQ(staged.at("proven"), Value(true));
    EXPECT_EQ(number(staged.at("path").as<std::string>(), "select count(*) from users"), 500);
    context_->recorded_.clear();
    const auto sealed = perform(
        "backup.sqlite",
        {{"connection", "app"}, {"to", file("sealed")}, {"compress", true}, {"seal_with", key}});
    const Value::Map with{{"from", sealed.at("path")}, {"to", file("staging")}};
    EXPECT_EQ(refusal("sqlite.stage", with).code(), ErrorCode::Permission) << "no key";
    Value::Map opened = with;
    opened["seal_with"] = Secret("key", "another long passphrase");
    EXPECT_EQ(refusal("sqlite.stage", opened).code(), ErrorCode::Integrity) << "another key";
    opened["seal_with"] = key;
    EXPECT_EQ(perform("sqlite.stage", opened).at("rows"), Value(500));
}

}  // namespace
}  // namespace drydock::runbooks
