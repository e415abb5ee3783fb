#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>

#include "engine/crypto/digest.h"
#include "tests/doubles/engine_story.h"
#include "tests/sql/drivers.h"

// Whole runs whose steps write rows into files: what is there afterwards, and what is not.
namespace drydock::execute {
namespace {

using run::RunStatus;

// No file that this process writes grows larger; a larger one fails as on a full disk, with an
// error and not with a signal. The journal of the test is small.
class SmallFiles final {
  public:
    explicit SmallFiles(rlim_t bytes) : before_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &limit_);
        const rlimit small{.rlim_cur = bytes, .rlim_max = limit_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~SmallFiles() {
        ::setrlimit(RLIMIT_FSIZE, &limit_);
        std::signal(SIGXFSZ, before_);
    }
    SmallFiles(const SmallFiles&) = delete;
    SmallFiles& operator=(const SmallFiles&) = delete;

  private:
    void (*before_)(int);
    rlimit limit_{};
};

class CopyOutRun : public testing::TestWithParam<sql::Driver> {
  protected:
    CopyOutRun() {
        story_.clock = &system_clock();
        std::filesystem::create_directory(story_.folder.file("out"));
        // On PostgreSQL the target has it.
        story_.sql("app.db", "create table t (a integer primary key, b text)");
    }
    void fill(const std::string& statements) const {
        on_postgres() ? target_.outside(statements) : story_.sql("app.db", statements);
    }
    [[nodiscard]] bool on_postgres() const { return GetParam() == sql::Driver::Postgres; }
    [[nodiscard]] std::string book(const std::string& lua, const std::string& more = "") const {
        const auto& server = test::PostgresServer::shared();
        const std::string main =
            on_postgres() ? "{postgres: \"" + server.socket_folder() +
                                "\", port: " + std::to_string(server.port()) +
                                ", database: " + target_.name() + ", user: postgres}"
                          : "{sqlite: app.db}";
        return "runbook: demo\nfiles: [out]\nconnections:\n  main: " + main +
               "\nsteps:\n  - id: export\n" + more + "    lua: |\n      " + lua + "\n";
    }
    [[nodiscard]] std::string many_rows(int count) const {
        const std::string number = std::to_string(count);
        return on_postgres()
                   ? "select generate_series(1, " + number + ") as n, repeat('x', 100) as pad"
                   : "with recursive c(n) as (select 1 union all select n + 1 from c where n < " +
                         number + ") select n, hex(zeroblob(50)) as pad from c";
    }
    [[nodiscard]] std::size_t files() const {
        std::size_t found = 0;
        for (const auto& entry : std::filesystem::directory_iterator(story_.folder.file("out")))
            found += entry.exists() ? 1 : 0;
        return found;
    }

    sql::PostgresTarget target_;
    EngineStory story_;
};

TEST_P(CopyOutRun, WritesThePrivateFileWholeAndSaysWhatIsInIt) {
    story_.write("out/rows.csv", "what was there before");
    fill("insert into t values (1, 'x'), (2, null)");
    EXPECT_EQ(story_
                  .start(book("return connections.main:copy_out{to = 'out/rows.csv', table = 't', "
                              "columns = {'b', 'a'}}",
                              "    returns: {path: string, rows: integer, bytes: integer, sha256: "
                              "string}\n"))
                  .status,
              RunStatus::Succeeded)
        << story_.error_of("export");
    const std::string text = "b,a\nx,1\n,2\n";
    EXPECT_EQ(story_.read("out/rows.csv"), text);
    EXPECT_EQ(story_.output("export", "rows"), Value(2));
    EXPECT_EQ(story_.output("export", "bytes"), Value(static_cast<std::int64_t>(text.size())));
    EXPECT_EQ(story_.output("export", "sha256"), Value(crypto::to_hex(crypto::sha256(text))));
    struct stat found {};
    ASSERT_EQ(::stat(story_.folder.file("out/rows.csv").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U);
    EXPECT_EQ(files(), 1U);
    // As for other files: the journal says that it was begun, and that it ended.
    const journal::LoadedRun run = story_.load();
    ASSERT_EQ(run.state.find("do/export")->effects.size(), 1U);
    EXPECT_EQ(run::name_of(run.state.find("do/export")->effects[0].result), "ok");
}

TEST_P(CopyOutRun, StoppedInTheMiddleItLeavesWhatWasThere) {
    story_.write("out/rows.csv", "what was there before");
    const Microseconds began = system_clock().boot();
    EXPECT_NE(story_
                  .start(book("connections.main:copy_out{to = 'out/rows.csv', sql = [[" +
                                  many_rows(50'000'000) + "]]}",
                              "    timeout: 2s\n"))
                  .exit,
              0);
    EXPECT_LT(system_clock().boot() - began, Microseconds(8'000'000));
    EXPECT_EQ(story_.read("out/rows.csv"), "what was there before");
    EXPECT_EQ(files(), 1U);
    EXPECT_GT(story_.observer.progressed, 0) << "it had not yet begun to write";
}

TEST_P(CopyOutRun, WithoutRoomItSaysSoAndLeavesNothing) {
    {
        const SmallFiles small(1 << 20);
        EXPECT_EQ(story_
                      .start(book("connections.main:copy_out{to = 'out/rows.csv', sql = [[" +
                                  many_rows(100'000) + "]]}"))
                      .exit,
                  1);
    }
    EXPECT_NE(story_.error_of("export").find("writing rows.csv: File too large"),
              std::string::npos)
        << story_.error_of("export");
    EXPECT_EQ(files(), 0U);
}

TEST_P(CopyOutRun, IsRefusedWhereAStepMayOnlyReadOrIsRehearsed) {
    const std::string lua = "connections.main:copy_out{to = 'out/rows.csv', table = 't'}";
    story_.write("book.yaml", book(lua));
    const StartOptions options = story_.options({});
    {
        EngineStory::Open open = story_.opened();
        open.engine.rehearsal = true;
        EXPECT_EQ(start_run(open.engine, options, {}).exit, 1);
    }
    EXPECT_EQ(files(), 0U);
}

TEST_P(CopyOutRun, IsRefusedOutsideOfTheFilesAndWithUncommittedWrites) {
    const std::string outside = "connections.main:copy_out{to = 'rows.csv', table = 't'}";
    EXPECT_EQ(story_.start(book(outside)).exit, 1);
    EXPECT_NE(story_.error_of("export").find("is not beneath files"), std::string::npos)
        << story_.error_of("export");
    story_.cancel();
    EXPECT_EQ(story_
                  .start(book("connections.main:exec(\"insert into t values (9, 'x')\")\n"
                              "      connections.main:copy_out{to = 'out/rows.csv', table = 't'}"))
                  .exit,
              1);
    EXPECT_NE(story_.error_of("export").find("uncommitted writes"), std::string::npos)
        << story_.error_of("export");
    EXPECT_EQ(files(), 0U);
}

TEST_P(CopyOutRun, SaysWhatIsWrongWithItsOptions) {
    const std::vector<std::pair<std::string, std::string>> wrong{
        {"table = 't'", "copy_out needs `to`"},
        {"to = 'out/x'", "copy_out needs `sql` or `table`, and not both"},
        {"to = 'out/x', table = 't', sql = 'select 1'", "and not both"},
        {"to = 'out/x', table = 't', format = 'xml'", "there is no format `xml`"},
        {"to = 'out/x', table = 't', format = 'text', header = true", "has no header"},
        {"to = 'out/x', table = 't', args = {1}", "`args` are values of `sql`"},
        {"to = 'out/x', sql = 'select 1', columns = {'a'}", "`columns` are those of a `table`"},
        {"to = 'out/x', table = 't', headr = false", "copy_out takes no `headr`"}};
    for (const auto& [options, message] : wrong) {
        EXPECT_EQ(story_.start(book("connections.main:copy_out{" + options + "}")).exit, 1);
        EXPECT_NE(story_.error_of("export").find(message), std::string::npos)
            << story_.error_of("export");
        story_.cancel();
    }
    EXPECT_EQ(files(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Drivers, CopyOutRun,
                         testing::Values(sql::Driver::Sqlite, sql::Driver::Postgres),
                         sql::driver_name);

}  // namespace
}  // namespace drydock::execute
