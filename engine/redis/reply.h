#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct redisReader;

// Redis' client protocol (RESP2), read and written by hiredis; this folder is the only one that
// includes it. Bytes in texts are whatever they are.
namespace drydock::redis {

// What a server answers.
struct Reply {
    enum class Kind : std::uint8_t { Nil, Status, Text, Integer, Error, List };
    Kind kind = Kind::Nil;
    std::int64_t integer = 0;
    std::string text = {};  // of Status, Text and Error
    std::vector<Reply> items = {};

    [[nodiscard]] bool is_error() const { return kind == Kind::Error; }
    bool operator==(const Reply&) const = default;
};

// A command with its arguments.
using Words = std::vector<std::string>;

// Appends the command as the server reads it. Every argument has its length before it, so none can
// become another argument or another command.
void append_command(std::string& to, const Words& words);

// Takes replies out of a stream of bytes. One reply may hold kMaxReplyBytes and kMaxReplyItems, so
// that a server that answers wrongly cannot fill the memory.
class ReplyReader final {
  public:
    static constexpr std::size_t kMaxReplyBytes = std::size_t{512} << 20;
    static constexpr int kMaxReplyItems = 1'000'000;

    ReplyReader();
    ~ReplyReader();
    ReplyReader(const ReplyReader&) = delete;
    ReplyReader& operator=(const ReplyReader&) = delete;

    void feed(std::string_view bytes);
    // The next whole reply, or nothing until more is fed. Throws Error{Connection} for bytes that
    // are no reply, after which the stream is worth nothing.
    [[nodiscard]] std::optional<Reply> next();

  private:
    struct Free {
        void operator()(redisReader* reader) const noexcept;
    };
    std::unique_ptr<redisReader, Free> reader_;
    std::size_t since_reply_ = 0;  // bytes fed since the last whole reply
};

}  // namespace drydock::redis
