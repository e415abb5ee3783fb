#include <filesystem>

#include "engine/cases/case_run.h"
#include "engine/cases/junit.h"
#include "engine/cli/commands.h"
#include "engine/cli/find_cases.h"
#include "engine/cli/text.h"
#include "engine/os/atomic_file.h"

namespace drydock::cli {
namespace {

constexpr std::size_t kIndent = 6;

struct Played {
    const cases::Case* one = nullptr;
    cases::CaseResult result;
};

std::string seconds(std::chrono::milliseconds took) {
    return span(std::chrono::duration_cast<Microseconds>(took).count());
}

std::string place_text(const std::string& path, runbook::Place place) {
    return path + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

Value::Map to_map(const std::string& file, const Played& played) {
    Value::List failures;
    for (const cases::Failure& failure : played.result.failures) {
        failures.emplace_back(Value::Map{{"line", std::int64_t{failure.place.line}},
                                         {"column", std::int64_t{failure.place.column}},
                                         {"what", failure.what},
                                         {"expected", failure.expected},
                                         {"got", failure.got}});
    }
    Value::Map map{{"file", file},
                   {"case", played.one->name},
                   {"passed", played.result.failures.empty()},
                   {"milliseconds", std::int64_t{played.result.took.count()}},
                   {"failures", std::move(failures)}};
    if (const auto& kills = played.result.kills) {
        map["kills"] = kills->killed;
        map["kill_points"] = kills->points;
        map["processes"] = kills->lives;
    }
    return map;
}

Value::Map to_map(const std::string& file, const cases::Coverage& coverage) {
    Value::List never;
    for (const cases::Coverage::Branch& branch : coverage.branches()) {
        if (branch.times > 0) continue;
        never.emplace_back(Value::Map{{"step", branch.step},
                                      {"branch", branch.what},
                                      {"line", std::int64_t{branch.place.line}}});
    }
    return {{"file", file},
            {"coverage", Value::Map{{"steps", coverage.steps().all},
                                    {"steps_run", coverage.steps().taken},
                                    {"branches", coverage.ways().all},
                                    {"branches_taken", coverage.ways().taken},
                                    {"never", std::move(never)}}}};
}

class TestRun final {
  public:
    TestRun(Assembly& assembly, const Arguments& arguments)
        : assembly_(assembly), arguments_(arguments), output_(assembly.output()) {}

    int run() {
        const auto began = std::chrono::steady_clock::now();
        for (const CasesFile& file : find_cases(assembly_, arguments_.subjects)) run_file(file);
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - began);
        if (!arguments_.junit_file.empty())
            os::write_file(std::filesystem::absolute(arguments_.junit_file),
                           cases::junit_text(played_), 0644);
        conclude(took);
        if (unreadable_ > 0) return exit_status(ErrorCode::Document);
        if (passed_ + failed_ == 0) return exit_status(ErrorCode::NotFound);
        return failed_ == 0 ? 0 : exit_status(ErrorCode::Check);
    }

  private:
    void run_file(const CasesFile& file) {
        const cases::ReadResult read = cli::read(assembly_, file);
        if (!read.suite) {
            ++unreadable_;
            output_.diagnostics(read.diagnostics);
            played_.push_back({file.path, read.diagnostics.front().message, {}});
            return;
        }
        cases::PlayedFile played{file.path, {}, {}};
        cases::Coverage coverage(read.suite->bundle);
        for (const cases::Case& one : read.suite->list) {
            if (one.name.find(arguments_.filter) == std::string::npos) continue;
            if (played.list.empty() && !output_.json() && !output_.quiet()) output_.line(file.path);
            const cases::CaseResult result =
                cases::run_case(*read.suite, one, assembly_.cases_machinery(), coverage);
            ++(result.failures.empty() ? passed_ : failed_);
            show(file, {&one, result});
            played.list.push_back({one.name, result.failures, result.took});
        }
        if (played.list.empty()) return;
        played_.push_back(std::move(played));
        show(file, coverage);
    }

    void show(const CasesFile& file, const Played& played) {
        if (output_.json()) {
            output_.json_line(to_map(file.path, played));
            return;
        }
        const bool good = played.result.failures.empty();
        if (good && output_.quiet()) return;
        std::string tail = seconds(played.result.took);
        if (const auto& kills = played.result.kills)
            tail += ", " + grouped(kills->killed) + " kills";
        const std::string mark =
            good ? output_.styled(Style::Green, "✓") : output_.styled(Style::Red, "✗");
        output_.line("  " + mark + " " + played.one->name + "  " +
                     output_.styled(Style::Dim, tail));
        for (const cases::Failure& failure : played.result.failures) show(file, failure);
    }

    void show(const CasesFile& file, const cases::Failure& failure) {
        const std::string indent(kIndent, ' ');
        output_.line(indent + place_text(file.path, failure.place) + ": " +
                     output_.styled(Style::Bold, failure.what));
        output_.line(indent + "  expected " + failure.expected);
        output_.line(indent + "  got      " + failure.got);
    }

    void show(const CasesFile& file, const cases::Coverage& coverage) {
        if (output_.json()) output_.json_line(to_map(file.path, coverage));
        if (output_.json() || !arguments_.coverage) return;
        const auto of = [](cases::Coverage::Counts counts) {
            return std::to_string(counts.taken) + " of " + std::to_string(counts.all);
        };
        output_.line("  coverage: " + of(coverage.steps()) + " steps, " + of(coverage.ways()) +
                     " branches");
        for (const cases::Coverage::Branch& branch : coverage.branches()) {
            if (branch.times > 0) continue;
            const std::string line =
                branch.place.line > 0 ? "line " + std::to_string(branch.place.line) + "  " : "";
            output_.line("    never  " + line + (branch.step.empty() ? "" : branch.step + ": ") +
                         branch.what);
        }
    }

    void conclude(std::chrono::milliseconds took) {
        if (output_.json()) {
            output_.json_line(Value::Map{{"passed", passed_},
                                         {"failed", failed_},
                                         {"unreadable_files", unreadable_},
                                         {"milliseconds", std::int64_t{took.count()}}});
            return;
        }
        std::string text = std::to_string(passed_) + " passed";
        if (failed_ > 0) text += ", " + std::to_string(failed_) + " failed";
        if (unreadable_ > 0)
            text += ", " + std::to_string(unreadable_) + (unreadable_ == 1 ? " file" : " files") +
                    " cannot be read";
        if (passed_ + failed_ + unreadable_ == 0) text = "no case has such a name";
        output_.line(text + "  " + seconds(took));
    }

    Assembly& assembly_;
    const Arguments& arguments_;
    Output& output_;
    std::vector<cases::PlayedFile> played_;
    std::int64_t passed_ = 0, failed_ = 0, unreadable_ = 0;
};

}  // namespace

int test_command(Assembly& assembly, const Arguments& arguments) {
    return TestRun(assembly, arguments).run();
}

}  // namespace drydock::cli
