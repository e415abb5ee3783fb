#pragma once

#include <array>
#include <cstddef>

namespace drydock::bindings {

// Small blocks of memory for one Lua state, whose tables and short texts come and go by the
// million: malloc and free were a quarter of what a row of :each costs. A page holds blocks of one
// size; it is aligned to its size, so that a block finds its page, and given back to the system
// when its last block is, but for one of each size. What is counted against the memory of a state
// is pages: blocks of one size never become blocks of another. Used on the state's thread.
//
//   page:  | Page | block | block | free -> | free -> … | never used yet |
class BlockPool final {
  public:
    static constexpr std::size_t kLargest = 256;  // bytes of a block
    static constexpr std::size_t kPage = 16 << 10;
    static constexpr std::size_t kStep = 16;  // sizes are multiples of it

    BlockPool() = default;
    ~BlockPool();  // takes back all pages
    BlockPool(const BlockPool&) = delete;
    BlockPool& operator=(const BlockPool&) = delete;

    // A block of at least so many bytes (1 to kLargest), aligned to 16; null when no page has one.
    [[nodiscard]] void* take(std::size_t bytes) noexcept;
    // Adds a page with such blocks; false when the machine has no memory.
    [[nodiscard]] bool grow(std::size_t bytes) noexcept;
    // Takes back a block. True when a page went with it.
    bool give(void* block) noexcept;
    // Whether blocks for both are the same.
    [[nodiscard]] static bool alike(std::size_t bytes, std::size_t other) {
        return class_of(bytes) == class_of(other);
    }

  private:
    struct Free;
    struct Page;
    [[nodiscard]] static std::size_t class_of(std::size_t bytes) { return (bytes - 1) / kStep; }
    void link(Page& page) noexcept;
    void unlink(Page& page) noexcept;

    std::array<Page*, kLargest / kStep> open_{};  // pages with room, by the size of their blocks
    Page* full_ = nullptr;
};

}  // namespace drydock::bindings
