#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace drydock::run {

// Names of runs: 26 characters of Crockford's base32 in lower case, 128 random bits. Random from
// the first character on (not ordered by time), so that a prefix of a few characters is enough.
inline constexpr std::size_t kRunIdLength = 26;

// `random` is 16 bytes.
[[nodiscard]] std::string make_run_id(std::string_view random);
[[nodiscard]] bool is_run_id(std::string_view text);
// What people see: the first 8 characters.
[[nodiscard]] std::string short_id(std::string_view run);

// A scope names one unit of work of a run: phase, step and, in a foreach, the item.
//   do/backup   do/regions   do/regions[2]   undo/copy   undo/regions[2]   fin1/report
// Items count from 1, as `index` does.
[[nodiscard]] std::string make_scope(std::string_view phase, std::string_view step);
[[nodiscard]] std::string make_item_scope(std::string_view phase, std::string_view step,
                                          std::int64_t index);

struct ScopeParts {
    std::string phase;
    std::string step;
    std::int64_t index = 0;  // 0: not an item
};
// CHECKs that `scope` is one.
[[nodiscard]] ScopeParts split_scope(std::string_view scope);

}  // namespace drydock::run
