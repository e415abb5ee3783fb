// Force, baseline and repair in the tables of all tools, read back by the tools' own statements.

#include "engine/migrate/apply.h"
#include "engine/migrate/checksum.h"
#include "engine/migrate/history_change.h"
#include "tests/migrate/tool_statements.h"
#include "tests/migrate/tool_story.h"

namespace drydock::migrate {
namespace {

using Case = std::tuple<std::size_t, sql::Driver>;
using Kind = HistoryChange::Kind;

class ToolsTable : public ToolStory, public testing::WithParamInterface<Case> {
  protected:
    void SetUp() override {
        use(std::get<1>(GetParam()));
        for (const auto& [name, text] : tool_.files) write(name, text);
        target_->outside(tool_.make(server()));
    }
    Value change(const HistoryChange& wanted) {
        const Folder folder = good();
        const auto database = target_->open();
        scope_.run = "01RUN" + std::to_string(++runs_);
        sql::StepSession session("main", *database, scope_, hooks(), system_clock(), cancel_);
        return change_history(session, folder, wanted,
                              {.tool = settings_, .who = "anna", .run = scope_.run});
    }
    void force(std::size_t count) {
        const Folder folder = good();
        const std::string version =
            count == 0 ? "base" : folder.migrations.at(count - 1).version.text;
        change({.kind = Kind::Force, .version = version, .reason = "why"});
    }
    [[nodiscard]] Texts tool_reads() const { return tool_.reads(*target_->open()); }
    [[nodiscard]] Texts first(std::size_t count) const {
        return {tool_.keys.begin(), tool_.keys.begin() + static_cast<std::ptrdiff_t>(count)};
    }
    [[nodiscard]] Texts apply_all() {
        const Folder folder = good();
        const auto database = target_->open();
        scope_.run = "01RUN" + std::to_string(++runs_);
        const ApplyOptions how{.tool = settings_, .who = "anna", .run = scope_.run};
        sql::StepSession session("main", *database, scope_, hooks(), system_clock(), cancel_);
        Texts names;
        for (const Applied::One& one : apply(session, folder, Head{}, how).done)
            names.push_back(one.key);
        return names;
    }
    static sql::SessionHooks hooks() {
        return {.allow_write = [](const sql::StepSession&, std::string_view) {},
                .check_stop = [] {},
                .begin_effect = [](std::string_view, std::string_view,
                                   const Value&) { return std::int64_t{1}; },
                .end_effect = [](std::int64_t, bool, std::string_view) {},
                .began_before = {},
                .progress = [](std::int64_t, std::int64_t, std::string_view) {},
                .notice = [](std::string_view, std::string_view) {},
                .committed = [](std::string_view, std::string_view, std::int64_t) {}};
    }

    const Tool& tool_ = tools().at(std::get<0>(GetParam()));
    sql::ReceiptScope scope_{
        .run = "", .scope = "do/change", .journal = "uuid", .term = 1, .seq = 3, .attempt = 1};
    CancelToken cancel_;
    int runs_ = 0;
};
INSTANTIATE_TEST_SUITE_P(
    Tools, ToolsTable,
    testing::Combine(testing::Range<std::size_t>(0, 6),
                     testing::Values(sql::Driver::Sqlite, sql::Driver::Postgres)),
    [](const testing::TestParamInfo<Case>& chosen) {
        std::string name(format_name(tools().at(std::get<0>(chosen.param)).format));
        std::ranges::replace(name, '-', '_');
        const bool file = std::get<1>(chosen.param) == sql::Driver::Sqlite;
        return name + (file ? "_sqlite" : "_postgres");
    });

TEST_P(ToolsTable, IsForcedUpAndDownAsTheToolReadsIt) {
    force(2);
    EXPECT_EQ(tool_reads(), first(2));
    force(3);
    EXPECT_EQ(tool_reads(), first(3));
    force(1);
    EXPECT_EQ(tool_reads(), first(1));
    force(0);
    EXPECT_EQ(tool_reads(), first(0));
    force(2);
    EXPECT_EQ(apply_all(), Texts{good().migrations.at(2).key}) << "1 and 2 were not run";
}

TEST_P(ToolsTable, IsForcedFromWhereTheToolStopped) {
    target_->outside("begin;" + up_text(0) + tool_.up(0) + "commit;");
    force(2);
    EXPECT_EQ(tool_reads(), first(2));
    target_->outside("begin;" + tool_.down(1) + "commit;");
    EXPECT_EQ(tool_reads(), first(1));
    force(3);
    EXPECT_EQ(tool_reads(), first(3));
}

TEST_P(ToolsTable, HasABaselineThatTheToolGoesBy) {
    change({.kind = Kind::Baseline, .version = good().migrations.at(1).version.text});
    if (tool_.format != Format::Flyway) {
        EXPECT_EQ(tool_reads(), first(2));
    } else {
        Texts rows;
        target_->open()->run("select type || ' ' || version from flyway_schema_history", {},
                             sql::Access::Read, [&](const sql::Row& row) {
                                 rows.push_back(to_text(row.value(0)));
                                 return true;
                             });
        EXPECT_EQ(rows, Texts{"BASELINE 2"});
    }
    EXPECT_EQ(apply_all(), Texts{good().migrations.at(2).key});
}

TEST_P(ToolsTable, HoldsABaselineBelowTheFirstFileWhereItCan) {
    const Folder before = good();
    const std::string version = before.migrations.at(0).key;
    const auto per_file = tool_.files.size() / 3;
    for (std::size_t i = 0; i < per_file; ++i)
        std::filesystem::remove_all(folder_.file(tool_.files[i].first));
    if (tool_.format == Format::Diesel)
        std::filesystem::remove(
            std::filesystem::path(folder_.file(tool_.files[0].first)).parent_path());
    const auto wanted = [&] { change({.kind = Kind::Baseline, .version = version}); };
    if (tool_.format == Format::SqlMigrate) {
        EXPECT_EQ(sql::failure(wanted).code(), ErrorCode::NotFound) << "its keys are file names";
        return;
    }
    wanted();
    target_->outside(up_text(0));
    EXPECT_EQ(apply_all().size(), 2U);
    EXPECT_EQ(apply_all().size(), 0U);
}

TEST_P(ToolsTable, LosesItsMarkOnEitherSideOfTheVersion) {
    target_->outside("begin;" + up_text(0) + tool_.up(0) + "commit;");
    begin(good(), 1);
    force(1);
    EXPECT_EQ(tool_reads(), first(1));
    EXPECT_FALSE(state(good()).dirty.has_value());
    begin(good(), 1);
    force(2);
    EXPECT_EQ(tool_reads(), first(2));
    EXPECT_FALSE(state(good()).dirty.has_value());
    EXPECT_EQ(apply_all(), Texts{good().migrations.at(2).key});
}

TEST_P(ToolsTable, AcceptsAnEditedFileAsItsToolWould) {
    EXPECT_EQ(apply_all().size(), 3U);
    const std::string path = good().migrations.at(1).up.file->path;
    write(path, good().migrations.at(1).up.file->text + "-- said better\n");
    EXPECT_EQ(sql::failure([&] { (void)apply_all(); }).code(), ErrorCode::Refused);
    change({.kind = Kind::Repair, .reason = "a comment"});
    EXPECT_EQ(apply_all().size(), 0U);
    EXPECT_EQ(tool_reads(), first(3));
    if (tool_.format != Format::Flyway) return;
    std::string checksum;
    target_->open()->run("select checksum from flyway_schema_history where version = '2'", {},
                         sql::Access::Read, [&](const sql::Row& row) {
                             checksum = to_text(row.value(0));
                             return true;
                         });
    EXPECT_EQ(checksum, std::to_string(flyway_checksum(good().migrations.at(1).up.file->text)));
}

}  // namespace
}  // namespace drydock::migrate
