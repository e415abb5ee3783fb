#pragma once

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "bindings/inspector.h"
#include "bindings/lua_runner.h"
#include "engine/cases/case_run.h"
#include "engine/cases/reader.h"
#include "engine/runbook/module_library.h"
#include "engine/sql/inspect.h"
#include "runbooks/shipped.h"
#include "tests/doubles/temp_folder.h"

namespace drydock::cases {

inline void PrintTo(const Failure& failure, std::ostream* out) {
    *out << failure.what << ": expected " << failure.expected << ", got " << failure.got;
}

// A runbook and its cases in a folder; plays them with the real engine, Lua and SQLite, each run in
// processes of its own.
class CaseStory {
  public:
    TempFolder folder;
    execute::Roles roles;
    std::map<std::string, bool> environments;
    std::vector<Coverage::Branch> covered;  // by the case that was played last

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder.file(name)) << text;
    }

    // `yaml`: the file of cases, about the runbook `book` of the test.
    ReadResult read(const std::string& book, const std::string& yaml) {
        write("book.yaml", book);
        ReadInput input{.path = "cases.yaml",
                        .text = yaml,
                        .folder = folder.path(),
                        .read_runbook = [this](const std::string& path) { return check(path); },
                        .inspector = inspector_,
                        .roles = roles,
                        .environments = environments};
        return read_cases(input);
    }
    // What the reader says, a line for each: "3:5 message (hint)".
    std::vector<std::string> complaints(const std::string& book, const std::string& yaml) {
        std::vector<std::string> lines;
        for (const runbook::Diagnostic& one : read(book, yaml).diagnostics)
            lines.push_back(std::to_string(one.place.line) + ":" +
                            std::to_string(one.place.column) + " " + one.message +
                            (one.hint.empty() ? "" : " (" + one.hint + ")"));
        return lines;
    }

    // The result of the only case, which must be readable.
    CaseResult play(const std::string& book, const std::string& yaml) {
        const ReadResult read = this->read(book, yaml);
        for (const runbook::Diagnostic& one : read.diagnostics)
            std::fprintf(stderr, "%s\n", runbook::to_text(one).c_str());
        if (!read.suite) throw std::runtime_error("the cases cannot be read");
        const Machinery machinery{
            .make_runner = [](Clock& clock) -> std::unique_ptr<execute::StepRunner> {
                return std::make_unique<bindings::LuaRunner>(clock);
            },
            .inspector = inspector_,
            .sql_problem = sql_problem(),
            .guard_program = GUARD_PROGRAM,
            .version = "test",
            .postgres = postgres()};
        Coverage coverage(read.suite->bundle);
        CaseResult result = run_case(*read.suite, read.suite->list.at(0), machinery, coverage);
        covered = coverage.branches();
        return result;
    }
    // Its failures, "what: expected …, got …" each; none: the case is true.
    std::vector<std::string> failures(const std::string& book, const std::string& yaml) {
        std::vector<std::string> lines;
        for (const Failure& failure : play(book, yaml).failures)
            lines.push_back(failure.what + ": expected " + failure.expected + ", got " +
                            failure.got);
        return lines;
    }

    // Of the whole test program.
    static PrivatePostgres& postgres() {
        static PrivatePostgres server;
        return server;
    }

  private:
    static runbook::SqlProblem sql_problem() {
        return [](std::string_view text) { return sql::script_problem(text); };
    }
    runbook::CheckResult check(const std::string& path) {
        runbook::ModuleLibrary library;
        for (const auto& module : runbooks::shipped_modules())
            library.add_shipped(std::string(module.name), std::string(module.text));
        return runbook::read_runbook({.path = path,
                                      .text = {},
                                      .modules = library,
                                      .inspector = inspector_,
                                      .sql_problem = sql_problem()});
    }

    bindings::Inspector inspector_;
};

using Lines = std::vector<std::string>;

}  // namespace drydock::cases
