#include "engine/os/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>

#include "engine/check.h"
#include "engine/error.h"

namespace drydock::os {
namespace {

class SystemRandom final : public Random {
  public:
    std::string bytes(std::size_t count) override {
        std::string out(count, '\0');
        std::size_t filled = 0;
        while (filled < count) {
            const ssize_t got = ::getrandom(out.data() + filled, count - filled, 0);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) throw_errno(ErrorCode::File, "reading random bytes", errno);
            filled += static_cast<std::size_t>(got);
        }
        return out;
    }
};

}  // namespace

std::uint64_t Random::number(std::uint64_t below) {
    CHECK(below > 0);
    // What lies above the largest multiple of `below` is drawn again; else small numbers would be
    // more likely.
    const std::uint64_t beyond = UINT64_MAX - UINT64_MAX % below;
    while (true) {
        std::uint64_t drawn = 0;
        std::memcpy(&drawn, bytes(sizeof drawn).data(), sizeof drawn);
        if (drawn < beyond) return drawn % below;
    }
}

Random& system_random() {
    static SystemRandom random;
    return random;
}

std::string SeededRandom::bytes(std::size_t count) {
    std::string out(count, '\0');
    for (char& byte : out) byte = static_cast<char>(source_() & 0xFF);
    return out;
}

}  // namespace drydock::os
