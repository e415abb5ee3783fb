#include "engine/cases/setting.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "engine/error.h"
#include "engine/execute/connection_settings.h"
#include "engine/execute/evaluate.h"
#include "engine/execute/param_names.h"
#include "engine/runbook/declaration.h"
#include "engine/runbook/parameters.h"
#include "engine/runbook/reader.h"
#include "engine/runbook/sources.h"

namespace drydock::cases {
namespace {

std::string trimmed(const std::string& text) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

// The param that the path of a SQLite connection is, or "".
std::string param_behind(const runbook::Connection& connection) {
    for (const auto& [key, node] : connection.settings) {
        const auto* written = std::get_if<runbook::Template>(&node.held);
        if (key != "sqlite" || written == nullptr || !written->whole()) continue;
        const std::string text =
            trimmed(std::get<runbook::Expression>(written->pieces[0].held).text);
        if (text.starts_with("params.")) return text.substr(7);
    }
    return {};
}

bool names_steps(const runbook::Node& node) {
    bool found = false;
    runbook::for_each_expression(node, [&](const runbook::Expression& expression) {
        found = found || expression.text.find("steps") != std::string::npos;
    });
    return found;
}

bool names_steps(const runbook::Connection& connection) {
    return std::ranges::any_of(connection.settings,
                               [](const auto& one) { return names_steps(one.second); });
}

// The number of the database that a Redis connection selects.
std::string redis_database(const runbook::Connection& connection,
                           const execute::Evaluation& evaluation) {
    for (const auto& [key, node] : connection.settings) {
        if (key != "database") continue;
        const Value value =
            evaluation.value(node, runbook::connection_setting(connection.kind, key), key);
        const auto* secret = value.find<Secret>();
        return secret == nullptr ? to_text(value) : secret->reveal();
    }
    return "0";
}

// Whatever of a PostgreSQL connection can be told before the run, on the server of the cases.
PostgresPlace postgres_place(const runbook::Connection& connection,
                             const execute::Evaluation& evaluation) {
    constexpr std::array kTold{"postgres", "database", "user", "role", "receipts"};
    execute::ConnectionSettings settings;
    bool waits = false;
    for (const auto& [key, node] : connection.settings) {
        if (std::ranges::find(kTold, key) == kTold.end()) continue;
        if (names_steps(node)) {
            waits = waits || key == "postgres" || key == "database";
            continue;
        }
        settings.emplace(
            key, evaluation.value(node, runbook::connection_setting(connection.kind, key), key));
    }
    const sql::PostgresNames names = execute::private_names(settings, private_server(nullptr));
    return {.database = waits ? std::string() : names.database,
            .user = names.user,
            .role = names.role,
            .receipts = execute::postgres_settings(settings).receipts_schema};
}

runbook::GivenParams given_params(const Suite& suite, const Case& one) {
    runbook::GivenParams given;
    given.settings = one.params;
    for (const auto& [name, connection] : suite.bundle.runbook.connections) {
        const std::string param = param_behind(connection);
        const bool is_given =
            std::ranges::any_of(one.params, [&](const auto& each) { return each.first == param; });
        if (param.empty() || is_given) continue;
        const auto* declared = runbook::find_declaration(suite.bundle.runbook.params, param);
        if (declared == nullptr || declared->default_value) continue;
        given.settings.emplace_back(
            param, runbook::Node{.held = runbook::Node::Scalar{name + ".db", false}, .place = {}});
    }
    return given;
}

Value::Map resolved_params(const Suite& suite, const Case& one, const runbook::Folders& folders,
                           execute::StepRunner& runner) {
    const runbook::DefaultEvaluator evaluator = [&](const runbook::Expression& expression,
                                                    const Value::Map& params) {
        return runner.evaluate(expression, execute::ParamNames(params), false);
    };
    runbook::ParamsResult params =
        runbook::resolve_params(suite.bundle.runbook, given_params(suite, one), evaluator, folders,
                                suite.bundle.path, suite.bundle.text);
    if (!params.diagnostics.empty())
        throw Error(ErrorCode::Document, params.diagnostics.front().message,
                    params.diagnostics.front().hint);
    return std::move(params.values);
}

}  // namespace

bool is_private_path(const runbook::Bundle& bundle, std::string_view name) {
    return std::ranges::any_of(bundle.runbook.connections, [&](const auto& connection) {
        return param_behind(connection.second) == name;
    });
}

Setting make_setting(const Suite& suite, const Case& one, const World& world,
                     execute::StepRunner& runner) {
    const runbook::Folders folders{
        .working = world.work(), .runbook = std::filesystem::path(suite.bundle.path).parent_path()};
    Setting setting{.options = {.bundle = suite.bundle, .settings = {}, .require_plan = {}},
                    .databases = {},
                    .redis = {},
                    .postgres = {}};
    execute::StartOptions& options = setting.options;
    const Value::Map params = resolved_params(suite, one, folders, runner);
    options.params = params;
    options.settings.environment = one.environment;
    options.settings.production = one.production;
    options.settings.roles = suite.roles;
    options.settings.working_folder = world.work();
    runbook::freeze_sources(options.bundle, options.params);

    const execute::ParamNames names(params,
                                    [&](std::string_view name) { return one.secret(name); });
    const execute::Evaluation evaluation(runner, names, folders);
    for (const auto& [name, connection] : suite.bundle.runbook.connections) {
        if (connection.kind == runbook::Connection::Kind::Postgres)
            setting.postgres[name] = postgres_place(connection, evaluation);
        if (names_steps(connection)) continue;
        if (connection.kind == runbook::Connection::Kind::Redis)
            setting.redis[name] = redis_database(connection, evaluation);
        if (connection.kind != runbook::Connection::Kind::Sqlite) continue;
        for (const auto& [key, node] : connection.settings) {
            if (key != "sqlite") continue;
            setting.databases[name] = to_text(
                evaluation.value(node, runbook::connection_setting(connection.kind, key), key));
        }
    }
    return setting;
}

}  // namespace drydock::cases
