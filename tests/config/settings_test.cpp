#include "engine/config/settings.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "engine/error.h"
#include "runbook/temporary_folder.h"

namespace drydock::config {
namespace {

std::vector<std::string> problems(const std::string& text) {
    std::vector<std::string> found;
    for (const auto& one : parse_settings(text, "/team/drydock.yaml").diagnostics) {
        found.push_back(std::to_string(one.place.line) + ":" + std::to_string(one.place.column) +
                        " " + one.message + " | " + one.hint);
    }
    return found;
}
using Lines = std::vector<std::string>;

TEST(Settings, ReadWhatATeamWrites) {
    const SettingsResult read = read_settings(std::string(DRYDOCK_DRAFTS) + "/drydock.yaml");
    for (const auto& one : read.diagnostics) ADD_FAILURE() << to_text(one);
    ASSERT_TRUE(read.settings);
    const Settings& settings = *read.settings;
    EXPECT_EQ(settings.journal, "sqlite:" + std::string(DRYDOCK_DRAFTS) + "/.drydock/journal.db");
    EXPECT_EQ(settings.runbooks, Lines{DRYDOCK_DRAFTS});
    EXPECT_EQ(settings.role_names(), (Lines{"dba", "security"}));
    EXPECT_EQ(settings.roles.at("dba"), (Lines{"dba1", "dba2"}));
    const Environment& staging = environment(settings, "staging");
    EXPECT_TRUE(staging.lifts_window);
    EXPECT_FALSE(staging.production);
    EXPECT_EQ(staging.env_file, std::string(DRYDOCK_DRAFTS) + "/.env.staging");
    EXPECT_EQ(staging.params[0].first, "rto");
    EXPECT_TRUE(environment(settings, "production").production);
    EXPECT_EQ(environment(settings, "production").env_file, "/etc/drydock/production.env");
    ASSERT_EQ(settings.notify.size(), 1U);
    EXPECT_EQ(settings.notify[0].webhook.kind, runbook::SecretSource::Kind::Env);
}

TEST(Settings, WhereNothingIsSaidAreEmpty) {
    const SettingsResult read = parse_settings("# journal: sqlite:j.db\n", "/team/drydock.yaml");
    ASSERT_TRUE(read.settings);
    EXPECT_TRUE(read.diagnostics.empty());
    EXPECT_TRUE(read.settings->journal.empty());
}

TEST(Settings, AreFoundUpward) {
    const runbook::TemporaryFolder folder;
    folder.write("drydock.yaml", "runbooks: [.]\n");
    folder.write("a/b/x", "");
    EXPECT_EQ(find_settings(folder.path("a/b")), folder.path("drydock.yaml"));
    folder.write("a/drydock.yaml", "runbooks: [.]\n");
    EXPECT_EQ(find_settings(folder.path("a/b")), folder.path("a/drydock.yaml"));
}

TEST(Settings, EveryMistakeIsFoundAtItsPlace) {
    EXPECT_EQ(
        problems("journal: mysql:x\nrunbook: [.]\nroles: {Dba: [a]}\nenvironments: {p: {producton: "
                 "true, window: {opens: \"02:00\"}}}\nnotify: [{when: [later]}]\n"),
        (Lines{"1:10 `journal` is `mysql:x`, which names no journal | write sqlite:PATH or "
               "postgres://…",
               "2:1 drydock.yaml has no key `runbook` | did you mean `runbooks`?",
               "3:9 `Dba` is no name of a role | small letters, digits, `_` and `-`",
               "4:20 the environment `p` has no key `producton` | did you mean `production`?",
               "4:45 a window has no `lasts` | write how long it is open: lasts: 2h",
               "4:45 a window has no `timezone` | write the time zone: timezone: Europe/Berlin",
               "5:10 an entry of `notify` has no `webhook` | say where to: webhook: {env: "
               "CHAT_WEBHOOK}",
               "5:18 an entry of `when` is one of waiting, stopped, succeeded, failed, undone, "
               "cancelled | "}));
}

TEST(Settings, HoldNoExpressionsAndNoSecrets) {
    EXPECT_EQ(problems("environments: {p: {params: {a: \"${x}\"}}}\n"),
              Lines{"1:32 no ${…} in settings | write the value out"});
    EXPECT_EQ(problems("notify: [{webhook: \"https://x\", when: [stopped]}]\n").size(), 1U);
}

TEST(Settings, ResolveTheJournalFromTheirFolder) {
    const auto journal = [](const std::string& written) {
        return parse_settings("journal: " + written + "\n", "/team/drydock.yaml").settings->journal;
    };
    EXPECT_EQ(journal("j.db"), "sqlite:/team/j.db");
    EXPECT_EQ(journal("sqlite:../j.db"), "sqlite:/j.db");
    EXPECT_EQ(journal("sqlite:/var/j.db"), "sqlite:/var/j.db");
    EXPECT_EQ(journal("postgres://h/db"), "postgres://h/db");
}

TEST(Settings, AnUnknownEnvironmentIsRefusedWithTheNearest) {
    const Settings settings =
        *parse_settings("environments: {production: {production: true}}\n", "/x/drydock.yaml")
             .settings;
    try {
        (void)environment(settings, "prodction");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Usage);
        EXPECT_EQ(error.hint(), "did you mean `production`?");
    }
}

TEST(Settings, NameTheTableOfTheMigrations) {
    const Settings settings =
        *parse_settings(
             "migrations:\n  table: audit.done\n  home_grown: {key_column: v, key: file "
             "name, checksum_column: sum, checksum: md5}\n",
             "/x/drydock.yaml")
             .settings;
    EXPECT_EQ(settings.migrations.table, "audit.done");
    EXPECT_EQ(settings.migrations.home_grown, Value(Value::Map{{"key_column", "v"},
                                                               {"key", "file name"},
                                                               {"checksum_column", "sum"},
                                                               {"checksum", "md5"}}));
    EXPECT_EQ(problems("migrations:\n  home_grown: {key: digits, checksum: md5, column: x}\n"),
              (Lines{"2:15 `home_grown` without a `table` | name the table of your program: table: "
                     "NAME",
                     "2:15 `home_grown` has no `key_column` | say which: key_column: version",
                     "2:15 `checksum` without `checksum_column` | name the column that holds it",
                     "2:21 `key` of `home_grown` is one of number, version, file name | ",
                     "2:44 `home_grown` has no key `column` | known keys: key_column, key, "
                     "checksum_column, checksum, applied_at_column"}));
}

TEST(Settings, SayWhereMigrationsAreAndWhatTheirVariablesStandFor) {
    const Migrations made =
        parse_settings("migrations: {folder: db/m, format: goose, variables: {A: x, B: '7'}}\n",
                       "/x/drydock.yaml")
            .settings->migrations;
    EXPECT_EQ(made.folder, "/x/db/m");
    EXPECT_EQ(made.format, "goose");
    EXPECT_EQ(made.variables, Value(Value::Map{{"A", "x"}, {"B", "7"}}));
    EXPECT_EQ(problems("migrations: {variables: [A]}\n"),
              (Lines{"1:25 `variables` is a map, here stands a list | write variables: {NAME: "
                     "value}"}));
}

TEST(Settings, AFileThatIsNotThereIsADiagnostic) {
    EXPECT_EQ(read_settings("/nonexistent/drydock.yaml").diagnostics.size(), 1U);
}

}  // namespace
}  // namespace drydock::config
