// actions and runbooks: what there is to use.

#include <algorithm>
#include <filesystem>

#include "engine/cli/commands.h"
#include "engine/cli/find_runbook.h"
#include "engine/cli/step_words.h"
#include "engine/cli/text.h"
#include "engine/os/atomic_file.h"
#include "engine/runbook/declaration.h"
#include "engine/runbook/effect.h"
#include "runbooks/shipped.h"

namespace drydock::cli {
namespace {

namespace fs = std::filesystem;

runbook::Module load_module(Assembly& assembly, const std::string& name) {
    const auto found = assembly.modules().find(name, {});
    if (!found) {
        const std::string near = runbook::did_you_mean(name, assembly.modules().names());
        throw Error(ErrorCode::NotFound, "there is no module " + name,
                    near.empty() ? "drydock actions lists them" : "did you mean " + near + "?");
    }
    auto loaded = assembly.inspector().module(name, found->text);
    if (auto* module = std::get_if<runbook::Module>(&loaded)) {
        module->path = found->path;
        return std::move(*module);
    }
    const auto& problem = std::get<std::vector<runbook::ScriptProblem>>(loaded).front();
    throw Error(ErrorCode::Document,
                found->path + ":" + std::to_string(problem.line) + ": " + problem.message,
                problem.hint);
}

std::string declaration_words(const runbook::Declaration& declared) {
    std::string words(runbook::type_name(declared.type));
    if (declared.of) words += " of " + std::string(runbook::type_name(declared.of->type));
    if (declared.default_value)
        words += ", default " + words_of(*declared.default_value, Value(Value::Map{}));
    if (!declared.allowed.empty()) {
        words += ", one of";
        for (const runbook::Node& node : declared.allowed)
            words += " " + words_of(node, Value(Value::Map{}));
    }
    if (!declared.description.empty()) words += ": " + declared.description;
    return words;
}

Value::Map to_map(const runbook::Declarations& declarations) {
    Value::Map map;
    for (const auto& [name, declared] : declarations)
        map.emplace(name, declaration_words(declared));
    return map;
}

Value::Map to_map(const std::string& name, const runbook::Action& action) {
    return {{"action", name},
            {"summary", action.summary},
            {"effect", runbook::effect_name(action.effect)},
            {"idempotent", action.idempotent},
            {"probe", action.has_probe},
            {"undo", action.has_undo},
            {"params", to_map(action.params)},
            {"returns", to_map(action.returns)}};
}

void explain(Output& output, const std::string& name, const runbook::Action& action) {
    output.line(output.styled(Style::Bold, name) + "  " + action.summary);
    std::string facts = "  effect: " + std::string(runbook::effect_name(action.effect));
    if (action.idempotent) facts += ", idempotent";
    if (action.has_probe) facts += ", probe";
    if (action.has_undo) facts += ", undo";
    output.line(facts);
    for (const std::string& command : action.needs_commands)
        output.line("  needs the program " + command);
    for (const auto& [title, declarations] :
         {std::pair{"with", &action.params}, std::pair{"returns", &action.returns}}) {
        if (!declarations->empty()) output.line("  " + std::string(title) + ":");
        for (const auto& [param, declared] : *declarations)
            output.line("    " + param + "  " + declaration_words(declared));
    }
}

// "sqlite" → all of its actions; "sqlite.check" → that one, in full; "" → all.
struct Selection {
    std::vector<std::string> modules;
    std::string action;
};
Selection select(Assembly& assembly, const Arguments& arguments) {
    if (arguments.subjects.empty()) return {assembly.modules().names(), {}};
    const std::string& name = arguments.subjects.front();
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos) return {{name}, {}};
    return {{name.substr(0, dot)}, name.substr(dot + 1)};
}

void refuse_unknown_action(const runbook::Module& module, const std::string& action) {
    if (module.actions.contains(action)) return;
    std::vector<std::string> names;
    for (const auto& [name, one] : module.actions) names.push_back(name);
    const std::string near = runbook::did_you_mean(action, names);
    throw Error(ErrorCode::NotFound, "the module " + module.name + " has no action " + action,
                near.empty() ? "drydock actions " + module.name + " lists them"
                             : "did you mean " + near + "?");
}

}  // namespace

int actions_command(Assembly& assembly, const Arguments& arguments) {
    Output& output = assembly.output();
    const Selection selection = select(assembly, arguments);
    Table table{.head = {"action", "effect", "if killed", "undo", "what it does"},
                .rows = {},
                .flexible = 4};
    for (const std::string& name : selection.modules) {
        const runbook::Module module = load_module(assembly, name);
        if (!selection.action.empty()) refuse_unknown_action(module, selection.action);
        for (const auto& [short_name, action] : module.actions) {
            if (!selection.action.empty() && short_name != selection.action) continue;
            const std::string full = name + "." + short_name;
            if (output.json()) output.json_line(to_map(full, action));
            else if (!selection.action.empty()) explain(output, full, action);
            const bool unsafe = action.effect == runbook::Effect::Unsafe;
            const std::string killed = action.effect == runbook::Effect::Transaction ? "receipt"
                                       : !unsafe || action.idempotent                ? "again"
                                       : action.has_probe                            ? "probe"
                                                                                     : "asks";
            table.rows.push_back({full, std::string(runbook::effect_name(action.effect)), killed,
                                  action.has_undo ? "yes" : "–", action.summary});
        }
    }
    if (output.json() || !selection.action.empty()) return 0;
    for (const std::string& line : lines_of(table, output.width())) output.line(line);
    return 0;
}

int runbooks_list_command(Assembly& assembly, const Arguments&) {
    Output& output = assembly.output();
    Table table{.head = {"name", "title", "from"}, .rows = {}, .flexible = 1};
    for (const NamedRunbook& one : named_runbooks(assembly)) {
        const runbook::CheckResult result = check(assembly, one);
        const std::string title =
            result.bundle ? result.bundle->runbook.title : "has errors: drydock check " + one.name;
        if (output.json())
            output.json_line(Value::Map{{"name", one.name},
                                        {"title", title},
                                        {"path", one.path},
                                        {"ok", result.bundle.has_value()}});
        table.rows.push_back({one.name, title, one.path});
    }
    if (output.json()) return 0;
    for (const std::string& line : lines_of(table, output.width())) output.line(line);
    return 0;
}

int runbooks_export_command(Assembly& assembly, const Arguments& arguments) {
    const std::string& name = arguments.subjects.front();
    const auto shipped = runbooks::shipped_runbooks();
    const auto found =
        std::ranges::find(shipped, std::string_view(name), &runbooks::ShippedRunbook::name);
    if (found == shipped.end())
        throw Error(ErrorCode::NotFound, "no runbook " + name + " is shipped",
                    "drydock runbooks list shows them");
    const fs::path folder =
        fs::absolute(arguments.subjects.size() > 1 ? fs::path(arguments.subjects[1])
                                                   : fs::current_path()) /
        name;
    const std::pair<const char*, std::string_view> files[] = {{"runbook.yaml", found->text},
                                                              {"cases.yaml", found->cases}};
    std::error_code error;
    for (const auto& [file, text] : files) {
        if (fs::exists(folder / file, error))
            throw Error(ErrorCode::Refused, (folder / file).string() + " is there already",
                        "remove it, or name another folder");
    }
    fs::create_directories(folder, error);
    if (error) throw Error(ErrorCode::File, folder.string() + ": " + error.message());
    for (const auto& [file, text] : files) {
        if (text.empty()) continue;
        os::write_file(folder / file, text, 0644);
        if (assembly.output().json())
            assembly.output().json_line(Value::Map{{"wrote", (folder / file).string()}});
        else assembly.output().line((folder / file).string());
    }
    return 0;
}

}  // namespace drydock::cli
