#include "engine/fetch/address.h"

#include <gtest/gtest.h>

#include "engine/error.h"

namespace drydock::fetch {
namespace {

std::string refusal(std::string_view url) {
    try {
        return "taken: " + Address(url).shown();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Lua);
        EXPECT_NE(error.hint(), "") << url;
        return error.message();
    }
}

TEST(Address, IsShownWithoutItsQueryAndFragment) {
    EXPECT_EQ(Address("https://Host.example/a/b?token=x#y").shown(), "https://host.example/a/b");
    EXPECT_EQ(Address("http://[::1]:8080/a").shown(), "http://[::1]:8080/a");
    EXPECT_EQ(Address("http://host:80").shown(), "http://host/");
}

TEST(Address, TellsWhoIsAskedBySchemeHostAndPort) {
    EXPECT_EQ(Address("http://HOST/a").origin(), Address("http://host:80/b?c").origin());
    EXPECT_NE(Address("http://host/a").origin(), Address("https://host/a").origin());
    EXPECT_NE(Address("http://host/a").origin(), Address("http://host:81/a").origin());
    EXPECT_NE(Address("http://host/a").origin(), Address("http://host.example/a").origin());
}

TEST(Address, FollowsWhatServersGive) {
    const Address from("https://host:8443/a/b?c");
    EXPECT_EQ(from.following("/d").shown(), "https://host:8443/d");
    EXPECT_EQ(from.following("d?e").shown(), "https://host:8443/a/d");
    EXPECT_EQ(from.following("//other/d").shown(), "https://other/d");
    EXPECT_EQ(from.following("http://other/").shown(), "http://other/");
    EXPECT_THROW((void)from.following("file:///etc/passwd"), Error);
    EXPECT_THROW((void)from.following("https://user:word@other/"), Error);
    EXPECT_THROW((void)from.following("/a b"), Error);
}

TEST(Address, RefusesEverySchemeButTwo) {
    for (const char* url :
         {"file:///etc/passwd", "ftp://host/", "gopher://host/", "ldap://host/", "dict://host:1/",
          "javascript:1", "nothing://host/", "host/path", "/path", "", "http://", "https:///path",
          "http://host:99999/", "http://host:x/"})
        EXPECT_EQ(refusal(url).find("taken"), std::string::npos) << url << ": " << refusal(url);
}

TEST(Address, RefusesAPasswordInTheAddress) {
    for (const char* url : {"http://anna:word@host/", "http://anna@host/", "http://:word@host/"})
        EXPECT_EQ(refusal(url), "http: a url may not hold a user or a password") << url;
}

TEST(Address, RefusesWhatOthersMayReadInAnotherWay) {
    using namespace std::string_view_literals;
    for (const std::string_view url :
         {"http://host/a b"sv, "http://host/\r\nX: y"sv, "http://host/\n"sv, "http://host/\t"sv,
          "http://host/a\0b"sv, "http://host\\@other/"sv, "http://h\xc3\xb6st/"sv,
          " http://host/"sv})
        EXPECT_NE(refusal(url).find("may not stand there"), std::string::npos) << refusal(url);
}

}  // namespace
}  // namespace drydock::fetch
