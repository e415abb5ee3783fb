#include "engine/files/codec.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/error.h"

namespace drydock::files {
namespace {

class CodecTest : public testing::TestWithParam<Format> {
  protected:
    static std::string through(Codec& codec, std::string_view text, std::size_t block_bytes) {
        std::string out;
        const Codec::Sink sink = [&out](std::string_view piece) { out += piece; };
        for (; !text.empty(); text.remove_prefix(std::min(block_bytes, text.size()))) {
            codec.feed(text.substr(0, block_bytes), sink);
        }
        codec.finish(sink);
        return out;
    }
    static std::string pack(std::string_view text, std::size_t block_bytes = 1 << 20) {
        return through(*make_compressor(GetParam()), text, block_bytes);
    }
    static std::string unpack(std::string_view packed, std::size_t block_bytes = 1 << 20) {
        return through(*make_decompressor(GetParam()), packed, block_bytes);
    }
    static std::string noise(std::size_t size) {
        std::mt19937 source(1);
        std::string out(size, '\0');
        for (char& byte : out) byte = static_cast<char>(source());
        return out;
    }
};

TEST_P(CodecTest, BringsBackEverySizeInEveryBlockSize) {
    for (const std::string& text : {std::string(), std::string("a"), noise(1'000'000),
                                    std::string(5'000'000, 'x'), std::string(256 * 1024, 'y')}) {
        EXPECT_EQ(unpack(pack(text)), text);
        EXPECT_EQ(unpack(pack(text, 1000), 7777), text);
    }
    EXPECT_EQ(unpack(pack(noise(3000), 1), 1), noise(3000));
}

TEST_P(CodecTest, ReadsSeveralPartsOneBehindTheOther) {
    EXPECT_EQ(unpack(pack("one ") + pack("two")), "one two");
    EXPECT_EQ(unpack(pack("one ") + pack("two"), 1), "one two");
}

TEST_P(CodecTest, NoticesThatTheEndIsMissingWhereverItIsCut) {
    const std::string packed = pack(noise(500));
    for (std::size_t size = 0; size < packed.size(); ++size) {
        EXPECT_THROW((void)unpack(packed.substr(0, size)), Error) << size;
    }
}

TEST_P(CodecTest, NoticesAlteredContentAndWhatIsNotCompressedAtAll) {
    std::string packed = pack(noise(5000));
    packed[2500] = static_cast<char>(packed[2500] ^ 1);
    EXPECT_THROW((void)unpack(packed), Error);
    EXPECT_THROW((void)unpack("plain text, much longer than any header"), Error);
    EXPECT_THROW((void)unpack(pack("text") + "rubbish behind it"), Error);
}

INSTANTIATE_TEST_SUITE_P(Formats, CodecTest, testing::Values(Format::Gzip, Format::Zstd));

TEST(Format, IsSaidByTheName) {
    EXPECT_EQ(format_of("a.db.gz"), Format::Gzip);
    EXPECT_EQ(format_of("a.zst"), Format::Zstd);
    EXPECT_THROW((void)format_of("a.zip"), Error);
}

}  // namespace
}  // namespace drydock::files
