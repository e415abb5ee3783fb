#include "bindings/block_pool.h"

#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

#include "engine/check.h"

namespace drydock::bindings {

struct BlockPool::Free {
    Free* next = nullptr;
};

struct alignas(BlockPool::kStep) BlockPool::Page {
    Page* next = nullptr;
    Page* previous = nullptr;
    Free* free = nullptr;      // blocks that came back
    std::size_t block = 0;     // bytes of each
    std::size_t unused = 0;    // from here on nothing was ever taken
    std::size_t in_use = 0;    // blocks

    [[nodiscard]] bool is_full() const { return free == nullptr && unused + block > kPage; }
};

namespace {

void* aligned_page() { return std::aligned_alloc(BlockPool::kPage, BlockPool::kPage); }

}  // namespace

BlockPool::~BlockPool() {
    const auto release = [](Page* page) {
        while (page != nullptr) std::free(std::exchange(page, page->next));
    };
    for (Page* page : open_) release(page);
    release(full_);
}

void* BlockPool::take(std::size_t bytes) noexcept {
    Page* page = open_[class_of(bytes)];
    if (page == nullptr) return nullptr;
    void* block = nullptr;
    if (page->free != nullptr) {
        block = std::exchange(page->free, page->free->next);
    } else {
        block = reinterpret_cast<char*>(page) + page->unused;
        page->unused += page->block;
    }
    ++page->in_use;
    if (page->is_full()) {
        unlink(*page);
        page->next = full_;
        if (full_ != nullptr) full_->previous = page;
        full_ = page;
    }
    return block;
}

bool BlockPool::grow(std::size_t bytes) noexcept {
    void* memory = aligned_page();
    if (memory == nullptr) return false;
    link(*new (memory) Page{.block = (class_of(bytes) + 1) * kStep, .unused = sizeof(Page)});
    return true;
}

bool BlockPool::give(void* block) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    Page& page = *reinterpret_cast<Page*>(address & ~(std::uintptr_t{kPage} - 1));
    CHECK(page.in_use > 0);
    if (page.is_full()) {
        unlink(page);
        link(page);
    }
    page.free = new (block) Free{.next = page.free};
    const bool only_one = page.next == nullptr && page.previous == nullptr;
    if (--page.in_use > 0 || only_one) return false;
    unlink(page);
    std::free(&page);
    return true;
}

// A page that has just got room, or is new, is the first to be taken from.
void BlockPool::link(Page& page) noexcept {
    Page*& first = open_[class_of(page.block)];
    page.previous = nullptr;
    page.next = first;
    if (first != nullptr) first->previous = &page;
    first = &page;
}

void BlockPool::unlink(Page& page) noexcept {
    if (page.next != nullptr) page.next->previous = page.previous;
    if (page.previous != nullptr) {
        page.previous->next = page.next;
    } else {
        Page*& first = full_ == &page ? full_ : open_[class_of(page.block)];
        first = page.next;
    }
    page.next = page.previous = nullptr;
}

}  // namespace drydock::bindings
