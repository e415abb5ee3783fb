#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/cases/cases.h"
#include "engine/cases/postgres_places.h"
#include "engine/cases/world.h"
#include "engine/clock.h"
#include "engine/execute/launch.h"
#include "engine/execute/step_runner.h"
#include "engine/runbook/rules.h"
#include "engine/runbook/script_inspector.h"

namespace drydock::cases {

// What the program lends to its cases; outlives them.
struct Machinery {
    std::function<std::unique_ptr<execute::StepRunner>(Clock& clock)> make_runner;
    runbook::ScriptInspector& inspector;
    runbook::SqlProblem sql_problem;
    std::string guard_program;  // that understands --guard
    std::string version;
    PrivatePostgres& postgres;  // started with the first case that needs it
};

// True when nobody needs to give the param `name`: it is the path of a connection's database, which
// the case makes.
[[nodiscard]] bool is_private_path(const runbook::Bundle& bundle, std::string_view name);

// A case, ready to be started.
struct Setting {
    execute::StartOptions options;
    std::map<std::string, std::string, std::less<>> databases;  // connection → absolute path
    std::map<std::string, std::string, std::less<>> redis;      // connection → database number
    PostgresPlaces postgres;
};
// Params resolved, paths within `world`, the window open. Throws Error{Document} or what an
// expression throws.
[[nodiscard]] Setting make_setting(const Suite& suite, const Case& one, const World& world,
                                   execute::StepRunner& runner);

}  // namespace drydock::cases
