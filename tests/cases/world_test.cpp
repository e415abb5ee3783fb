#include "engine/cases/world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/error.h"
#include "engine/sqlite/connection.h"
#include "tests/cases/case_story.h"
#include "tests/doubles/temp_folder.h"

namespace drydock::cases {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Worlds : public testing::Test {
  protected:
    Worlds() { ::setenv("TMPDIR", folder.path().c_str(), 1); }
    ~Worlds() override { ::unsetenv("TMPDIR"); }
    [[nodiscard]] std::size_t worlds() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(folder.path()), {}));
    }
    TempFolder folder;
};

TEST_F(Worlds, AreGoneWithTheirCase) {
    {
        const World world;
        EXPECT_EQ(worlds(), 1U);
    }
    EXPECT_EQ(worlds(), 0U);
}

TEST_F(Worlds, ThatAKilledProgramLeftAreRemovedByTheNextAndOthersAreNot) {
    const World lives;
    const pid_t child = ::fork();
    if (child == 0) {
        const World left;
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    EXPECT_EQ(worlds(), 2U);
    const World next;
    EXPECT_EQ(worlds(), 2U);
    EXPECT_TRUE(std::filesystem::exists(lives.work()));
    EXPECT_TRUE(std::filesystem::exists(next.work()));
}

TEST_F(Worlds, AreFurnishedWithDatabasesAndFilesOfTheCase) {
    const World world;
    const std::string sql = folder.file("rows.sql");
    std::ofstream(sql) << "create table t (a); insert into t values (1), ('x');";
    Case one;
    one.connections["app"] = {.kind = Fixture::Kind::File, .text = sql};
    one.connections["bare"] = {};
    one.files["deep/config.yaml"] = {.kind = Fixture::Kind::Text, .text = "a: 1"};
    one.files["empty"] = {};
    const DatabasePaths databases{{"app", world.work() + "/app.db"},
                                  {"bare", world.work() + "/sub/bare.db"}};
    furnish(world, one, databases);
    const std::vector<std::string> first = describe(world, databases);
    EXPECT_THAT(first, ElementsAre("app: CREATE TABLE t (a)", "app.t: [\"x\"]", "app.t: [1]",
                                   "file app.db", "file deep", "file deep/config.yaml",
                                   "file empty", "file sub", "file sub/bare.db"));
    // A database as it is, also one that is no database.
    one.connections["bare"] = {.kind = Fixture::Kind::File, .text = world.work() + "/app.db"};
    const World other;
    const DatabasePaths copies{{"bare", other.work() + "/copy.db"}};
    furnish(other, one, copies);
    EXPECT_THAT(describe(other, copies), testing::Contains("bare.t: [1]"));
}

TEST_F(Worlds, TakeNoDatabaseElsewhere) {
    const World world;
    EXPECT_THROW(furnish(world, Case(), {{"app", folder.file("real.db")}}), Error);
    EXPECT_FALSE(std::filesystem::exists(folder.file("real.db")));
}

// The shipped runbook of the week, on a file whose pages were overwritten.
TEST_F(Worlds, ADamagedFileIsNeitherCleanedNorCompacted) {
    CaseStory story;
    const auto weekly = std::ranges::find(runbooks::shipped_runbooks(), "sqlite-weekly",
                                          &runbooks::ShippedRunbook::name);
    {
        sqlite::Connection made(story.folder.file("damaged.db"), {.mode = sqlite::Mode::Create});
        made.exec(
            "create table vulnerability_cache (cve_id text primary key, cache_expires_at text);"
            "with recursive n (i) as (select 1 union all select i + 1 from n where i < 500) "
            "insert into vulnerability_cache select 'CVE-' || i, '2000-01-01' from n");
    }
    std::fstream file(story.folder.file("damaged.db"),
                      std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(2 * 4096);
    for (int i = 0; i < 4096; ++i) file.put(static_cast<char>(i * 7 + 13));
    file.close();
    EXPECT_THAT(
        story.failures(std::string(weekly->text),
                       "cases: book.yaml\nconnections: {app: {file: damaged.db}}\nlist:\n"
                       "  - case: it\n    expect:\n      run: failed\n"
                       "      steps: {integrity: failed, expire: pending, vacuum: pending}\n"
                       "      error: {step: integrity, kind: check}\n"),
        IsEmpty());
}

}  // namespace
}  // namespace drydock::cases
