#include "engine/migrate/tool_history.h"

#include <set>

#include "engine/sql/advisory_lock.h"
#include "tests/migrate/tool_statements.h"
#include "tests/migrate/tool_story.h"

// What holds for every tool, on both databases: by its own statements (tool_statements.h).
namespace drydock::migrate {
namespace {

using Case = std::tuple<std::size_t, sql::Driver>;

class EachTool : public ToolStory, public testing::WithParamInterface<Case> {
  protected:
    void SetUp() override {
        use(std::get<1>(GetParam()));
        for (const auto& [name, text] : tool_.files) write(name, text);
        folder_read_ = good();
        ASSERT_EQ(keys(folder_read_), tool_.keys);
        ASSERT_EQ(folder_read_.format, tool_.format);
    }
    // The tool's deed, by its statements.
    void tool_makes() const { target_->outside(tool_.make(server())); }
    void tool_up(std::size_t index) const { target_->outside(tool_.up(index)); }
    void tool_down(std::size_t index) const { target_->outside(tool_.down(index)); }
    [[nodiscard]] Texts tool_reads() const { return tool_.reads(*target_->open()); }
    [[nodiscard]] Texts all() const { return all_of(*database_, tool_.table, tool_.times); }
    // What counts as applied, whatever the tool keeps of it.
    [[nodiscard]] Texts we_read() const {
        const ToolState state = this->state(folder_read_);
        EXPECT_TRUE(state.there);
        EXPECT_EQ(state.dirty, std::nullopt);
        if (!state.cumulative || state.applied.empty()) return state.applied;
        Texts up_to;
        for (const std::string& key : tool_.keys) {
            up_to.push_back(key);
            if (key == state.applied.back()) break;
        }
        return up_to;
    }
    [[nodiscard]] Texts first(std::size_t count) const {
        return {tool_.keys.begin(), tool_.keys.begin() + static_cast<std::ptrdiff_t>(count)};
    }

    const Tool& tool_ = tools().at(std::get<0>(GetParam()));
    Folder folder_read_;
};

TEST_P(EachTool, LeavesTheTableAsTheToolWould) {
    const Texts none = first(0);
    EXPECT_FALSE(state(folder_read_).there);
    up(folder_read_, 0);
    up(folder_read_, 1);
    const Texts ours_up = all();
    up(folder_read_, 2);
    down(folder_read_, 2);
    down(folder_read_, 1);
    const Texts ours_down = all();
    down(folder_read_, 0);
    const Texts ours_none = all();
    EXPECT_EQ(tool_reads(), none);

    target_->outside("drop table " + tool_.table);
    tool_makes();
    tool_up(0);
    tool_up(1);
    EXPECT_EQ(ours_up, all());
    tool_up(2);
    tool_down(2);
    tool_down(1);
    // A number that was given out is not given again, here as there.
    EXPECT_EQ(ours_down, all());
    tool_down(0);
    EXPECT_EQ(ours_none, all());
    EXPECT_GE(ours_none.size(), 1U);
}

TEST_P(EachTool, TakesTurnsWithTheTool) {
    tool_makes();
    EXPECT_EQ(we_read(), first(0));
    tool_up(0);
    EXPECT_EQ(we_read(), first(1));
    up(folder_read_, 1);
    EXPECT_EQ(we_read(), first(2));
    EXPECT_EQ(tool_reads(), first(2));
    tool_up(2);
    EXPECT_EQ(we_read(), first(3));
    down(folder_read_, 2);
    EXPECT_EQ(tool_reads(), first(2));
    tool_down(1);
    EXPECT_EQ(we_read(), first(1));
    up(folder_read_, 1);
    up(folder_read_, 2);
    EXPECT_EQ(tool_reads(), first(3));
    tool_down(2);
    tool_down(1);
    down(folder_read_, 0);
    EXPECT_EQ(tool_reads(), first(0));
    EXPECT_EQ(we_read(), first(0));
}

TEST_P(EachTool, SaysWhenItWasDoneIfTheToolKeepsIt) {
    tool_makes();
    tool_up(0);
    up(folder_read_, 1);
    const ToolState found = state(folder_read_);
    EXPECT_EQ(found.times.size(), tool_.times.empty() ? 0U : 2U);
    for (const auto& [key, time] : found.times) EXPECT_TRUE(time.starts_with("20")) << time;
}

TEST_P(EachTool, TakesNoOtherToolsTableForItsOwn) {
    settings_.table = "mine";
    target_->outside("create table mine (number integer, what text)");
    const Error error = sql::failure([&] { (void)state(folder_read_); });
    EXPECT_EQ(error.code(), ErrorCode::Refused);
    EXPECT_NE(error.message().find("mine (number, what) is not one of"), std::string::npos)
        << error.message();
    target_->outside("drop table mine");
    target_->outside("create table mine (id integer, version_id integer, is_applied boolean, "
                     "tstamp timestamp)");
    if (tool_.format == Format::Goose) {
        EXPECT_TRUE(state(folder_read_).there);
    } else {
        const std::string hint = sql::failure([&] { (void)state(folder_read_); }).hint();
        EXPECT_NE(hint.find("goose"), std::string::npos) << hint;
    }
}

TEST_P(EachTool, KeepsTablesWhateverTheyAreCalled) {
    const Texts names =
        server() ? Texts{R"("Audit Log"."my table")", R"(public."a.b")", R"("say ""it""")", "UPPER"}
                 : Texts{"my table", "a.b", R"("say ""it""")", "UPPER"};
    if (server()) target_->outside(R"(create schema "Audit Log")");
    for (const std::string& name : names) {
        settings_.table = name;
        up(folder_read_, 0);
        EXPECT_EQ(we_read(), first(1)) << name;
        const std::string shown = history(folder_read_)->table();
        settings_.table = shown;  // as records and messages name it
        EXPECT_EQ(we_read(), first(1)) << shown;
        up(folder_read_, 1);
        EXPECT_EQ(we_read(), first(2)) << shown;
        // An index has one name in a whole file: golang-migrate too can keep but one table there.
        if (!server()) target_->outside("drop index if exists version_unique");
    }
    settings_.table = R"("no end)";
    EXPECT_EQ(sql::failure([&] { (void)history(folder_read_); }).code(), ErrorCode::Document);
}

TEST_P(EachTool, WantsASchemaToMakeItsTableIn) {
    if (!server()) {  // which has none
        EXPECT_EQ(history(folder_read_)->table(), tool_.table);
        return;
    }
    EXPECT_EQ(history(folder_read_)->table(), "public." + tool_.table);
    target_->outside("alter role postgres in database " +
                     dynamic_cast<const sql::PostgresTarget&>(*target_).name() +
                     " set search_path to nowhere");
    database_ = target_->open();
    const Error error = sql::failure([&] { (void)history(folder_read_); });
    EXPECT_EQ(error.code(), ErrorCode::Refused);
    EXPECT_NE(error.hint().find("search_path"), std::string::npos);
    settings_.table = "public." + tool_.table;
    up(folder_read_, 0);
    EXPECT_EQ(we_read(), first(1));
}

TEST_P(EachTool, IsKeptOutByTheToolsLockAndKeepsItOut) {
    const auto locks = history(folder_read_)->locks();
    const bool has_one = server() && (tool_.format == Format::GolangMigrate ||
                                      tool_.format == Format::Goose ||
                                      tool_.format == Format::Flyway);
    EXPECT_EQ(!locks.empty(), has_one);
    const auto other = target_->open();
    for (const sql::AdvisoryKey& key : locks) {
        ASSERT_TRUE(key.id.has_value());
        sql::AdvisoryLock ours(*database_, key);
        for (const char* function : {"pg_try_advisory_lock", "pg_try_advisory_xact_lock"}) {
            const auto tool_takes = [&] {
                bool taken = false;
                other->run("select " + std::string(function) + "(" + std::to_string(*key.id) + ")",
                           {}, sql::Access::Read, [&](const sql::Row& row) {
                               taken = row.value(0) == Value(true);
                               return false;
                           });
                return taken;
            };
            other->begin();
            ASSERT_TRUE(tool_takes());
            EXPECT_FALSE(ours.try_acquire());
            EXPECT_NE(ours.holder().find("pid"), std::string::npos) << ours.holder();
            other->rollback();
            other->run("select pg_advisory_unlock_all()", {}, sql::Access::Read, {});
            ASSERT_TRUE(ours.try_acquire());
            EXPECT_FALSE(tool_takes());
            ours.release();
        }
    }
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
    std::string name(format_name(tools().at(std::get<0>(info.param)).format));
    std::ranges::replace(name, '-', '_');
    return name + (std::get<1>(info.param) == sql::Driver::Sqlite ? "_sqlite" : "_postgres");
}

INSTANTIATE_TEST_SUITE_P(Tools, EachTool,
                         testing::Combine(testing::Range<std::size_t>(0, 6),
                                          testing::Values(sql::Driver::Sqlite,
                                                          sql::Driver::Postgres)),
                         case_name);

}  // namespace
}  // namespace drydock::migrate
