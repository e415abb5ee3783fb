#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/audit/heads.h"
#include "engine/os/unique_fd.h"
#include "tests/audit/small_journal.h"

namespace drydock::test {

// A file without a disk: an export is verified a million times.
class MemoryFile {
  public:
    MemoryFile() : fd_(::memfd_create("export", MFD_CLOEXEC)) {}
    [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }
    void put(std::string_view bytes) const {
        if (::ftruncate(fd_.get(), 0) != 0 || ::pwrite(fd_.get(), bytes.data(), bytes.size(), 0) !=
                                                  static_cast<ssize_t>(bytes.size()))
            ADD_FAILURE() << "no memory file";
    }

  private:
    os::UniqueFd fd_;
};

inline audit::SignerKey signer(char seed) {
    return {.name = "ops", .seed = crypto::Key(std::string(32, seed))};
}

// A small journal whose shape a seed chose: runs that ended and runs that did not, bodies that were
// erased, runs that were pruned, heads that were signed in between.
class RandomJournal : public SmallJournal {
  public:
    explicit RandomJournal(std::uint64_t seed, char first_name = 'a')
        : random_(seed), first_name_(first_name) {
        for (int left = 2 + below(3); left > 0; --left) grow();
        grow_open();
        if (below(2) == 0) sign('k');
    }

    void grow() {
        const int kind = below(8);
        if (kind < 4 || ended_.empty()) {
            add_ended_run(next_name());
            ended_.push_back(++runs_);
        } else if (kind == 4) {
            grow_open();
        } else if (kind == 5) {
            const std::int64_t from = 1 + 2 * below(2);  // where there is a body
            journal().erase(removal(ended_.back(), from, from + below(3)));
            ended_.pop_back();
        } else if (kind == 6 && ended_.front() < runs_) {
            journal().prune(removal(ended_.front(), 0, 0));
            ended_.erase(ended_.begin());
        } else {
            sign('k');
        }
    }
    void grow_open() {
        (void)add_open_run(next_name(), 1 + static_cast<std::size_t>(below(5)));
        ++runs_;
    }
    // Whoever signs remembers what he signed.
    std::string sign(char key) {
        const audit::SignedHead made = audit::sign_head(journal(), signer(key), memory_);
        memory_ = made.memory;
        journal().add_head(made.head);
        return made.head.note;
    }
    int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  private:
    char next_name() { return static_cast<char>(first_name_ + runs_); }
    static journal::Removal removal(std::int64_t n, std::int64_t first, std::int64_t last) {
        return {.n = n,
                .first = first,
                .last = last,
                .actor = "uid:1/anna",
                .salt = std::string(16, 'z'),
                .body = R"({"reason":"asked to"})"};
    }

    std::mt19937_64 random_;
    char first_name_;
    std::int64_t runs_ = 0;
    std::vector<std::int64_t> ended_;
    std::optional<audit::SignerMemory> memory_;
};

}  // namespace drydock::test
