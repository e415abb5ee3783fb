#include "engine/files/glob.h"

#include "tests/files/workplace.h"

namespace drydock::files {
namespace {

class GlobTest : public Workplace {
  protected:
    GlobTest() {
        files_.mkdir("2026/nov");
        for (const char* name :
             {"a.db", "b.db", "c.txt", ".hidden.db", "2026/d.db", "2026/nov/e.db", "[x]"}) {
            files_.write(name, "");
        }
    }
    // The matches without the folder that they all begin with.
    std::vector<std::string> found(std::string_view pattern) {
        std::vector<std::string> out;
        for (const std::string& path : files_.glob(pattern)) {
            out.push_back(path.substr((folder_ / "in/").size()));
        }
        return out;
    }
    using Names = std::vector<std::string>;
};

TEST_F(GlobTest, MatchesWithinAName) {
    EXPECT_EQ(found("*.db"), (Names{"a.db", "b.db"}));
    EXPECT_EQ(found("?.txt"), Names{"c.txt"});
    EXPECT_EQ(found("[ac].*"), (Names{"a.db", "c.txt"}));
    EXPECT_EQ(found(".*.db"), Names{".hidden.db"});
    EXPECT_EQ(found(folder_ / "in/*.txt"), Names{"c.txt"});
    EXPECT_EQ(found("*/*.db"), Names{"2026/d.db"});
    EXPECT_EQ(found("20*/nov/e.db"), Names{"2026/nov/e.db"});
}

TEST_F(GlobTest, MatchesAnyDepth) {
    EXPECT_EQ(found("**/*.db"), (Names{"2026/d.db", "2026/nov/e.db", "a.db", "b.db"}));
    EXPECT_EQ(found("2026/**"), (Names{"2026/d.db", "2026/nov", "2026/nov/e.db"}));
}

TEST_F(GlobTest, TakesANameWithoutPatternAsItIs) {
    EXPECT_EQ(found("a.db"), Names{"a.db"});
    EXPECT_EQ(found("none"), Names{});
    EXPECT_EQ(found("none/*"), Names{});
    EXPECT_EQ(found("a.db/*"), Names{});
}

TEST_F(GlobTest, DoesNotLeaveItsFoldersNorFollowLinksOutOfThem) {
    link("..", "in/out");
    link(".", "in/loop");
    EXPECT_EQ(refusal([&] { (void)files_.glob("../*"); }),
              "permission: " + folder_.path() + " is not beneath files:");
    EXPECT_EQ(found("*/secret"), Names{});
    EXPECT_EQ(found("**/secret"), Names{});
    EXPECT_EQ(found("loop/c.*"), Names{"loop/c.txt"});
    EXPECT_EQ(found("**/c.txt"), Names{"c.txt"});
}

}  // namespace
}  // namespace drydock::files
