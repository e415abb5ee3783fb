#include "engine/run/event_codec.h"

#include <gtest/gtest.h>

#include "engine/error.h"
#include "tests/doubles/run_story.h"

namespace drydock::run {
namespace {

Event full_event() {
    Event event;
    event.run = std::string(26, 'a');
    event.seq = 3;
    event.prev = chain_start(event.run);
    event.time = 1'790'000'000'000'000;
    event.term = 2;
    event.actor = "uid:1000/anna \"the\" \xc3\xa4";
    event.scope = "do/copy[2]";
    event.attempt = 1;
    event.payload = ValueRecorded{.covers = {1, 2}, .oversize = true};
    event.body = {{"key", "was"}, {"value", 7}};
    return event;
}

TEST(EventCodec, ReadsBackWhatItWrote) {
    Event event = full_event();
    const EncodedEvent encoded = encode(event, std::string(16, 'x'));
    const Event back = decode(encoded.line, encoded.salt, encoded.body);
    EXPECT_EQ(back.actor, event.actor);
    EXPECT_EQ(back.scope, event.scope);
    EXPECT_EQ(back.seq, 3);
    EXPECT_EQ(back.body, event.body);
    EXPECT_EQ(std::get<ValueRecorded>(back.payload).covers, (std::vector<std::int64_t>{1, 2}));
    EXPECT_TRUE(std::get<ValueRecorded>(back.payload).oversize);
    Event again = back;
    EXPECT_EQ(encode(again, std::string(16, 'x')).line, encoded.line);
}

TEST(EventCodec, WritesFieldsInTheDocumentedOrder) {
    Event event;
    event.run = std::string(26, 'a');
    event.seq = 1;
    event.prev = "p";
    event.time = 5;
    event.term = 1;
    event.actor = "engine";
    event.payload = RunSuspended{.why = SuspendWhy::Timer, .due = 9};
    EXPECT_EQ(encode(event, {}).line,
              R"({"v":1,"run":"aaaaaaaaaaaaaaaaaaaaaaaaaa","seq":1,"prev":"p","time":5,)"
              R"("term":1,"actor":"engine","kind":"RunSuspended","why":"timer","due":9})");
}

template <std::size_t I>
void round_trip_kind() {
    Event event = full_event();
    event.payload = std::variant_alternative_t<I, Payload>{};
    const EncodedEvent encoded = encode(event, std::string(16, 'x'));
    EXPECT_EQ(decode(encoded.line, encoded.salt, encoded.body).payload.index(), I);
}
template <std::size_t... I>
void round_trip_all(std::index_sequence<I...>) {
    (round_trip_kind<I>(), ...);
}

TEST(EventCodec, KnowsEveryKind) {
    round_trip_all(std::make_index_sequence<std::variant_size_v<Payload>>{});
}

TEST(EventCodec, FindsEveryAlteredByteOfLineAndBody) {
    Event event = full_event();
    const EncodedEvent encoded = encode(event, std::string(16, 'x'));
    const std::string next = chain_next(encoded.line);
    for (std::size_t i = 0; i < encoded.line.size(); ++i) {
        std::string line = encoded.line;
        line[i] = static_cast<char>(line[i] ^ 1);
        EXPECT_NE(chain_next(line), next) << "byte " << i;
    }
    for (std::size_t i = 0; i < encoded.body->size(); ++i) {
        std::string body = *encoded.body;
        body[i] = static_cast<char>(body[i] ^ 1);
        EXPECT_THROW((void)decode(encoded.line, encoded.salt, body), Error) << "byte " << i;
    }
}

TEST(EventCodec, ReadsAnErasedBodyAsErased) {
    Event event = full_event();
    const EncodedEvent encoded = encode(event, std::string(16, 'x'));
    const Event back = decode(encoded.line, {}, std::nullopt);
    EXPECT_TRUE(back.body_erased);
    EXPECT_TRUE(back.body.empty());
}

TEST(EventCodec, RefusesWhatItDoesNotKnow) {
    const auto code_of = [](const std::string& line) {
        try {
            (void)decode(line, {}, std::nullopt);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::Lua;
    };
    EXPECT_EQ(code_of(R"({"v":2,"run":"r","seq":1,"kind":"RunEnded"})"), ErrorCode::Integrity);
    EXPECT_EQ(code_of(R"({"v":1,"run":"r","seq":1,"kind":"Dance"})"), ErrorCode::Integrity);
    EXPECT_EQ(code_of(R"({"v":1,"run":"r","seq":1,"kind":"RunEnded","outcome":"maybe"})"),
              ErrorCode::Integrity);
    EXPECT_EQ(
        code_of(R"({"v":1,"run":"r","seq":1,"kind":"RunEnded","outcome":"failed","extra":1})"),
        ErrorCode::Integrity);
    EXPECT_EQ(code_of("not json"), ErrorCode::Integrity);
    EXPECT_EQ(code_of("[]"), ErrorCode::Integrity);
}

}  // namespace
}  // namespace drydock::run
