#include "engine/cli/find_runbook.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "engine/cli/shipped_folder.h"
#include "engine/execute/param_names.h"
#include "engine/runbook/parameters.h"
#include "engine/runbook/sources.h"
#include "runbooks/shipped.h"

namespace drydock::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestParams = 1 << 20;

void add_folder(const std::string& folder, std::map<std::string, NamedRunbook>& found) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        const fs::path& path = entry.path();
        if (entry.is_directory(error) && fs::is_regular_file(path / "runbook.yaml", error)) {
            const std::string name = path.filename();
            found.try_emplace(name, NamedRunbook{name, path / "runbook.yaml", {}});
        } else if (path.extension() == ".yaml" && path.filename() != "drydock.yaml" &&
                   !path.stem().string().ends_with(".cases") &&
                   !path.stem().string().ends_with(".params")) {
            const std::string name = path.stem();
            found.try_emplace(name, NamedRunbook{name, path, {}});
        }
    }
}

bool looks_like_a_file(const std::string& text) {
    return text.find('/') != std::string::npos || text.ends_with(".yaml") ||
           text.ends_with(".yml") || text.ends_with(".json");
}

std::optional<runbook::Window> window_of(const runbook::Bundle& bundle,
                                         const config::Environment* environment) {
    if (environment != nullptr && environment->lifts_window) return std::nullopt;
    if (environment != nullptr && environment->window) return environment->window;
    return bundle.runbook.window;
}

runbook::GivenParams given_params(Assembly& assembly, const Arguments& arguments) {
    runbook::GivenParams given;
    for (const std::string& flag : arguments.params)
        given.flags.push_back(runbook::parse_flag(flag));
    if (!arguments.params_file.empty()) {
        given.file_path = arguments.params_file;
        try {
            given.file_text = runbook::read_whole_file(arguments.params_file, kLargestParams);
        } catch (const Error& error) {
            throw Error(ErrorCode::Usage, error.message(), "--params names a YAML or JSON file");
        }
    }
    given.variables = assembly.variables();
    if (const config::Environment* environment = assembly.environment())
        given.settings = environment->params;
    return given;
}

[[noreturn]] void refuse(Assembly& assembly, const std::string& path,
                         const runbook::Diagnostics& diagnostics) {
    assembly.output().diagnostics(diagnostics);
    const std::string count =
        diagnostics.size() == 1 ? "1 error" : std::to_string(diagnostics.size()) + " errors";
    throw Error(ErrorCode::Document, path + ": " + count + ", nothing was started");
}

}  // namespace

std::vector<NamedRunbook> named_runbooks(Assembly& assembly) {
    std::map<std::string, NamedRunbook> found;
    for (const std::string& folder : assembly.settings().runbooks) add_folder(folder, found);
    for (const runbooks::ShippedRunbook& shipped : runbooks::shipped_runbooks()) {
        const std::string name(shipped.name);
        if (found.contains(name)) continue;
        found.emplace(name, shipped.files.empty()
                                ? NamedRunbook{name, "(shipped)", std::string(shipped.text), true}
                                : NamedRunbook{name, shipped_folder(shipped), {}, true});
    }
    std::vector<NamedRunbook> list;
    for (auto& [name, one] : found) list.push_back(std::move(one));
    return list;
}

NamedRunbook find_runbook(Assembly& assembly, const std::string& file_or_name) {
    std::error_code error;
    if (looks_like_a_file(file_or_name) || fs::is_regular_file(file_or_name, error))
        return {file_or_name, file_or_name, {}};
    std::vector<std::string> names;
    for (NamedRunbook& one : named_runbooks(assembly)) {
        if (one.name == file_or_name) return std::move(one);
        names.push_back(one.name);
    }
    const std::string near = runbook::did_you_mean(file_or_name, names);
    throw Error(
        ErrorCode::NotFound, "there is no runbook " + file_or_name,
        near.empty()
            ? "drydock runbooks list shows those that can be named; a file is named with its path"
            : "did you mean " + near + "?");
}

std::string shown_path(const std::string& path, const std::string& name) {
    return path == "(shipped)" ? name + " (shipped)" : path;
}

runbook::CheckResult check(Assembly& assembly, const NamedRunbook& found, Roles roles) {
    runbook::CheckInput input{.path = found.path,
                              .text = found.text,
                              .modules = assembly.modules(),
                              .inspector = assembly.inspector(),
                              .sql_problem = assembly.sql_problem()};
    if (roles == Roles::AsSet && !assembly.settings().path.empty())
        input.roles = assembly.settings().role_names();
    return runbook::read_runbook(input);
}

execute::StartOptions start_options(Assembly& assembly, const Arguments& arguments) {
    const NamedRunbook found = find_runbook(assembly, arguments.subjects.front());
    runbook::CheckResult checked = check(assembly, found);
    const std::string shown = shown_path(found.path, found.name);
    if (!checked.bundle) refuse(assembly, shown, checked.diagnostics);

    execute::StartOptions options{.bundle = std::move(*checked.bundle),
                                  .settings = {},
                                  .require_plan = arguments.require_plan,
                                  .detach = arguments.detach};
    const config::Environment* environment = assembly.environment();
    options.settings.environment = arguments.environment;
    options.settings.production = environment != nullptr && environment->production;
    options.settings.roles = {assembly.settings().roles.begin(), assembly.settings().roles.end()};
    options.settings.working_folder = fs::current_path();
    options.settings.window = window_of(options.bundle, environment);

    const runbook::Folders folders{.working = options.settings.working_folder,
                                   .runbook = fs::path(options.bundle.path).parent_path()};
    const runbook::DefaultEvaluator evaluator = [&assembly](const runbook::Expression& expression,
                                                            const Value::Map& params) {
        return assembly.runner().evaluate(expression, execute::ParamNames(params), false);
    };
    runbook::ParamsResult params =
        runbook::resolve_params(options.bundle.runbook, given_params(assembly, arguments),
                                evaluator, folders, shown, options.bundle.text);
    if (!params.diagnostics.empty()) refuse(assembly, shown, params.diagnostics);
    options.params = std::move(params.values);
    runbook::freeze_sources(options.bundle, options.params);
    return options;
}

}  // namespace drydock::cli
