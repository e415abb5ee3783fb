#include "tests/bench/measure.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace drydock::bench {
namespace {

bool met_all = true;

}  // namespace

double seconds(const std::function<void()>& work) {
    const auto began = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

double median_seconds(int rounds, const std::function<void()>& work) {
    std::vector<double> all;
    for (int i = 0; i < rounds; ++i) all.push_back(seconds(work));
    std::ranges::sort(all);
    return all[all.size() / 2];
}

Program run_program(const std::vector<std::string>& argv, const std::string& folder,
                    const std::map<std::string, std::string>& environment) {
    std::vector<std::string> texts = argv;
    std::vector<std::string> variables;
    for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
    std::vector<char*> arguments, variable_pointers;
    for (std::string& text : texts) arguments.push_back(text.data());
    for (std::string& text : variables) variable_pointers.push_back(text.data());
    arguments.push_back(nullptr);
    variable_pointers.push_back(nullptr);
    const auto began = std::chrono::steady_clock::now();
    const pid_t pid = ::fork();
    if (pid == 0) {
        const int nowhere = ::open("/dev/null", O_RDWR);
        ::dup2(nowhere, STDOUT_FILENO);
        if (::chdir(folder.c_str()) == 0)
            ::execve(arguments[0], arguments.data(), variable_pointers.data());
        ::_exit(127);
    }
    int status = 0;
    rusage used{};
    ::wait4(pid, &status, 0, &used);
    Program program;
    program.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    program.peak_kib = used.ru_maxrss;
    program.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return program;
}

void report(const std::string& name, double value, const std::string& unit,
            const std::string& wanted, bool met) {
    std::printf("%-58s %10.3f %-6s %-14s %s\n", name.c_str(), value, unit.c_str(), wanted.c_str(),
                met ? "ok" : "MISSED");
    std::fflush(stdout);
    met_all = met_all && met;
}

void note(const std::string& text) {
    std::printf("%s\n", text.c_str());
    std::fflush(stdout);
}

bool all_met() { return met_all; }

}  // namespace drydock::bench
