#include "engine/crypto/merkle.h"

#include <gtest/gtest.h>

#include "engine/error.h"

namespace drydock::crypto {
namespace {

// The records and roots that the Certificate Transparency project publishes for RFC 6962.
const std::vector<std::string> kRecords{
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f"};
const std::vector<std::string> kRoots{
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

// The definition of the RFC, word for word: the slow way.
Digest root_by_definition(const std::vector<std::string>& records) {
    if (records.empty()) return sha256("");
    if (records.size() == 1) return merkle_leaf(records[0]);
    std::size_t k = 1;
    while (k * 2 < records.size()) k *= 2;
    const auto middle = records.begin() + static_cast<std::ptrdiff_t>(k);
    return merkle_node(root_by_definition({records.begin(), middle}),
                       root_by_definition({middle, records.end()}));
}

TEST(MerkleFrontier, gives_the_published_roots) {
    MerkleFrontier frontier;
    EXPECT_EQ(to_hex(frontier.root()), kRoots[0]);
    for (std::size_t i = 0; i < kRecords.size(); ++i) {
        frontier.add(from_hex(kRecords[i]));
        EXPECT_EQ(to_hex(frontier.root()), kRoots[i + 1]) << i + 1 << " records";
    }
}

TEST(MerkleFrontier, agrees_with_the_definition_at_every_size) {
    MerkleFrontier frontier;
    std::vector<std::string> records;
    for (int i = 0; i < 130; ++i) {
        records.push_back("record " + std::to_string(i));
        frontier.add(records.back());
        ASSERT_EQ(frontier.root(), root_by_definition(records)) << records.size();
    }
}

TEST(MerkleFrontier, goes_on_from_its_bytes) {
    MerkleFrontier whole;
    for (int i = 0; i < 100; ++i) {
        whole = MerkleFrontier(whole.size(), whole.bytes());
        whole.add(std::to_string(i));
    }
    MerkleFrontier once;
    for (int i = 0; i < 100; ++i) once.add(std::to_string(i));
    EXPECT_EQ(whole.root(), once.root());
    EXPECT_EQ(whole.bytes().size(), 3U * 32U);  // 100 = 64 + 32 + 4
}

TEST(MerkleFrontier, refuses_bytes_that_do_not_fit_the_size) {
    EXPECT_THROW(MerkleFrontier(3, std::string(32, 'x')), Error);
    EXPECT_THROW(MerkleFrontier(-1, {}), Error);
}

}  // namespace
}  // namespace drydock::crypto
