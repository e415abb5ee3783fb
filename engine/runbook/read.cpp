#include "engine/runbook/read.h"

#include <filesystem>
#include <set>
#include <utility>

#include "engine/error.h"
#include "engine/runbook/convert.h"
#include "engine/runbook/reader.h"
#include "engine/runbook/report.h"
#include "engine/runbook/source.h"
#include "engine/runbook/sources.h"

namespace drydock::runbook {
namespace {

namespace fs = std::filesystem;

void visit_side(const std::optional<SideBody>& side,
                const std::function<void(const ActionCall&)>& visit) {
    if (!side) return;
    if (const auto* call = std::get_if<ActionCall>(&*side)) visit(*call);
}

// Reads one runbook: text, modules, model, rules, in this order, each as far as the one before
// allows.
class RunbookReading final {
  public:
    explicit RunbookReading(const CheckInput& input) : input_(input) {
        const bool on_disk = !input.text && !input.frozen;
        bundle_.path =
            on_disk ? absolute_path(input.path, fs::current_path().string()) : input.path;
        if (on_disk) folder_ = fs::path(bundle_.path).parent_path().string();
    }

    CheckResult read() {
        if (!read_text()) return std::move(result_);
        Report report(input_.path, bundle_.text);
        if (const auto root = parse_source(bundle_.text, report)) read_tree(*root, report);
        else if (report.empty())
            report.add({.line = 1, .column = 1}, "nothing stands in this file",
                       "begin with `runbook: name`");
        add(report.take());
        if (result_.diagnostics.empty()) result_.bundle = std::move(bundle_);
        return std::move(result_);
    }

  private:
    void add(Diagnostics found) {
        for (Diagnostic& one : found) result_.diagnostics.push_back(std::move(one));
    }

    bool read_text() {
        if (input_.text) {
            bundle_.text = *input_.text;
            return true;
        }
        try {
            bundle_.text = read_whole_file(bundle_.path, SourceLimits().bytes);
            return true;
        } catch (const Error& error) {
            result_.diagnostics.push_back({.path = input_.path,
                                           .place = {},
                                           .message = error.message(),
                                           .hint = error.hint(),
                                           .source_line = {}});
            return false;
        }
    }

    void read_tree(const SourceNode& root, Report& report) {
        for (const std::string& name : modules_named(root)) read_module(name);
        bundle_.runbook = read_model(
            root, [this](std::string_view name) { return bundle_.find_action(name); }, report);
        drop_unused_modules();
        const RuleInput rules{bundle_, input_.inspector, input_.sql_problem, input_.modules.names(),
                              input_.roles};
        check_rules(rules, report);
        if (!input_.frozen) check_sources(report);
    }

    void read_module(const std::string& name) {
        try {
            const auto found = input_.modules.find(name, folder_);
            if (!found) return;
            load_module(name, *found);
        } catch (const Error& error) {
            result_.diagnostics.push_back({.path = input_.path,
                                           .place = {},
                                           .message = error.message(),
                                           .hint = error.hint(),
                                           .source_line = {}});
        }
    }

    void load_module(const std::string& name, const ModuleLibrary::Found& found) {
        auto loaded = input_.inspector.module(name, found.text);
        Module& module = bundle_.modules[name];
        if (auto* good = std::get_if<Module>(&loaded)) module = std::move(*good);
        module.name = name;
        module.path = found.path;
        module.text = found.text;
        const auto* problems = std::get_if<std::vector<ScriptProblem>>(&loaded);
        if (problems == nullptr) return;
        Report report(found.path, module.text);
        for (const ScriptProblem& problem : *problems) {
            const auto line = static_cast<std::uint32_t>(problem.line);
            report.add({.line = line, .column = line > 0 ? 1U : 0U}, problem.message, problem.hint);
        }
        add(report.take());
    }

    void drop_unused_modules() {
        std::set<std::string, std::less<>> used;
        for_each_call(bundle_.runbook, [&](const ActionCall& call) {
            const std::size_t dot = call.action.rfind('.');
            if (dot != std::string::npos) used.insert(call.action.substr(0, dot));
        });
        std::erase_if(bundle_.modules,
                      [&](const auto& module) { return !used.contains(module.first); });
    }

    void check_sources(Report& report) {
        for (const LiteralSource& source : literal_sources(bundle_)) {
            std::error_code error;
            if (!fs::exists(source.path, error)) {
                report.add(source.place, "the source " + source.path + " does not exist",
                           "relative sources stand beside the runbook");
            }
        }
    }

    const CheckInput& input_;
    std::string folder_;  // of the runbook; empty when it is not on disk
    Bundle bundle_;
    CheckResult result_;
};

}  // namespace

CheckResult read_runbook(const CheckInput& input) { return RunbookReading(input).read(); }

void for_each_call(const Runbook& runbook, const std::function<void(const ActionCall&)>& visit) {
    for (const auto* list : {&runbook.steps, &runbook.finally}) {
        for (const Step& step : *list) {
            if (const auto* call = std::get_if<ActionCall>(&step.body)) visit(*call);
            if (const auto* gate = std::get_if<Gate>(&step.body)) {
                for (const ChecklistItem& item : gate->checklist) {
                    if (const auto* call = std::get_if<ActionCall>(&item.body)) visit(*call);
                }
            }
            visit_side(step.probe, visit);
            visit_side(step.undo, visit);
        }
    }
}

}  // namespace drydock::runbook
