#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/crypto/digest.h"

// The hash tree of RFC 6962, section 2.1 (the same as RFC 9162): a root over a list of records that
// grows at its end. Leaves and nodes are hashed apart, so that none can pass for the other:
//
//   leaf(record)      = SHA-256(0x00 ‖ record)
//   node(left, right) = SHA-256(0x01 ‖ left ‖ right)
//   root of n records = node(root of the first k, root of the rest), k the largest power of two < n
//   root of none      = SHA-256("")
namespace drydock::crypto {

[[nodiscard]] Digest merkle_leaf(std::string_view record);
[[nodiscard]] Digest merkle_node(const Digest& left, const Digest& right);

// The right edge of a tree: the roots of its full subtrees, the largest first, one for each bit of
// the size. This is all that is needed to add records and to know the root. A value; not
// thread-safe.
class MerkleFrontier final {
  public:
    MerkleFrontier() = default;
    // What bytes() gave for a tree of `size` records. Throws Error{Integrity} for another length.
    MerkleFrontier(std::int64_t size, std::string_view bytes);

    void add(std::string_view record);
    [[nodiscard]] std::int64_t size() const { return size_; }
    [[nodiscard]] Digest root() const;
    // 32 bytes for each full subtree.
    [[nodiscard]] std::string bytes() const;

  private:
    std::int64_t size_ = 0;
    std::vector<Digest> full_;
};

}  // namespace drydock::crypto
