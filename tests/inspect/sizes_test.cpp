#include "engine/inspect/sizes.h"

#include <algorithm>
#include <filesystem>

#include "tests/inspect/inspect_fixture.h"

namespace drydock::inspect {
namespace {

class SizesTest : public InspectTest {
  protected:
    [[nodiscard]] Sizes sizes() const {
        Looking looking = look();
        return look_at_sizes(looking);
    }
    [[nodiscard]] static const TreeSize& tree(const Sizes& sizes, const std::string& name) {
        return *std::ranges::find(sizes.trees, name, &TreeSize::name);
    }
};

TEST_F(SizesTest, AddUpToTheFile) {
    make_users(5000);
    const Sizes found = sizes();
    ASSERT_TRUE(found.per_tree);
    std::int64_t pages = found.free_pages, bytes = found.free_pages * found.page_bytes;
    for (const TreeSize& one : found.trees) {
        pages += one.pages;
        bytes += one.bytes;
    }
    EXPECT_EQ(pages, found.pages);
    EXPECT_EQ(bytes, static_cast<std::int64_t>(std::filesystem::file_size(database())));
    EXPECT_TRUE(std::ranges::is_sorted(found.trees, std::ranges::greater{}, &TreeSize::bytes));
    EXPECT_EQ(tree(found, "sqlite_autoindex_users_1").table, "users");
    EXPECT_TRUE(tree(found, "sqlite_autoindex_users_1").is_index);
}

TEST_F(SizesTest, ShowWhatDeletingLeavesBehindAndWhatVacuumGivesBack) {
    make_users(5000);
    sql("delete from orders; delete from users where id % 2 = 0");
    const Sizes left = sizes();
    EXPECT_GT(left.free_pages, 5);
    EXPECT_GT(tree(left, "users").unused_bytes, tree(left, "users").bytes / 3);
    sql("vacuum");
    const Sizes compact = sizes();
    EXPECT_EQ(compact.free_pages, 0);
    EXPECT_LT(tree(compact, "users").unused_bytes, tree(compact, "users").bytes / 5);
}

TEST_F(SizesTest, TellHowScatteredATableIs) {
    sql("create table a (id integer primary key, t text); "
        "create table b (id integer primary key, t text)");
    // Two tables that grow in turn have every other page.
    std::string grow;
    for (int i = 0; i < 400; ++i)
        grow +=
            "insert into a (t) values (hex(zeroblob(900))); "
            "insert into b (t) values (hex(zeroblob(900)));";
    sql("begin;" + grow + "commit");
    const TreeSize scattered = tree(sizes(), "a");
    EXPECT_GT(scattered.jumps, scattered.pages / 2);
    sql("vacuum");
    EXPECT_LT(tree(sizes(), "a").jumps, 5);
}

}  // namespace
}  // namespace drydock::inspect
