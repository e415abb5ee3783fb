#include <fstream>

#include "tests/runbooks/shipped_story.h"

namespace drydock::test {
namespace {

constexpr std::string_view kExpired =
    "select count(*) from vulnerability_cache where datetime(cache_expires_at) < '2026'";
constexpr std::string_view kAll = "select count(*) from vulnerability_cache";

class WeeklyMaintenance : public ShippedRunbook {
  protected:
    [[nodiscard]] std::int64_t count(std::string_view query) const {
        return std::stoll(answer(std::string(query)));
    }
    // The exported runbook, for tests that cannot wait as long as an operator can.
    void export_with_little_patience() const {
        ASSERT_EQ(program.run({"runbooks", "export", "sqlite-weekly", "mine"}).exit, 0);
        std::string text = program.folder().get("mine/sqlite-weekly/runbook.yaml");
        const std::size_t at = text.find("busy_timeout: 30s");
        ASSERT_NE(at, std::string::npos);
        program.folder().put("mine/sqlite-weekly/runbook.yaml",
                             text.replace(at, 17, "busy_timeout: 100ms"));
    }
};

TEST_F(WeeklyMaintenance, a_healthy_file_with_nothing_to_do_keeps_every_row) {
    {
        sqlite::Connection made(program.folder() / "app.db", {.mode = sqlite::Mode::Create});
        made.exec("create table vulnerability_cache (cve_id text, cache_expires_at text)");
        made.exec("insert into vulnerability_cache values ('CVE-1', '2999-01-01 00:00:00')");
    }
    const Ended ended = program.run(weekly());
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    expect_told(ended.out, {"vacuum skipped", "SUCCEEDED sqlite-weekly", "rows_deleted: 0"});
    EXPECT_EQ(count(kAll), 1);
}

TEST_F(WeeklyMaintenance, expired_rows_of_both_notations_go_and_the_file_shrinks) {
    make_cache(24'000);
    const std::size_t before = bytes().size();
    const Ended ended = program.run(weekly());
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    expect_told(ended.out, {"vacuum succeeded", "rows_deleted: 12000"});
    EXPECT_EQ(count(kExpired), 0);
    EXPECT_EQ(count(kAll), 12'000);
    EXPECT_EQ(answer("pragma integrity_check"), "ok");
    EXPECT_LT(bytes().size(), before * 6 / 10);
    EXPECT_GT(count("select count(*) from sqlite_stat1"), 0);
}

TEST_F(WeeklyMaintenance, a_column_that_is_not_there_is_an_error_and_no_text_to_compare_with) {
    make_cache(100);
    // As a string this would be older than now: every row would go.
    const Ended ended = program.run(weekly({"-p", "expires=2000-01-01"}));
    EXPECT_EQ(ended.exit, 1) << ended.out;
    expect_told(ended.out, {"no such column: 2000-01-01", "-p expires=…"});
    EXPECT_EQ(count(kAll), 100);
}

TEST_F(WeeklyMaintenance, a_locked_file_is_left_alone_and_who_holds_it_is_named) {
    make_cache(100);
    const std::string before = bytes();
    export_with_little_patience();
    ChildProcess other([this](const ChildProcess::Line& line) {
        sqlite::Connection holder(program.folder() / "app.db", {});
        holder.exec("begin exclusive");
        line.tell("locked");
        (void)line.hear();
    });
    ASSERT_EQ(other.hear(), "locked");
    const Ended ended =
        program.run({"run", "mine/sqlite-weekly/runbook.yaml", "-p", "database=app.db"});
    EXPECT_EQ(ended.exit, 1);
    expect_told(ended.out, {"app.db is locked", "pid " + std::to_string(other.pid()),
                            "drydock_shipped", "hint: let that program finish",
                            "Nothing was changed", "--retry integrity"});
    other.kill();
    EXPECT_EQ(bytes(), before);
    EXPECT_EQ(program.run({"resume", "last", "--retry", "integrity"}).exit, 0);
    EXPECT_EQ(count(kExpired), 0);
}

TEST_F(WeeklyMaintenance, a_corrupt_file_is_told_and_not_touched) {
    make_cache(4'000);
    overwrite_pages(20, 5);
    const std::string before = bytes();
    const Ended ended = program.run(weekly());
    EXPECT_EQ(ended.exit, 1);
    expect_told(ended.out, {"FAILED at integrity (1 of 7)", "problems, first: ",
                            "sqlite-weekly (shipped):", "hint: change nothing in this file",
                            "do not compact it"});
    // The first problem, not a screen of them.
    EXPECT_LT(ended.out.size(), 2'000U) << ended.out;
    EXPECT_EQ(bytes(), before);
    const Ended shown = program.run({"show", "last", "--json"});
    for (const char* step : {"before", "room", "expire", "vacuum", "analyse", "after"}) {
        const std::size_t at = shown.out.find("\"id\":\"" + std::string(step) + "\"");
        ASSERT_NE(at, std::string::npos) << shown.out;
        EXPECT_NE(shown.out.substr(at, 200).find("\"status\":\"pending\""), std::string::npos)
            << shown.out.substr(at, 200);
    }
    const Ended exported = program.run({"audit", "export", "last"});
    EXPECT_NE(exported.out.find(R"(\"kind\":\"check\")"), std::string::npos) << exported.out;
}

TEST_F(WeeklyMaintenance, a_file_whose_first_page_is_gone_is_damaged_too) {
    make_cache(400);
    overwrite_pages(0, 1);
    const std::string before = bytes();
    const Ended ended = program.run(weekly());
    EXPECT_EQ(ended.exit, 1);
    expect_told(ended.out, {"app.db: file is not a database", "hint: change nothing"});
    EXPECT_EQ(bytes(), before);
}

TEST_F(WeeklyMaintenance, a_file_that_is_no_database_stays_as_it_is) {
    program.put("app.db", "notes of somebody, not a database\n");
    const Ended ended = program.run(weekly());
    EXPECT_EQ(ended.exit, 1);
    expect_told(ended.out, {"app.db: file is not a database"});
    EXPECT_EQ(bytes(), "notes of somebody, not a database\n");
}

TEST_F(WeeklyMaintenance, a_file_that_is_missing_is_named_and_not_made) {
    const Ended ended = program.run(weekly());
    EXPECT_EQ(ended.exit, 1);
    expect_told(ended.out, {"there is no database file " + (program.folder() / "app.db"),
                            "hint: Drydock never creates a target"});
    EXPECT_FALSE(std::filesystem::exists(program.folder() / "app.db"));
}

TEST_F(WeeklyMaintenance, a_param_that_is_missing_is_asked_for_by_its_name) {
    const Ended ended = program.run({"run", "sqlite-weekly"});
    EXPECT_EQ(ended.exit, 2);
    expect_told(ended.err, {"sqlite-weekly (shipped):", "`database` must be given",
                            "hint: add -p database=…"});
    EXPECT_FALSE(std::filesystem::exists(program.journal()));
}

}  // namespace
}  // namespace drydock::test
