#include "engine/backup/sealed_file.h"

#include "engine/backup/plain_file.h"
#include "engine/crypto/seal.h"
#include "engine/error.h"

namespace drydock::backup {
namespace {

constexpr std::string_view kMagic = "drydock-sealed-1\n";

std::string associated(std::int64_t number, bool last) {
    return "drydock-sealed-1 " + std::to_string(number) + (last ? " last" : " more");
}

}  // namespace

void seal_file(Job& job, const crypto::Key& key, const std::string& from, const std::string& to) {
    PlainReader reader(from);
    PlainWriter writer(to);
    writer.write(kMagic);
    std::string piece = reader.read(kPieceBytes);
    for (std::int64_t number = 0;; ++number) {
        job.check_stop();
        std::string next = piece.size() == kPieceBytes ? reader.read(kPieceBytes) : std::string();
        const bool last = next.empty();
        writer.write(crypto::seal(key, piece, associated(number, last)));
        if (last) break;
        piece = std::move(next);
    }
    writer.finish();
}

void open_sealed_file(Job& job, const crypto::Key& key, const std::string& from,
                      const std::string& to) {
    constexpr std::size_t kSealedPiece = kPieceBytes + crypto::kSealOverheadBytes;
    PlainReader reader(from);
    PlainWriter writer(to);
    if (reader.read(kMagic.size()) != kMagic) {
        throw Error(ErrorCode::Integrity, from + " is no file that Drydock sealed");
    }
    std::string piece = reader.read(kSealedPiece);
    for (std::int64_t number = 0;; ++number) {
        job.check_stop();
        std::string next = piece.size() == kSealedPiece ? reader.read(kSealedPiece) : std::string();
        const bool last = next.empty();
        writer.write(crypto::open(key, piece, associated(number, last)));
        if (last) break;
        piece = std::move(next);
    }
    writer.finish();
}

}  // namespace drydock::backup
