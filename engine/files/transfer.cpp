#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/files/transfer.h"

namespace drydock::files {
namespace {

constexpr std::size_t kBlockBytes = 1 << 20;

}  // namespace

void each_block(int fd, const std::string& path, const Poll& poll,
                const std::function<void(std::string_view block)>& use) {
    struct stat found {};
    if (::fstat(fd, &found) != 0) throw_errno(ErrorCode::File, "looking at " + path, errno);
    std::vector<char> block(kBlockBytes);
    std::int64_t done = 0;
    while (true) {
        const ssize_t size = ::read(fd, block.data(), block.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) throw_errno(ErrorCode::File, "reading " + path, errno);
        if (size == 0) return;
        use({block.data(), static_cast<std::size_t>(size)});
        done += size;
        if (poll) poll(done, found.st_size);
    }
}

}  // namespace drydock::files
