#include <string_view>

#include "tests/bench/measure.h"

// Without a word all of them; else those that are named.
int main(int count, char** words) {
    const auto wanted = [&](std::string_view name) {
        bool found = count < 2;
        for (int i = 1; i < count; ++i) found = found || words[i] == name;
        return found;
    };
    if (wanted("journal")) drydock::bench::journal_bench();
    if (wanted("program")) drydock::bench::program_bench();
    if (wanted("command")) drydock::bench::command_bench();
    if (wanted("audit")) drydock::bench::audit_bench();
    if (wanted("postgres")) drydock::bench::postgres_bench();
    if (wanted("migrate")) drydock::bench::migrate_bench();
    if (wanted("migrate-up")) drydock::bench::migrate_up_bench();
    if (wanted("redis")) drydock::bench::redis_bench();
    if (wanted("schema")) drydock::bench::schema_bench();
    return drydock::bench::all_met() ? 0 : 1;
}
