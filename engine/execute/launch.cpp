#include "engine/execute/launch.h"

#include <utility>

#include "engine/crypto/digest.h"
#include "engine/execute/session.h"
#include "engine/journal/wording.h"
#include "engine/run/ids.h"
#include "engine/runbook/effect.h"
#include "engine/runbook/rules.h"
#include "engine/seam.h"
#include "engine/sql/open.h"

namespace drydock::execute {
namespace {

Value roles_value(const Roles& roles) {
    Value::Map map;
    for (const auto& [role, members] : roles) {
        Value::List list;
        for (const std::string& member : members) list.emplace_back(member);
        map.emplace(role, std::move(list));
    }
    return map;
}

std::string text_of(const runbook::Node& node) {
    const auto* scalar = std::get_if<runbook::Node::Scalar>(&node.held);
    return scalar == nullptr ? std::string() : scalar->text;
}

Value window_value(const std::optional<runbook::Window>& window) {
    if (!window) return {};
    Value::Map map{{"opens", window->opens},
                   {"lasts", text_of(window->lasts)},
                   {"timezone", window->timezone}};
    if (window->reserve) map.emplace("reserve", text_of(*window->reserve));
    return map;
}

Value::Map created_body(const Engine& engine, const StartOptions& options) {
    return {{"starter", engine.actor},
            {"params", options.params},
            {"title", options.bundle.runbook.title},
            {"path", options.bundle.path},
            {"working_folder", options.settings.working_folder},
            {"production", options.settings.production},
            {"roles", roles_value(options.settings.roles)},
            {"window", window_value(options.settings.window)}};
}

std::string text_in(const Value& map, std::string_view key) {
    const Value* found = map.member(key);
    const auto* text = found == nullptr ? nullptr : found->find<std::string>();
    return text == nullptr ? std::string() : *text;
}

crypto::Digest digest_of_plan(const StartOptions& options,
                              const std::vector<std::string>& targets) {
    return runbook::plan_digest({.bundle = options.bundle,
                                 .params = options.params,
                                 .environment = options.settings.environment,
                                 .targets = targets});
}

std::vector<std::string> all_locks(Session& session) {
    std::vector<std::string> names = session.targets().lock_names();
    for (std::string& name : session.extra_locks()) names.push_back(std::move(name));
    return names;
}

// Who holds a lock is found out before anything is written; the lock itself is taken with the first
// step.
void refuse_held_locks(Engine& engine, Session& session) {
    for (const std::string& name : all_locks(session)) {
        std::optional<journal::LockHolder> holder = engine.journal.lock_holder(name);
        if (!holder) continue;
        holder->name = session.targets().locked_by(name);
        throw journal::lock_held(*holder);
    }
}

void refuse_journal_targets(const Engine& engine, Session& session, const runbook::Bundle& bundle) {
    for (const auto& [name, connection] : bundle.runbook.connections) {
        if (connection.kind != runbook::Connection::Kind::Sqlite) continue;
        std::string path;
        try {
            path = session.targets().sqlite_path(name);
        } catch (const Error&) {
            continue;  // it names a later step
        }
        runbook::refuse_journal_as_target(name, path, engine.journal_path);
    }
}

Session::Parts session_parts(Engine& engine, const StartOptions& options, run::RunState& state,
                             const std::string& run) {
    return {.engine = engine,
            .bundle = options.bundle,
            .state = state,
            .run = run,
            .head = {},
            .params = options.params,
            .settings = options.settings,
            .started = engine.clock.wall(),
            .detach = options.detach};
}

bool names_steps(const runbook::Connection& connection) {
    bool found = false;
    for (const auto& [key, node] : connection.settings) {
        runbook::for_each_expression(node, [&](const runbook::Expression& expression) {
            found = found || expression.text.find("steps") != std::string::npos;
        });
    }
    return found;
}

run::RunCreated created_event(const Engine& engine, const StartOptions& options,
                              const crypto::Digest& plan) {
    return {.runbook = options.bundle.runbook.name,
            .environment = options.settings.environment,
            .plan = crypto::to_base64(plan),
            .bundle = crypto::to_base64(runbook::bundle_digest(options.bundle)),
            .engine = engine.version,
            .request = {},
            .api = kApi};
}

}  // namespace

Preview preview(Engine& engine, const StartOptions& options) {
    run::RunState state;
    Session session(session_parts(engine, options, state, std::string(run::kRunIdLength, '0')));
    Preview shown;
    shown.targets = session.targets().identities();
    shown.locks = all_locks(session);
    shown.remarks = session.targets().remarks();
    shown.digest = crypto::to_hex(digest_of_plan(options, shown.targets));
    for (const auto* steps : {&options.bundle.runbook.steps, &options.bundle.runbook.finally}) {
        for (const runbook::Step& step : *steps) {
            shown.effects.emplace(step.id,
                                  runbook::effect_of(step, options.bundle, engine.inspector));
        }
    }
    return shown;
}

std::map<std::string, SqliteTarget, std::less<>> sqlite_targets(Engine& engine,
                                                                const StartOptions& options) {
    run::RunState state;
    Session session(session_parts(engine, options, state, std::string(run::kRunIdLength, '0')));
    std::map<std::string, SqliteTarget, std::less<>> targets;
    for (const auto& [name, connection] : options.bundle.runbook.connections) {
        SqliteTarget& target = targets[name];
        if (connection.kind != runbook::Connection::Kind::Sqlite) {
            target.why = connection.kind == runbook::Connection::Kind::Redis
                             ? "Redis has no copy"
                             : "PostgreSQL only with --in-place";
            continue;
        }
        if (names_steps(connection)) {
            target.why = "its path is known only when a step has run";
            continue;
        }
        try {
            const std::string path = session.targets().sqlite_path(name);
            (void)sql::sqlite_identity(path);
            target.path = path;
        } catch (const Error& error) {
            target.why = error.message();
        }
    }
    return targets;
}

std::map<std::string, sql::PostgresSettings> postgres_targets(Engine& engine,
                                                              const StartOptions& options) {
    run::RunState state;
    Session session(session_parts(engine, options, state, std::string(run::kRunIdLength, '0')));
    std::map<std::string, sql::PostgresSettings> targets;
    for (const auto& [name, connection] : options.bundle.runbook.connections) {
        if (connection.kind == runbook::Connection::Kind::Postgres && !names_steps(connection))
            targets.emplace(name, session.targets().postgres_of(name));
    }
    return targets;
}

RunFinished start_run(Engine& engine, const StartOptions& options,
                      const std::function<void(const std::string& run)>& started) {
    run::RunState state;
    const std::string run = run::make_run_id(engine.random.bytes(16));
    Session session(session_parts(engine, options, state, run));
    session.check_secrets();
    refuse_journal_targets(engine, session, options.bundle);
    refuse_held_locks(engine, session);
    const crypto::Digest plan = digest_of_plan(options, session.targets().identities());
    if (!options.require_plan.empty() && !crypto::to_hex(plan).starts_with(options.require_plan)) {
        throw Error(
            ErrorCode::Refused,
            "the plan is " + crypto::to_hex(plan).substr(0, 12) + "…, not " + options.require_plan,
            "look at it again: drydock plan " + options.bundle.runbook.name);
    }

    RunWriter& writer = session.writer();
    writer.add(created_event(engine, options, plan),
               {.body = created_body(engine, options), .actor = engine.actor});
    writer.add(run::RunClaimed{.why = run::ClaimWhy::Start,
                               .host = engine.self.host,
                               .boot = engine.boot,
                               .engine = engine.version,
                               .pid = engine.self.pid});
    const runbook::Parts parts = runbook::to_parts(options.bundle);
    session.set_claim(engine.journal.create({.run = run,
                                             .runbook = options.bundle.runbook.name,
                                             .environment = options.settings.environment,
                                             .starter = engine.actor,
                                             .request = {},
                                             .created = state.created_time(),
                                             .parts = {parts.begin(), parts.end()}},
                                            writer.take_first()));
    kill_point("launch.created");
    if (started) started(run);
    writer.first_is_durable();
    return session.executor().run();
}

runbook::Bundle frozen_bundle(journal::JournalReader& journal, std::int64_t n,
                              runbook::ScriptInspector& inspector,
                              const runbook::SqlProblem& sql_problem) {
    const std::map<std::string, std::string> stored = journal.parts(n);
    return runbook::from_parts(runbook::Parts(stored.begin(), stored.end()), inspector,
                               sql_problem);
}

Value recorded_params(const run::RunState& state) {
    const auto found = state.created_body().find("params");
    return found == state.created_body().end() ? Value(Value::Map{}) : found->second;
}

RunSettings recorded_settings(const run::RunState& state) {
    const Value body(state.created_body());
    RunSettings settings{.environment = state.created().environment,
                         .working_folder = text_in(body, "working_folder")};
    const Value* production = body.member("production");
    settings.production = production != nullptr && *production == Value(true);
    if (const Value* roles = body.member("roles"); roles != nullptr && roles->holds<Value::Map>()) {
        for (const auto& [role, members] : roles->as<Value::Map>()) {
            for (const Value& member : members.as<Value::List>())
                settings.roles[role].push_back(member.as<std::string>());
        }
    }
    const Value* window = body.member("window");
    if (window == nullptr || !window->holds<Value::Map>()) return settings;
    const auto scalar = [](const std::string& text) {
        return runbook::Node{.held = runbook::Node::Scalar{text, true}, .place = {}};
    };
    settings.window = runbook::Window{.opens = text_in(*window, "opens"),
                                      .lasts = scalar(text_in(*window, "lasts")),
                                      .timezone = text_in(*window, "timezone"),
                                      .reserve = {},
                                      .place = {}};
    if (window->member("reserve") != nullptr)
        settings.window->reserve = scalar(text_in(*window, "reserve"));
    return settings;
}

}  // namespace drydock::execute
