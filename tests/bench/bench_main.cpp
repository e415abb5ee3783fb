#include "tests/bench/measure.h"

int main() {
    drydock::bench::journal_bench();
    drydock::bench::program_bench();
    return drydock::bench::all_met() ? 0 : 1;
}
