#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace drydock::bench {

// Wall seconds that `work` takes.
[[nodiscard]] double seconds(const std::function<void()>& work);
// The median of `rounds` measurements.
[[nodiscard]] double median_seconds(int rounds, const std::function<void()>& work);

struct Program {
    double seconds = 0;
    std::int64_t peak_kib = 0;  // resident memory at most
    int exit = 0;
};
// Runs a program to its end with its output thrown away.
[[nodiscard]] Program run_program(const std::vector<std::string>& argv, const std::string& folder,
                                  const std::map<std::string, std::string>& environment);

// "name  value  (wanted …)  ok|MISSED", one line; remembers whether all were met.
void report(const std::string& name, double value, const std::string& unit,
            const std::string& wanted, bool met);
void note(const std::string& text);
[[nodiscard]] bool all_met();

// Each prints its lines.
void journal_bench();
void program_bench();
void command_bench();
void audit_bench();
void postgres_bench();
void redis_bench();
void migrate_bench();
void migrate_up_bench();
void schema_bench();

}  // namespace drydock::bench
