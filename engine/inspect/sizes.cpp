#include "engine/inspect/sizes.h"

#include <algorithm>
#include <map>

namespace drydock::inspect {
namespace {

constexpr std::string_view kOwners =
    "select name, tbl_name, type = 'index' from sqlite_schema where rootpage > 0";

// In the order of each tree: a leaf after its neighbour is read without a jump.
constexpr std::string_view kPages = "select name, pageno, pgsize, unused, pagetype from dbstat";

void count_pages(Looking& looking, std::map<std::string, TreeSize>& trees) {
    sqlite::Statement pages = looking.connection().prepare(kPages);
    std::string last_name;
    std::int64_t last_page = 0;
    while (pages.step()) {
        const std::string name(pages.column_text(0));
        const std::int64_t page = pages.column_int(1);
        TreeSize& tree = trees[name];
        if (tree.name.empty()) tree.name = tree.table = name;  // sqlite_schema itself
        ++tree.pages;
        tree.bytes += pages.column_int(2);
        tree.unused_bytes += pages.column_int(3);
        if (pages.column_text(4) != "leaf") continue;
        if (name == last_name && page != last_page + 1) ++tree.jumps;
        last_name = name;
        last_page = page;
    }
}

}  // namespace

Sizes look_at_sizes(Looking& looking) {
    Sizes sizes{.page_bytes = looking.number("pragma page_size"),
                .pages = looking.number("pragma page_count"),
                .free_pages = looking.number("pragma freelist_count")};
    std::map<std::string, TreeSize> trees;
    sqlite::Statement owners = looking.connection().prepare(kOwners);
    while (owners.step()) {
        const std::string name(owners.column_text(0));
        trees[name] = {.name = name,
                       .table = std::string(owners.column_text(1)),
                       .is_index = owners.column_int(2) == 1};
    }
    try {
        count_pages(looking, trees);
        sizes.per_tree = true;
    } catch (const Error& error) {
        // Not every SQLite is built with dbstat.
        if (error.code() != ErrorCode::Sql)
            throw with_evidence(looking.path(), looking.file(), error);
    }
    for (auto& [name, tree] : trees) sizes.trees.push_back(std::move(tree));
    std::ranges::stable_sort(sizes.trees, std::ranges::greater{}, &TreeSize::bytes);
    return sizes;
}

}  // namespace drydock::inspect
