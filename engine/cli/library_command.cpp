// actions and runbooks: what there is to use.

#include <algorithm>
#include <filesystem>

#include "engine/cli/action_words.h"
#include "engine/cli/commands.h"
#include "engine/cli/find_runbook.h"
#include "engine/cli/text.h"
#include "engine/handbook/schema.h"
#include "engine/json/json.h"
#include "engine/os/atomic_file.h"
#include "engine/runbook/effect.h"
#include "runbooks/shipped.h"

namespace drydock::cli {
namespace {

namespace fs = std::filesystem;

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
            table.rows.push_back({full, std::string(runbook::effect_name(action.effect)),
                                  if_killed(action), action.has_undo ? "yes" : "–",
                                  action.summary});
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
        // A team that does not use a shipped one need not have its roles.
        const runbook::CheckResult result =
            check(assembly, one, one.shipped ? Roles::Any : Roles::AsSet);
        const std::string title =
            result.bundle ? result.bundle->runbook.title : "has errors: drydock check " + one.name;
        if (output.json())
            output.json_line(Value::Map{{"name", one.name},
                                        {"title", title},
                                        {"path", one.path},
                                        {"ok", result.bundle.has_value()}});
        table.rows.push_back({one.name, title, one.shipped ? "(shipped)" : one.path});
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
    std::vector<std::pair<std::string, std::string_view>> files{{"runbook.yaml", found->text},
                                                                {"cases.yaml", found->cases}};
    for (const runbooks::ShippedFile& file : found->files)
        files.emplace_back(file.path, file.text);
    std::error_code error;
    for (const auto& [file, text] : files) {
        if (fs::exists(folder / file, error))
            throw Error(ErrorCode::Refused, (folder / file).string() + " is there already",
                        "remove it, or name another folder");
    }
    for (const auto& [file, text] : files) {
        if (text.empty()) continue;
        fs::create_directories((folder / file).parent_path(), error);
        if (error) throw Error(ErrorCode::File, folder.string() + ": " + error.message());
        os::write_file(folder / file, text, 0644);
        if (assembly.output().json())
            assembly.output().json_line(Value::Map{{"wrote", (folder / file).string()}});
        else assembly.output().line((folder / file).string());
    }
    return 0;
}

int runbooks_schema_command(Assembly& assembly, const Arguments& arguments) {
    assembly.output().line(json::write_pretty(handbook::schema_of(arguments.subjects.front())));
    return 0;
}

}  // namespace drydock::cli
