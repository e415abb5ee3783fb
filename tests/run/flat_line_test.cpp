#include "engine/run/flat_line.h"

#include <gtest/gtest.h>

#include "engine/error.h"
#include "engine/run/event_codec.h"

namespace drydock::run {
namespace {

Event some_event() {
    Event event{.run = "r", .seq = 7, .prev = chain_start("r"), .time = 12, .term = 3};
    event.actor = "uid:1/An\"na é";
    event.scope = "do/x";
    event.attempt = 1;
    event.payload = ValueRecorded{.covers = {1, 2, 3}, .oversize = true};
    event.body = {{"key", "k"}};
    return event;
}

TEST(FlatLine, reads_what_the_codec_writes) {
    Event event = some_event();
    const EncodedEvent encoded = encode(event, std::string(16, 's'));
    const LineHead head = read_head(encoded.line);
    EXPECT_EQ(head.run, "r");
    EXPECT_EQ(head.seq, 7);
    EXPECT_EQ(head.prev, event.prev);
    EXPECT_EQ(head.time, 12);
    EXPECT_EQ(head.term, 3);
    EXPECT_EQ(head.kind, "ValueRecorded");
    EXPECT_EQ(head.body, event.body_digest);
}

TEST(FlatLine, refuses_a_line_that_is_cut_anywhere_or_goes_on) {
    Event event = some_event();
    const std::string line = encode(event, std::string(16, 's')).line;
    for (std::size_t size = 0; size < line.size(); ++size) {
        EXPECT_THROW((void)read_head(line.substr(0, size)), Error) << size;
    }
    EXPECT_THROW((void)read_head(line + " "), Error);
}

TEST(FlatLine, refuses_what_the_codec_would_not_write) {
    for (const char* line :
         {R"({"v":1,"kind":"Unknown"})", R"({"v":2,"kind":"RunEnded"})", R"({"kind":"RunEnded"})",
          R"({"v":"1","kind":"RunEnded"})", R"({ "v":1,"kind":"RunEnded"})",
          R"({"v":1,"seq":01,"kind":"RunEnded"})", R"({"v":1,"seq":-0,"kind":"RunEnded"})",
          R"({"v":1,"seq":1.5,"kind":"RunEnded"})", R"({"v":1,"x":false,"kind":"RunEnded"})",
          R"({"v":1,"x":[],"kind":"RunEnded"})", R"({"v":1,"x":{},"kind":"RunEnded"})",
          R"({"v":1,"seq":99999999999999999999,"kind":"RunEnded"})", "{\"v\":1,\"x\":\"\n\"}"}) {
        EXPECT_THROW((void)read_head(line), Error) << line;
    }
    EXPECT_EQ(read_head(R"({"v":1,"seq":-5,"kind":"RunEnded"})").seq, -5);
}

}  // namespace
}  // namespace drydock::run
