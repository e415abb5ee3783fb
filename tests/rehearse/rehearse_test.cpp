#include "engine/rehearse/rehearse.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "engine/schema/difference.h"
#include "tests/doubles/engine_story.h"

namespace drydock::rehearse {
namespace {

class RehearseTest : public testing::Test {
  protected:
    RehearseTest() {
        story_.sql("app.db",
                   "create table users (id integer primary key, name text);"
                   "insert into users values (1, 'anna'), (2, 'ben'), (3, 'carl')");
    }
    Report rehearse(const std::string& steps,
                    const std::string& connections = "{app: {sqlite: app.db}}") {
        story_.write("book.yaml",
                     "runbook: demo\nconnections: " + connections + "\nsteps:\n" + steps);
        const execute::StartOptions options = story_.options({});
        EngineStory::Open open = story_.opened();
        open.engine.rehearsal = true;
        const PrivateFolder folder(story_.folder.path());
        private_ = folder.path();
        copies_ = copy_targets(open.engine, options, folder.path());
        return rehearse::rehearse(open.engine, options, copies_);
    }
    // "step status rows"
    static std::vector<std::string> told(const std::vector<Rehearsed>& steps) {
        std::vector<std::string> all;
        for (const Rehearsed& one : steps)
            all.push_back(one.step + " " + one.status + " " + std::to_string(one.rows) +
                          (one.one_batch ? " in one batch" : ""));
        return all;
    }
    using Told = std::vector<std::string>;

    EngineStory story_;
    Copies copies_;
    std::string private_;
};

constexpr const char* kAddTable = R"yaml(
  - id: add
    lua: |
      connections.app:exec("create table teams (id integer primary key)")
      connections.app:exec("insert into teams values (1), (2)")
    undo: {lua: 'connections.app:exec("drop table teams")'}
)yaml";
constexpr const char* kRename = R"yaml(
  - id: rename
    lua: connections.app:exec("update users set name = upper(name) where id < 3")
)yaml";

TEST_F(RehearseTest, RunsTheRealStepsOnACopyAndLeavesFileAndLogAsTheyAre) {
    story_.sql("app.db", "pragma journal_mode = wal");
    const pid_t child = ::fork();
    if (child == 0) {  // the newest row is only in the log of a program that died
        sqlite::Connection writer(story_.folder.file("app.db"), {.checkpoint_on_close = false});
        writer.exec("insert into users values (4, 'in the log')");
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    const std::string file = story_.read("app.db"), log = story_.read("app.db-wal");
    ASSERT_FALSE(log.empty());
    const Report report = rehearse(std::string(kAddTable) + kRename);
    EXPECT_EQ(told(report.steps), (Told{"add succeeded 2", "rename succeeded 2"}));
    EXPECT_EQ(report.databases.at(0).before.rows.at("users"), 4);
    EXPECT_EQ(story_.read("app.db"), file);
    EXPECT_EQ(story_.read("app.db-wal"), log);
    EXPECT_FALSE(std::filesystem::exists(private_)) << "the copies must not stay";
}

TEST_F(RehearseTest, ShowsTheSchemaBeforeAndAfterAndAfterTheUndo) {
    const Report report = rehearse(kAddTable);
    const Changes& app = report.databases.at(0);
    EXPECT_EQ(schema::lines(schema::difference(app.before.catalog, app.after.catalog)),
              Told{"+ table teams (id)"});
    EXPECT_TRUE(report.undo_tried);
    EXPECT_EQ(told(report.undo), Told{"add succeeded 0"});
    EXPECT_EQ(app.undone.catalog, app.before.catalog);
    EXPECT_FALSE(report.failed());
}

TEST_F(RehearseTest, SeesAnUndoThatBringsBackSomethingElse) {
    const Report report = rehearse(R"yaml(
  - id: swap
    lua: |
      connections.app:exec("drop table users")
    undo: {lua: 'connections.app:exec("create table users (id integer primary key)")'}
)yaml");
    const Changes& app = report.databases.at(0);
    EXPECT_EQ(schema::lines(schema::difference(app.before.catalog, app.undone.catalog)),
              Told{"- column users.name"});
    EXPECT_EQ(schema::changed_rows(app.before.rows, app.undone.rows), Told{"users 3 → 0"});
}

TEST_F(RehearseTest, RunsOneBatchOfMany) {
    const Report report = rehearse(R"yaml(
  - id: clean
    uses: sql.batches
    with:
      connection: app
      size: 1
      sql: delete from users where rowid in (select rowid from users limit :size)
)yaml");
    EXPECT_EQ(told(report.steps), Told{"clean succeeded 1 in one batch"});
    EXPECT_EQ(report.databases.at(0).after.rows.at("users"), 2);
}

TEST_F(RehearseTest, GoesOnToTheUndoAfterAStepThatFails) {
    const Report report = rehearse(std::string(kAddTable) + R"yaml(
  - {id: wrong, lua: 'connections.app:exec("insert into nowhere values (1)")'}
  - {id: never, lua: 'connections.app:query("select 1")'}
)yaml");
    EXPECT_TRUE(report.failed());
    EXPECT_EQ(told(report.steps), (Told{"add succeeded 2", "wrong failed 0", "never pending 0"}));
    EXPECT_NE(report.steps[1].error.find("no such table: nowhere"), std::string::npos);
    EXPECT_TRUE(report.undo_tried);
    const Changes& app = report.databases.at(0);
    EXPECT_EQ(app.undone.catalog, app.before.catalog);
}

TEST_F(RehearseTest, SaysThatNothingKnowsHowToUndoItself) {
    const Report report = rehearse(kRename);
    EXPECT_FALSE(report.undo_tried);
    EXPECT_EQ(report.no_undo, "nothing that was done knows how to undo itself");
}

TEST_F(RehearseTest, LeadsTwoConnectionsToOneDatabaseToOneCopy) {
    const Report report = rehearse(
        R"yaml(
  - {id: a, lua: 'connections.app:exec("insert into users values (9, ''x'')")'}
  - {id: b, lua: 'check(connections.eyes:value("select count(*) from users") == 4, "other file")'}
)yaml",
        "{app: {sqlite: app.db}, eyes: {sqlite: ./app.db, read_only: true}}");
    EXPECT_EQ(told(report.steps), (Told{"a succeeded 1", "b succeeded 0"}));
    EXPECT_EQ(copies_.made.size(), 1U);
    EXPECT_EQ(story_.ask("app.db", "select count(*) from users"), Value(3));
}

TEST_F(RehearseTest, NeverOpensWhatAStepWillName) {
    const Report report = rehearse(
        R"yaml(
  - id: where
    lua: return {path = "app.db"}
    returns: {path: string}
  - {id: a, lua: 'connections.later:exec("delete from users")'}
)yaml",
        "{app: {sqlite: app.db}, later: {sqlite: '${steps.where.path}'}}");
    ASSERT_EQ(report.left_out.size(), 1U);
    EXPECT_EQ(report.left_out[0].why,
              "connection later: its path is known only when a step has run");
    EXPECT_EQ(story_.ask("app.db", "select count(*) from users"), Value(3));
}

TEST_F(RehearseTest, RefusesADamagedDatabaseWithItsEvidence) {
    story_.write("app.db", "this is no database");
    try {
        (void)rehearse(kRename);
        ADD_FAILURE() << "it was copied";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Integrity);
        EXPECT_NE(error.message().find("begin with \"this is no datab\""), std::string::npos);
    }
}

// What the selection lets through by mistake, the engine still refuses.
TEST_F(RehearseTest, IsBoundToTransactionsByTheEngineItself) {
    const std::string book =
        "runbook: demo\nfiles: [out]\nsteps:\n"
        "  - {id: a, lua: 'fs.write(\"out/x\", \"y\")'}\n";
    std::filesystem::create_directory(story_.folder.file("out"));
    for (const bool rehearsal : {true, false}) {
        story_.write("book.yaml", book);
        const execute::StartOptions options = story_.options({});
        EngineStory::Open open = story_.opened();
        open.engine.rehearsal = rehearsal;
        const auto finished = execute::start_run(open.engine, options, {});
        EXPECT_EQ(finished.exit, rehearsal ? 1 : 0);
        EXPECT_EQ(std::filesystem::exists(story_.folder.file("out/x")), !rehearsal);
    }
}

}  // namespace
}  // namespace drydock::rehearse
