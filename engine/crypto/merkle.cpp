#include "engine/crypto/merkle.h"

#include <algorithm>
#include <array>
#include <bit>

#include "engine/error.h"

namespace drydock::crypto {
namespace {

constexpr std::size_t kDigestBytes = 32;

std::string_view view(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

Digest merkle_leaf(std::string_view record) {
    thread_local std::string bytes;  // hashing in one call is several times as quick as in two
    bytes.assign(1, '\0');
    bytes += record;
    return sha256(bytes);
}

Digest merkle_node(const Digest& left, const Digest& right) {
    std::array<char, 1 + 2 * kDigestBytes> bytes;
    bytes[0] = '\1';
    std::ranges::copy(view(left), bytes.begin() + 1);
    std::ranges::copy(view(right), bytes.begin() + 1 + kDigestBytes);
    return sha256({bytes.data(), bytes.size()});
}

MerkleFrontier::MerkleFrontier(std::int64_t size, std::string_view bytes) : size_(size) {
    const int full = size < 0 ? -1 : std::popcount(static_cast<std::uint64_t>(size));
    if (full < 0 || bytes.size() != static_cast<std::size_t>(full) * kDigestBytes)
        throw Error(ErrorCode::Integrity,
                    "the edge of a tree of " + std::to_string(size) + " records has not " +
                        std::to_string(bytes.size()) + " bytes");
    for (; !bytes.empty(); bytes.remove_prefix(kDigestBytes)) {
        Digest digest;
        std::ranges::copy(bytes.substr(0, kDigestBytes), digest.begin());
        full_.push_back(digest);
    }
}

void MerkleFrontier::add(std::string_view record) {
    Digest carried = merkle_leaf(record);
    // As in binary counting: each one at the end of the old size carries.
    for (std::int64_t bits = size_; (bits & 1) != 0; bits >>= 1) {
        carried = merkle_node(full_.back(), carried);
        full_.pop_back();
    }
    full_.push_back(carried);
    ++size_;
}

Digest MerkleFrontier::root() const {
    if (full_.empty()) return sha256("");
    Digest root = full_.back();
    for (std::size_t at = full_.size() - 1; at > 0; --at) root = merkle_node(full_[at - 1], root);
    return root;
}

std::string MerkleFrontier::bytes() const {
    std::string bytes;
    for (const Digest& digest : full_) bytes += view(digest);
    return bytes;
}

}  // namespace drydock::crypto
