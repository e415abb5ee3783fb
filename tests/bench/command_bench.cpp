// Steps that run a program, against the bare start of it and two commits.

#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/sqlite/connection.h"
#include "tests/bench/measure.h"
#include "tests/doubles/temp_folder.h"

namespace drydock::bench {
namespace {

constexpr int kSteps = 500;

void spawn_true() {
    std::string program = "/bin/true";
    char* argv[] = {program.data(), nullptr};
    char* environment[] = {nullptr};
    pid_t child = 0;
    int status = -1;
    if (::posix_spawn(&child, program.c_str(), nullptr, nullptr, argv, environment) != 0 ||
        ::waitpid(child, &status, 0) != child || status != 0)
        throw std::runtime_error("/bin/true did not run");
}

// As many commits as a step has, of rows as large as its records.
double bare(const TempFolder& folder) {
    sqlite::Connection connection(folder.file("bare.db"), {.mode = sqlite::Mode::Create});
    connection.exec(
        "pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 0;"
        "create table events (run, seq, line, salt, body, primary key (run, seq)) without rowid");
    int seq = 0;
    const auto commit = [&] {
        connection.exec("insert into events values (1, " + std::to_string(++seq) +
                        ", randomblob(250), randomblob(16), randomblob(100))");
    };
    return seconds([&] {
        for (int i = 0; i < kSteps; ++i) {
            commit();
            spawn_true();
            commit();
        }
    });
}

double steps(const TempFolder& folder, const std::string& body) {
    {
        std::ofstream book(folder.file("book.yaml"));
        book << "runbook: bench\ncommands: [/bin/true]\nsteps:\n";
        for (int i = 0; i < kSteps; ++i) book << "  - {id: s" << i << ", " << body << "}\n";
    }
    const Program program = run_program({DRYDOCK, "-q", "run", "book.yaml"}, folder.path(),
                                        {{"PATH", "/usr/bin:/bin"}, {"HOME", folder.path()}});
    if (program.exit != 0) throw std::runtime_error("the run failed");
    return program.seconds;
}

}  // namespace

void command_bench() {
    std::vector<double> ratios;
    for (int round = 0; round < 5; ++round) {
        const TempFolder folder, empty;
        const double bound = bare(folder);
        const double none = run_program({DRYDOCK, "--version"}, empty.path(), {}).seconds;
        const double own = steps(folder, "uses: command.run, with: {argv: [/bin/true]}") - none;
        ratios.push_back(own / bound);
        note("  bare " + std::to_string(bound) + " s, steps " + std::to_string(own) + " s");
    }
    std::ranges::sort(ratios);
    report("a step that runs /bin/true / posix_spawn and two commits", ratios[2], "x", "<= 2",
           ratios[2] <= 2);
}

}  // namespace drydock::bench
