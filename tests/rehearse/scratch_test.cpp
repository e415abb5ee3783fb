#include "engine/rehearse/scratch.h"

#include <filesystem>

#include "engine/rehearse/migrations.h"
#include "engine/rehearse/server_copy.h"
#include "tests/rehearse/trials_fixture.h"

namespace drydock::rehearse {
namespace {

class ScratchOnServer : public testing::Test {
  protected:
    // Those of this test: others share the server.
    [[nodiscard]] std::int64_t databases(const std::string& what) const {
        std::int64_t count = 0;
        target_.open(false)->run("select count(*) from pg_database where starts_with(datname, $1)",
                                 {{Value("drydock_" + what + "_")}, {}}, sql::Access::Read,
                                 [&](const sql::Row& row) {
                                     count = row.value(0).as<std::int64_t>();
                                     return true;
                                 });
        return count;
    }

    sql::PostgresTarget target_;
    CancelToken cancel_;
};

TEST_F(ScratchOnServer, IsANewDatabaseAndGoneAfterwards) {
    std::string name;
    {
        const auto scratch = Scratch::on_server(target_.settings(), "made", "01ABCDEF");
        name = scratch->name();
        EXPECT_EQ(name, "drydock_made_01abcdef");
        EXPECT_EQ(databases("made"), 1);
        scratch->open()->run("create table made (id int)", {}, sql::Access::Alone, {});
        // One that is there is not taken, and not dropped by who was refused.
        EXPECT_EQ(sql::failure([&] {
                      (void)Scratch::on_server(target_.settings(), "made", "01ABCDEF");
                  }).code_text(),
                  "42P04");
        EXPECT_EQ(databases("made"), 1);
        scratch->drop();
        EXPECT_EQ(databases("made"), 0);
    }
    EXPECT_EQ(databases("made"), 0);
}

TEST_F(ScratchOnServer, GoesAlsoWhenWhatWasDoneThereThrows) {
    EXPECT_EQ(sql::failure([&] {
                  const auto scratch = Scratch::on_server(target_.settings(), "thrown", "02");
                  throw Error(ErrorCode::Sql, "it failed", "");
              }).message(),
              "it failed");
    EXPECT_EQ(databases("thrown"), 0);
}

TEST_F(ScratchOnServer, CopyHasWhatTheOriginalHasAndTheOriginalIsAsItWas) {
    target_.outside("create table parents (id int primary key)");
    target_.outside("create table children (id int references parents, note text default 'x')");
    target_.outside("insert into parents select generate_series(1, 500)");
    target_.outside("insert into children select generate_series(1, 300)");
    const TempFolder folder;
    const auto scratch = Scratch::on_server(target_.settings(), "copied", "03");
    const ServerCopy copy = copy_database(target_.settings(), *scratch, folder.path(),
                                          GUARD_PROGRAM, system_clock(), cancel_);
    EXPECT_GT(copy.bytes, 1'000'000);
    EXPECT_GT(copy.took.count(), 0);
    {
        const auto session = scratch->open();
        EXPECT_EQ(schema::look_at(*session), schema::look_at(*target_.open(false)));
        const schema::Rows rows = counted_rows(*session);
        EXPECT_EQ(rows.at("parents"), 500);
        EXPECT_EQ(rows.at("children"), 300);
        session->run("drop table children", {}, sql::Access::Alone, {});
    }
    EXPECT_EQ(target_.count("children"), 300);
}

TEST(ScratchFile, IsEmptyPrivateAndGoneAfterwards) {
    const TempFolder where;
    std::string path;
    {
        const auto scratch = Scratch::file(where.path());
        path = scratch->name();
        EXPECT_TRUE(schema::look_at(*scratch->open()).objects.size() < 4);
        const auto mode = std::filesystem::status(std::filesystem::path(path).parent_path());
        EXPECT_EQ(mode.permissions(), std::filesystem::perms::owner_all);
    }
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_TRUE(std::filesystem::is_empty(where.path()));
}

}  // namespace
}  // namespace drydock::rehearse
