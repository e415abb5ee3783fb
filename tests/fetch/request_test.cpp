#include "engine/fetch/request.h"

#include <gtest/gtest.h>

namespace drydock::fetch {
namespace {

std::string refusal(const Request& request) {
    try {
        check(request);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Lua);
        return error.message();
    }
    return "";
}
Request with_header(const std::string& name, const std::string& value) {
    return {.url = "http://host/", .headers = {{.name = name, .value = value}}};
}

TEST(Request, KnowsWhichMethodsOnlyRead) {
    for (const char* method : {"GET", "HEAD", "OPTIONS"}) EXPECT_TRUE(only_reads(method));
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "get", ""})
        EXPECT_FALSE(only_reads(method)) << method;
}

TEST(Request, RefusesMethodsItDoesNotKnow) {
    for (const char* method : {"get", "TRACE", "CONNECT", "", "GET /x HTTP/1.1\r\nX:"})
        EXPECT_NE(refusal({.method = method, .url = "http://host/"}), "") << method;
    EXPECT_EQ(refusal({.method = "DELETE", .url = "http://host/"}), "");
}

TEST(Request, RefusesALineBreakInAHeader) {
    EXPECT_NE(refusal(with_header("X-A", "a\r\nX-B: b")), "");
    EXPECT_NE(refusal(with_header("X-A", "a\nb")), "");
    EXPECT_NE(refusal(with_header("X-A", std::string("a\0b", 3))), "");
    EXPECT_NE(refusal(with_header("X-A: b\r\nX-C", "d")), "");
    EXPECT_NE(refusal(with_header("X A", "d")), "");
    EXPECT_NE(refusal(with_header("", "d")), "");
    EXPECT_EQ(refusal(with_header("X-A", "'; DROP TABLE t; -- $(id)\t")), "");
    EXPECT_EQ(refusal(with_header("X-A", "")), "");
}

TEST(Request, RefusesHeadersThatBelongToTheProtocol) {
    for (const char* name : {"Host", "content-length", "Transfer-Encoding", "CONNECTION", "Expect"})
        EXPECT_NE(refusal(with_header(name, "1")).find(name), std::string::npos) << name;
}

TEST(Request, NamesNoValueOfAHeaderInItsRefusal) {
    EXPECT_EQ(refusal(with_header("X-Key", "canary\r\n")).find("canary"), std::string::npos);
}

TEST(Request, IsBounded) {
    const std::vector<Header> many(101, {.name = "X", .value = "y"});
    EXPECT_NE(refusal({.url = "http://host/", .headers = many}), "");
    EXPECT_NE(refusal(with_header("X", std::string(70'000, 'x'))), "");
    EXPECT_NE(refusal({.url = "http://host/", .redirects = 11}), "");
    EXPECT_NE(refusal({.url = "http://host/", .max_bytes = std::size_t{65} << 20}), "");
    EXPECT_NE(refusal({.url = "http://host/", .timeout = Microseconds(0)}), "");
    EXPECT_NE(refusal({.method = "HEAD", .url = "http://host/", .body = "x"}), "");
    EXPECT_NE(refusal({.url = "http://host/", .proxy = "http://anna:word@proxy/"}), "");
}

TEST(Request, IsShownWithoutItsQuery) {
    EXPECT_EQ(shown({.method = "POST", .url = "https://host/a?key=canary"}), "POST https://host/a");
}

}  // namespace
}  // namespace drydock::fetch
