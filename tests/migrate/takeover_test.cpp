#include "engine/migrate/apply.h"
#include "tests/migrate/tool_statements.h"
#include "tests/migrate/tool_story.h"

// A database that a tool has migrated half way is taken over, and given back.
namespace drydock::migrate {
namespace {

using Case = std::tuple<std::size_t, sql::Driver>;

class Takeover : public ToolStory, public testing::WithParamInterface<Case> {
  protected:
    void SetUp() override {
        use(std::get<1>(GetParam()));
        for (const auto& [name, text] : tool_.files) write(name, text);
        target_->outside(tool_.make(server()));
    }
    // The tool with its files: one transaction each.
    void tool_up(std::size_t index) const {
        target_->outside("begin;" + up_text(index) + tool_.up(index) + "commit;");
    }
    void tool_down(std::size_t index) const {
        target_->outside("begin;" + down_text(index) + tool_.down(index) + "commit;");
    }
    [[nodiscard]] Texts tool_reads() const { return tool_.reads(*target_->open()); }
    [[nodiscard]] Texts first(std::size_t count) const {
        return {tool_.keys.begin(), tool_.keys.begin() + static_cast<std::ptrdiff_t>(count)};
    }
    // Ours, as a step of a new run.
    Applied apply_to(const std::string& target) {
        const Folder folder = good();
        const auto database = target_->open();
        scope_.run = "01RUN" + std::to_string(++runs_);
        ApplyOptions how{.tool = settings_, .who = "anna", .run = scope_.run};
        how.lock_wait = Microseconds(150'000);
        sql::StepSession session("main", *database, scope_, hooks(), system_clock(), cancel_);
        return apply(session, folder, target_from(target), how);
    }
    // All that is in the database, in the schema of the team.
    [[nodiscard]] Texts names() const {
        Texts found;
        target_->open()->run(server() ? "select relname from pg_class where relnamespace = "
                                        "'public'::regnamespace order by 1"
                                      : "select name from sqlite_schema order by 1",
                             {}, sql::Access::Read, [&](const sql::Row& row) {
                                 found.push_back(to_text(row.value(0)));
                                 return true;
                             });
        return found;
    }
    [[nodiscard]] std::string tables() const {
        std::string found;
        const char* const statement =
            server() ? "select relname from pg_class where relkind = 'r' and relname ~ '^t[1-3]$' "
                       "order by 1"
                     : "select name from sqlite_schema where type = 'table' and name glob 't[1-3]' "
                       "order by 1";
        target_->open()->run(statement, {}, sql::Access::Read, [&](const sql::Row& row) {
            found += to_text(row.value(0));
            return true;
        });
        return found;
    }
    sql::SessionHooks hooks() {
        return {.allow_write = [](const sql::StepSession&, std::string_view) {},
                .check_stop = [] {},
                .begin_effect = [](std::string_view, std::string_view,
                                   const Value&) { return std::int64_t{1}; },
                .end_effect = [](std::int64_t, bool, std::string_view) {},
                .began_before = {},
                .progress = [this](std::int64_t, std::int64_t,
                                   std::string_view what) { before_(what); },
                .notice = [this](std::string_view, std::string_view text) { told_ += text; },
                .committed = [](std::string_view, std::string_view, std::int64_t) {}};
    }

    const Tool& tool_ = tools().at(std::get<0>(GetParam()));
    sql::ReceiptScope scope_{
        .run = "", .scope = "do/migrate", .journal = "uuid", .term = 1, .seq = 3, .attempt = 1};
    CancelToken cancel_;
    int runs_ = 0;
    std::string told_;
    std::function<void(std::string_view)> before_ = [](std::string_view) {};  // each migration
};

TEST_P(Takeover, GoesOnWhereTheToolStoppedAndTheToolWhereWeDid) {
    tool_up(0);
    EXPECT_EQ(apply_to("head").done.size(), 2U);
    EXPECT_EQ(tables(), "t1t2t3");
    EXPECT_EQ(tool_reads(), first(3));
    tool_down(2);
    EXPECT_EQ(apply_to("-1").done.size(), 1U);
    EXPECT_EQ(tables(), "t1");
    EXPECT_EQ(tool_reads(), first(1));
    tool_up(1);
    EXPECT_EQ(apply_to("head").done.size(), 1U);
    EXPECT_EQ(tables(), "t1t2t3");
    EXPECT_EQ(apply_to("base").done.size(), 3U);
    EXPECT_EQ(tables(), "");
    EXPECT_EQ(tool_reads(), first(0));
    tool_up(0);
    EXPECT_EQ(apply_to("head").done.size(), 2U);
    EXPECT_EQ(apply_to("head").done.size(), 0U);
}

TEST_P(Takeover, LeavesTheDatabaseToTheToolWhenOurTablesAreDropped) {
    const Texts before = all_of(*database_, tool_.table, tool_.times);
    tool_up(0);
    tool_up(1);
    const Texts by_the_tool = all_of(*target_->open(), tool_.table, tool_.times);
    const Texts with_the_tool = names();
    target_->outside("drop table t1; drop table t2; drop table " + tool_.table);
    if (tool_.format == Format::Flyway) target_->outside("drop view flyway_user");
    target_->outside(tool_.make(server()));
    EXPECT_EQ(all_of(*target_->open(), tool_.table, tool_.times), before);
    settings_.database = "app";
    apply_to("+2");
    target_->outside(server() ? "drop schema drydock cascade"
                              : "drop table drydock_migrations; drop table drydock_receipts");
    // But for the time that a migration took, and who it was.
    Texts by_us = all_of(*target_->open(), tool_.table, tool_.times);
    if (tool_.format == Format::Flyway) {
        for (std::string& row : by_us)
            row = std::regex_replace(row, std::regex("integer:\\d+ (boolean:true|integer:1) $"),
                                     "integer:1234 $1 ");
    }
    EXPECT_EQ(by_us, by_the_tool);
    EXPECT_EQ(names(), with_the_tool);
    EXPECT_EQ(apply_to("+1").done.size(), 1U);
    EXPECT_EQ(tool_reads(), first(3));
}

TEST_P(Takeover, WaitsForTheToolAndSaysForWhom) {
    const auto locks = history(good())->locks();
    for (const sql::AdvisoryKey& key : locks) {
        const auto other = target_->open();
        other->begin();
        other->run("select pg_advisory_xact_lock(" + std::to_string(key.id.value()) + ")", {},
                   sql::Access::Read, {});
        const Error error = sql::failure([&] { apply_to("head"); });
        EXPECT_EQ(error.code(), ErrorCode::Busy);
        EXPECT_NE(error.message().find(key.name), std::string::npos) << error.message();
        EXPECT_NE(error.message().find("held by pid"), std::string::npos) << error.message();
        EXPECT_NE(told_.find("waits for the advisory lock " + key.name), std::string::npos)
            << told_;
        EXPECT_EQ(tables(), "");
        other->rollback();
    }
    EXPECT_EQ(apply_to("head").done.size(), 3U);
}

TEST_P(Takeover, LeavesToAToolWithoutALockWhatThatWasFasterWith) {
    if (!server() || !history(good())->locks().empty()) return;  // nobody else can get in there
    bool faster = true;
    before_ = [&](std::string_view what) {
        if (what.find("002") != std::string_view::npos && std::exchange(faster, false)) tool_up(1);
    };
    const Applied applied = apply_to("head");
    ASSERT_EQ(applied.done.size(), 2U);
    EXPECT_EQ(tables(), "t1t2t3");
    EXPECT_EQ(tool_reads(), first(3));
    EXPECT_NE(told_.find("was done by another program meanwhile"), std::string::npos) << told_;
    Texts recorded;
    target_->open()->run("select action from drydock.migrations order by key", {},
                         sql::Access::Read, [&](const sql::Row& row) {
                             recorded.push_back(to_text(row.value(0)));
                             return true;
                         });
    EXPECT_EQ(recorded, (Texts{"up", "adopt", "up"}));
    faster = true;
    before_ = [&](std::string_view what) {
        if (what.find("002") != std::string_view::npos && std::exchange(faster, false))
            tool_down(1);
    };
    EXPECT_EQ(apply_to("base").done.size(), 2U);
    EXPECT_EQ(tables(), "");
}

// The table of a migration is there, and nobody says that the migration was applied.
TEST_P(Takeover, TellsOfAFailureThatNobodyElseHasDone) {
    target_->outside("create table t2 (id integer)");
    EXPECT_THROW(apply_to("head"), Error);
    EXPECT_EQ(told_.find("another program"), std::string::npos) << told_;
    EXPECT_EQ(tool_reads(), first(1));
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
    std::string name(format_name(tools().at(std::get<0>(info.param)).format));
    std::ranges::replace(name, '-', '_');
    return name + (std::get<1>(info.param) == sql::Driver::Sqlite ? "_sqlite" : "_postgres");
}

INSTANTIATE_TEST_SUITE_P(Tools, Takeover,
                         testing::Combine(testing::Range<std::size_t>(0, 6),
                                          testing::Values(sql::Driver::Sqlite,
                                                          sql::Driver::Postgres)),
                         case_name);

}  // namespace
}  // namespace drydock::migrate
