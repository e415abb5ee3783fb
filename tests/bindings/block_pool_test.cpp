#include "bindings/block_pool.h"

#include <cstdint>
#include <cstring>
#include <set>
#include <vector>

#include "tests/bindings/script_fixture.h"

namespace drydock::bindings {
namespace {

// As the allocator of a state uses it; counts its pages.
class Pool {
  public:
    void* take(std::size_t bytes) {
        void* block = pool_.take(bytes);
        if (block != nullptr) return block;
        EXPECT_TRUE(pool_.grow(bytes));
        ++pages_;
        return pool_.take(bytes);
    }
    void give(void* block) {
        if (pool_.give(block)) --pages_;
    }
    [[nodiscard]] int pages() const { return pages_; }

  private:
    BlockPool pool_;
    int pages_ = 0;
};

TEST(BlockPoolTest, GivesBlocksThatDoNotOverlap) {
    Pool pool;
    struct Block {
        unsigned char* bytes;
        std::size_t size;
        unsigned char mark;
    };
    std::vector<Block> blocks;
    for (int i = 0; i < 20'000; ++i) {
        const std::size_t size = 1 + static_cast<std::size_t>(i * 7 % 256);
        auto* bytes = static_cast<unsigned char*>(pool.take(size));
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes) % 16, 0U);
        blocks.push_back({bytes, size, static_cast<unsigned char>(i)});
        std::memset(bytes, blocks.back().mark, size);
        if (i % 3 == 0) {  // and again what came back
            pool.give(blocks[blocks.size() / 2].bytes);
            blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(blocks.size() / 2));
        }
    }
    for (const Block& block : blocks) {
        for (std::size_t i = 0; i < block.size; ++i) ASSERT_EQ(block.bytes[i], block.mark);
    }
}

TEST(BlockPoolTest, GivesBackThePagesThatHoldNothing) {
    Pool pool;
    std::vector<void*> blocks;
    for (int i = 0; i < 10'000; ++i) blocks.push_back(pool.take(48));
    EXPECT_GE(pool.pages(), 10'000 * 48 / static_cast<int>(BlockPool::kPage));
    EXPECT_LE(pool.pages(), 31);
    // In another order than they were taken in.
    for (std::size_t i = 0; i < blocks.size(); i += 2) pool.give(blocks[i]);
    EXPECT_GE(pool.pages(), 29) << "each still holds something";
    for (std::size_t i = 1; i < blocks.size(); i += 2) pool.give(blocks[i]);
    EXPECT_EQ(pool.pages(), 1);
    // The one that stays is used again.
    pool.give(pool.take(48));
    EXPECT_EQ(pool.pages(), 1);
}

TEST(BlockPoolTest, FillsAPageBeforeItNeedsTheNext) {
    Pool pool;
    std::set<std::uintptr_t> pages;
    for (int i = 0; i < 64; ++i)
        pages.insert(reinterpret_cast<std::uintptr_t>(pool.take(256)) / BlockPool::kPage);
    EXPECT_EQ(pages.size(), static_cast<std::size_t>(pool.pages()));
    EXPECT_EQ(pool.pages(), 2);
}

class PooledState : public ScriptTest {};

// Pages of one size are free for others when nothing is in them: two thirds of the memory in one
// kind of object, then in another.
TEST_F(PooledState, MayUseItsMemoryForObjectsOfOneSizeAfterTheOther) {
    EXPECT_EQ(run("local keep = {}\n"
                  "for i = 1, 2500000 do keep[i] = {} end\n"
                  "keep = nil\n"
                  "keep = {}\n"
                  "for i = 1, 600000 do keep[i] = ('x'):rep(190) .. i end\n"
                  "return {n = #keep}"),
              Value(Value::Map{{"n", 600'000}}));
}

TEST_F(PooledState, IsHeldToItsMemoryAlsoWithTheSmallestObjects) {
    EXPECT_EQ(error_of("local keep = {} for i = 1, 1e9 do keep[i] = {} end").message(),
              "not enough memory");
}

}  // namespace
}  // namespace drydock::bindings
