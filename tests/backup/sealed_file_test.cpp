#include "engine/backup/sealed_file.h"

#include "engine/backup/plain_file.h"
#include "tests/backup/backup_fixture.h"

namespace drydock::backup {
namespace {

class SealedFileTest : public BackupTest {
  protected:
    void write(const std::string& name, const std::string& text) {
        std::ofstream(file(name), std::ios::binary) << text;
    }
    const crypto::Key key_{std::string(32, 'k')};
};

TEST_F(SealedFileTest, OpensToWhatWasSealedWhateverTheLength) {
    for (const std::size_t length : {std::size_t{0}, std::size_t{1}, kPieceBytes - 1, kPieceBytes,
                                     kPieceBytes + 1, 2 * kPieceBytes}) {
        std::string text(length, 'x');
        if (length > 0) text.back() = 'e';
        write("plain", text);
        seal_file(job_, key_, file("plain"), file("sealed"));
        open_sealed_file(job_, key_, file("sealed"), file("again"));
        EXPECT_EQ(bytes(file("again")), text) << length;
    }
}

TEST_F(SealedFileTest, NoticesPiecesThatAreCutOffExchangedOrAltered) {
    constexpr std::size_t kHead = 17;
    constexpr std::size_t kSealed = kPieceBytes + 28;
    write("plain", std::string(2 * kPieceBytes + 5, 'x'));
    seal_file(job_, key_, file("plain"), file("sealed"));
    const std::string whole = bytes(file("sealed"));
    const auto refused = [&](const std::string& text) {
        write("bad", text);
        return failure([&] { open_sealed_file(job_, key_, file("bad"), file("again")); }).code() ==
               ErrorCode::Integrity;
    };
    EXPECT_TRUE(refused(whole.substr(0, kHead + 2 * kSealed))) << "the last piece is gone";
    EXPECT_TRUE(refused(whole.substr(0, kHead + kSealed + 100)));
    EXPECT_TRUE(refused(whole.substr(0, kHead)));
    EXPECT_TRUE(refused(whole.substr(0, kHead) + whole.substr(kHead + kSealed, kSealed) +
                        whole.substr(kHead, kSealed) + whole.substr(kHead + 2 * kSealed)));
    std::string altered = whole;
    altered[kHead + 100] = static_cast<char>(altered[kHead + 100] ^ 1);
    EXPECT_TRUE(refused(altered));
    EXPECT_TRUE(refused("something else"));
}

}  // namespace
}  // namespace drydock::backup
