#include "engine/redis/reply.h"

#include <hiredis/hiredis.h>
#include <hiredis/read.h>

#include <exception>
#include <new>

#include "engine/error.h"

namespace drydock::redis {
namespace {

// hiredis calls these while it reads; they build the Reply in its final place. Nothing may be
// thrown through it: null says that there is no memory.

Reply* place(const redisReadTask* task) {
    if (task->parent == nullptr) return new Reply;
    auto& parent = *static_cast<Reply*>(task->parent->obj);
    return &parent.items[static_cast<std::size_t>(task->idx)];
}

Reply::Kind kind_of(int type) {
    if (type == REDIS_REPLY_ERROR) return Reply::Kind::Error;
    return type == REDIS_REPLY_STATUS ? Reply::Kind::Status : Reply::Kind::Text;
}

void* make_text(const redisReadTask* task, char* bytes, std::size_t size) {
    try {
        Reply* made = place(task);
        made->kind = kind_of(task->type);
        made->text.assign(bytes, size);
        return made;
    } catch (const std::exception&) {
        return nullptr;
    }
}

void* make_list(const redisReadTask* task, int size) {
    if (size > ReplyReader::kMaxReplyItems) return nullptr;
    try {
        Reply* made = place(task);
        made->kind = Reply::Kind::List;
        made->items.resize(static_cast<std::size_t>(size));
        return made;
    } catch (const std::exception&) {
        return nullptr;
    }
}

void* make_integer(const redisReadTask* task, long long number) {
    try {
        Reply* made = place(task);
        made->kind = Reply::Kind::Integer;
        made->integer = number;
        return made;
    } catch (const std::exception&) {
        return nullptr;
    }
}

void* make_nil(const redisReadTask* task) {
    try {
        return place(task);
    } catch (const std::exception&) {
        return nullptr;
    }
}

// Only the outermost reply is ever given back: the others are inside of it.
void free_reply(void* reply) {
    delete static_cast<Reply*>(reply);
}

redisReplyObjectFunctions kMakers{make_text, make_list, make_integer, make_nil, free_reply};

Error wrong_answer(const std::string& why) {
    return {ErrorCode::Connection, "the server's answer cannot be read: " + why,
            "is it a Redis server, and does TLS stand where the server expects it?"};
}

}  // namespace

void append_command(std::string& to, const Words& words) {
    std::vector<const char*> arguments;
    std::vector<std::size_t> sizes;
    arguments.reserve(words.size());
    sizes.reserve(words.size());
    for (const std::string& word : words) {
        arguments.push_back(word.data());
        sizes.push_back(word.size());
    }
    char* made = nullptr;
    const int size = redisFormatCommandArgv(&made, static_cast<int>(words.size()), arguments.data(),
                                            sizes.data());
    if (size < 0) throw std::bad_alloc();
    const std::unique_ptr<char, decltype(&redisFreeCommand)> owned(made, &redisFreeCommand);
    to.append(made, static_cast<std::size_t>(size));
}

void ReplyReader::Free::operator()(redisReader* reader) const noexcept {
    redisReaderFree(reader);
}

ReplyReader::ReplyReader() : reader_(redisReaderCreateWithFunctions(&kMakers)) {
    if (reader_ == nullptr) throw std::bad_alloc();
}

ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::string_view bytes) {
    since_reply_ += bytes.size();
    if (since_reply_ > kMaxReplyBytes) throw wrong_answer("one reply is larger than 512 MiB");
    if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK)
        throw wrong_answer(reader_->errstr);
}

std::optional<Reply> ReplyReader::next() {
    void* found = nullptr;
    if (redisReaderGetReply(reader_.get(), &found) != REDIS_OK) throw wrong_answer(reader_->errstr);
    if (found == nullptr) return std::nullopt;
    const std::unique_ptr<Reply> reply(static_cast<Reply*>(found));
    since_reply_ = 0;
    return std::move(*reply);
}

}  // namespace drydock::redis
