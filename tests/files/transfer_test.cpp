#include "engine/files/transfer.h"

#include <cstdlib>

#include "engine/crypto/digest.h"
#include "tests/files/workplace.h"

namespace drydock::files {
namespace {

class TransferTest : public Workplace {
  protected:
    std::string text_ = std::string(2'500'000, 'x');
};

TEST_F(TransferTest, HashesWhatIsInTheFile) {
    files_.write("a", text_);
    EXPECT_EQ(files_.sha256("a"), crypto::to_hex(crypto::sha256(text_)));
}

TEST_F(TransferTest, CompressesAndDecompressesByTheName) {
    files_.write("a", text_, 0644);
    for (const std::string name : {"a.gz", "a.zst"}) {
        files_.compress("a", name);
        EXPECT_LT(files_.stat(name).size, Size{100'000});
        EXPECT_EQ(files_.stat(name).mode, 0600);
        files_.decompress(name, "back");
        EXPECT_EQ(files_.read("back"), text_);
        EXPECT_EQ(files_.stat("back").mode, 0600);
    }
    EXPECT_TRUE(files_.exists("a"));
}

TEST_F(TransferTest, WritesGzipThatGzipReads) {
    files_.write("a", text_);
    files_.compress("a", "a.gz");
    EXPECT_EQ(std::system(("gzip -t " + (folder_ / "in/a.gz")).c_str()), 0);
}

TEST_F(TransferTest, LeavesNothingOfADamagedFile) {
    files_.write("a", text_);
    files_.compress("a", "a.gz");
    const std::string packed = files_.read("a.gz");
    files_.write("cut.gz", packed.substr(0, packed.size() - 4));
    EXPECT_EQ(refusal([&] { files_.decompress("cut.gz", "back"); }),
              "file: " + (folder_ / "in/cut.gz") +
                  ": not readable as compressed data: it ends too early");
    EXPECT_FALSE(files_.exists("back"));
    EXPECT_EQ(files_.list("."), (std::vector<std::string>{"a", "a.gz", "cut.gz"}));
}

TEST_F(TransferTest, NeedsANameThatSaysTheFormat) {
    files_.write("a", text_);
    EXPECT_EQ(refusal([&] { files_.compress("a", "a.packed"); }),
              "file: a.packed: the name does not say how it is compressed");
}

TEST_F(TransferTest, CanBeStoppedBetweenBlocksAndThenHasDoneNothing) {
    files_.write("a", text_);
    std::vector<std::int64_t> seen;
    files_.set_poll([&](std::int64_t done, std::int64_t total) {
        EXPECT_EQ(total, 2'500'000);
        seen.push_back(done);
        if (done > 2'000'000) throw Error(ErrorCode::Interrupted, "stop");
    });
    EXPECT_EQ(refusal([&] { files_.copy("a", "b"); }), "interrupted: stop");
    EXPECT_EQ(seen, (std::vector<std::int64_t>{1 << 20, 2 << 20}));
    EXPECT_FALSE(files_.exists("b"));
    EXPECT_EQ(refusal([&] { files_.compress("a", "b.zst"); }),
              "interrupted: " + (folder_ / "in/a") + ": stop");
    EXPECT_EQ(files_.list("."), std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace drydock::files
