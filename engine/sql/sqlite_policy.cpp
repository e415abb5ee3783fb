#include "engine/sql/sqlite_policy.h"

#include <algorithm>
#include <array>
#include <string>

namespace drydock::sql {
namespace {

// Read with an argument: what they look at.
constexpr std::array<std::string_view, 10> kReadWithArgument{
    "foreign_key_check", "foreign_key_list", "index_info", "index_list", "index_xinfo",
    "integrity_check",   "quick_check",      "table_info", "table_list", "table_xinfo"};

// Without an argument these act; every other PRAGMA then only tells its value.
constexpr std::array<std::string_view, 4> kActWithoutArgument{"incremental_vacuum", "optimize",
                                                              "shrink_memory", "wal_checkpoint"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool reads(std::string_view pragma, const char* argument) {
    std::string name(pragma);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return argument == nullptr ? !contains(kActWithoutArgument, name)
                               : contains(kReadWithArgument, name);
}

}  // namespace

bool allowed(Access access, bool vacuum, sqlite::Action action, std::string_view first,
             const char* second) {
    switch (action) {
        case sqlite::Action::Savepoint: return false;
        case sqlite::Action::Transaction:
        case sqlite::Action::Attach:
        case sqlite::Action::Detach: return vacuum && access == Access::Alone;
        case sqlite::Action::Pragma: return access == Access::Alone || reads(first, second);
        case sqlite::Action::Other: return true;
    }
    return false;
}

bool allowed_in_migration(bool vacuum, sqlite::Action action) {
    switch (action) {
        case sqlite::Action::Transaction:
        case sqlite::Action::Attach:
        case sqlite::Action::Detach: return vacuum;
        case sqlite::Action::Savepoint:
        case sqlite::Action::Pragma:
        case sqlite::Action::Other: return true;
    }
    return false;
}

}  // namespace drydock::sql
