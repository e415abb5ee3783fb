#include "engine/redis/reply.h"

#include "tests/redis/session_fixture.h"

namespace drydock::redis {
namespace {

using namespace std::string_literals;

std::vector<Reply> read_in_pieces(const std::string& bytes, std::size_t size) {
    ReplyReader reader;
    std::vector<Reply> replies;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
        reader.feed(std::string_view(bytes).substr(at, size));
        while (auto reply = reader.next()) replies.push_back(*std::move(reply));
    }
    return replies;
}

TEST(Replies, AreReadWhateverThePiecesTheyComeIn) {
    const std::string bytes = "+OK\r\n:-42\r\n$-1\r\n$4\r\na\0\xff\r\r\n-ERR no\r\n*-1\r\n"s +
                              "*3\r\n$1\r\na\r\n*2\r\n:1\r\n$-1\r\n*0\r\n";
    const std::vector<Reply> wanted{
        {.kind = Reply::Kind::Status, .text = "OK"},
        {.kind = Reply::Kind::Integer, .integer = -42},
        {},
        {.kind = Reply::Kind::Text, .text = "a\0\xff\r"s},
        {.kind = Reply::Kind::Error, .text = "ERR no"},
        {},
        {.kind = Reply::Kind::List,
         .items = {{.kind = Reply::Kind::Text, .text = "a"},
                   {.kind = Reply::Kind::List,
                    .items = {{.kind = Reply::Kind::Integer, .integer = 1}, {}}},
                   {.kind = Reply::Kind::List}}}};
    for (const std::size_t size : {1U, 2U, 3U, 7U, 100U})
        EXPECT_EQ(read_in_pieces(bytes, size), wanted) << size;
}

TEST(Replies, ThatAreNoneAreRefused) {
    for (const std::string wrong :
         {"HTTP/1.1 400 Bad Request\r\n", "$zz\r\n", "*99999999\r\n", ":12x\r\n", "\x15\x03\x01"}) {
        const Error error = error_of([&] { (void)read_in_pieces(wrong, 100); });
        EXPECT_EQ(error.code(), ErrorCode::Connection) << wrong;
    }
}

TEST(Replies, NestedDeeperThanAnyServerDoesAreRefused) {
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += "*1\r\n";
    EXPECT_EQ(error_of([&] { (void)read_in_pieces(deep, 400); }).code(), ErrorCode::Connection);
}

TEST(Commands, KeepEveryArgumentWhatItIs) {
    std::string text;
    append_command(text, {"SET", "a b", "x\r\nDEL y\r\n\0"s, ""});
    EXPECT_EQ(text, "*4\r\n$3\r\nSET\r\n$3\r\na b\r\n$11\r\nx\r\nDEL y\r\n\0\r\n$0\r\n\r\n"s);
}

}  // namespace
}  // namespace drydock::redis
