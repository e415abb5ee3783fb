#include "engine/audit/line_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "engine/error.h"

namespace drydock::audit {
namespace {

constexpr std::size_t kBlock = 1 << 16;
constexpr std::size_t kLongestLine = std::size_t{128} << 20;

}  // namespace

LineReader::LineReader(std::string path) : path_(std::move(path)) {
    fd_ = os::UniqueFd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd_.valid()) throw_errno(ErrorCode::File, path_, errno);
}

std::optional<LineReader::Line> LineReader::next() {
    Line line{.text = {}, .offset = offset_};
    for (;;) {
        if (at_ == block_.size() && !fill()) break;
        const std::size_t newline = block_.find('\n', at_);
        const std::size_t end = newline == std::string::npos ? block_.size() : newline;
        line.text.append(block_, at_, end - at_);
        line.complete = newline != std::string::npos;
        const std::size_t taken = end - at_ + (line.complete ? 1 : 0);
        at_ += taken;
        offset_ += static_cast<std::int64_t>(taken);
        if (line.complete) return line;
        if (line.text.size() > kLongestLine)
            throw Error(ErrorCode::Integrity, path_ + " has a line that is no line of an export");
    }
    if (line.text.empty()) return std::nullopt;
    return line;
}

bool LineReader::fill() {
    block_.resize(kBlock);
    at_ = 0;
    for (;;) {
        const ssize_t got = ::read(fd_.get(), block_.data(), block_.size());
        if (got < 0 && errno == EINTR) continue;
        block_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        if (got < 0) throw_errno(ErrorCode::File, "reading " + path_, errno);
        return got > 0;
    }
}

}  // namespace drydock::audit
