#include "engine/execute/session.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "engine/execute/connection_settings.h"
#include "engine/os/process.h"
#include "engine/plan/window.h"
#include "engine/run/event_codec.h"
#include "engine/run/ids.h"
#include "engine/runbook/effect.h"
#include "engine/runbook/reader.h"
#include "engine/runbook/template.h"

namespace drydock::execute {
namespace {

// What commands inherit of our environment; everything else must be given by the step.
constexpr std::array kInherited{"HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ"};

std::vector<std::pair<std::string, std::string>> base_environment() {
    std::vector<std::pair<std::string, std::string>> environment{
        {"PATH", std::string(os::kProgramPath)}};
    for (const char* name : kInherited) {
        if (const char* value = std::getenv(name)) environment.emplace_back(name, value);
    }
    return environment;
}

bool names_steps(const runbook::Node& node) {
    bool found = false;
    runbook::for_each_expression(node, [&](const runbook::Expression& expression) {
        found = found || expression.text.find("steps") != std::string::npos;
    });
    return found;
}

std::string starter_of(const run::RunState& state, const std::string& actor) {
    const auto found = state.created_body().find("starter");
    return found == state.created_body().end() ? actor : to_text(found->second);
}

// `run.status` is what the run will end as once its finally steps have begun, also for whoever
// takes it up in the middle of them.
std::string_view status_shown(const run::RunState& state) {
    return state.phase() == run::Phase::Final ? run::name_of(state.phase_began().outcome)
                                              : "running";
}

Value run_value(const std::string& run, const RunSettings& settings, const std::string& starter,
                Timestamp started, std::string_view status) {
    return Value::Map{{"id", run},
                      {"short", run::short_id(run)},
                      {"starter", user_of(starter)},
                      {"environment", settings.environment},
                      {"production", settings.production},
                      {"started", started},
                      {"status", status}};
}

std::string folder_of(const std::string& path) { return std::filesystem::path(path).parent_path(); }

}  // namespace

Session::Session(Parts parts)
    : parts_(std::move(parts)),
      folders_{.working = parts_.settings.working_folder, .runbook = folder_of(parts_.bundle.path)},
      run_value_(run_value(parts_.run, parts_.settings,
                           starter_of(parts_.state, parts_.engine.actor), parts_.started,
                           status_shown(parts_.state))),
      names_({.bundle = parts_.bundle,
              .state = parts_.state,
              .params = parts_.params,
              .run = run_value_,
              .secret = [this](std::string_view name) { return secret(name); }}),
      plan_(parts_.bundle),
      writer_({.journal = parts_.engine.journal,
               .state = parts_.state,
               .clock = parts_.engine.clock,
               .random = parts_.engine.random,
               .observer = parts_.engine.observer},
              {.run = parts_.run,
               .prev = parts_.head.empty() ? run::chain_start(parts_.run) : parts_.head}),
      targets_(
          {.bundle = parts_.bundle,
           .state = parts_.state,
           .open_databases = parts_.engine.open_databases,
           .settings =
               [this](const runbook::Connection& connection) { return settings_of(connection); },
           .lend = parts_.engine.lend,
           .journal_uuid = parts_.engine.journal.info().uuid,
           .clock = parts_.engine.clock,
           .cancel = cancel_}),
      history_(parts_.engine.journal, parts_.bundle.runbook.name, parts_.run),
      files_(std::make_unique<files::Confined>(allowed_files(), folders_.working,
                                               parts_.engine.open_databases)) {}

Session::~Session() {
    watcher_.reset();
    executor_.reset();
    // Every child is dead before a session rolls back or the claim goes.
    commands_.reset();
    targets_.close_all();
}

// --- secrets, settings, lists --------------------------------------------------------------------

std::optional<Secret> Session::secret(std::string_view name) {
    const auto known = secrets_.find(name);
    if (known != secrets_.end()) return known->second;
    for (const auto& [declared, source] : parts_.bundle.runbook.secrets) {
        if (declared != name) continue;
        const auto evaluator = [this](const runbook::Expression& expression) {
            return parts_.engine.runner.evaluate(expression, names_, false);
        };
        std::optional<Secret> found =
            parts_.engine.read_secret(declared, source, evaluator, parts_.settings);
        if (found) redactor_.add(*found);
        return secrets_.emplace(declared, std::move(found)).first->second;
    }
    throw Error(ErrorCode::NotFound, "there is no secret " + std::string(name),
                "declare it under secrets: in the runbook");
}

void Session::check_secrets() {
    for (const auto& [name, source] : parts_.bundle.runbook.secrets) {
        if (names_steps(source.source)) continue;
        try {
            (void)secret(name);
        } catch (const Error& error) {
            throw Error(ErrorCode::Document, error.message(), error.hint());
        }
    }
}

ConnectionSettings Session::settings_of(const runbook::Connection& connection) {
    const Evaluation evaluation(parts_.engine.runner, names_, folders_);
    ConnectionSettings settings;
    for (const auto& [key, node] : connection.settings) {
        Value value =
            evaluation.value(node, runbook::connection_setting(connection.kind, key), key);
        // Left out, it would lead to another database than the one that the step is to name.
        if (value.is_null() && names_steps(node)) {
            throw Error(ErrorCode::NotFound,
                        "the " + key + " of the connection is given by a step that has not run",
                        "use it after that step");
        }
        settings.emplace(key, std::move(value));
    }
    const auto path = settings.find("sqlite");
    if (path != settings.end()) require_place(to_text(path->second), "the database");
    if (connection.kind == runbook::Connection::Kind::Redis) lead_to_private_redis(settings);
    const PrivateServer& postgres = parts_.engine.private_postgres;
    if (connection.kind == runbook::Connection::Kind::Postgres && !postgres.socket_folder.empty())
        return led_to_private(settings, postgres);
    return settings;
}

// Where a runbook is tried out, every Redis connection leads to the server made for that, whatever
// it says; what it allows stays.
void Session::lead_to_private_redis(ConnectionSettings& settings) const {
    if (parts_.engine.private_redis.empty()) return;
    ConnectionSettings led{{"redis", parts_.engine.private_redis}};
    // Connections to different databases stay different.
    for (const char* key : {"database", "read_only", "min_version", "statement_timeout"}) {
        const auto found = settings.find(key);
        if (found != settings.end()) led.insert(*found);
    }
    settings = std::move(led);
}

// A runbook that is tried out has a folder of its own, and nothing else may be touched by it.
void Session::require_place(const std::string& path, std::string_view what) const {
    const std::string& place = parts_.engine.confined_to;
    if (place.empty() || path == place || path.starts_with(place + "/")) return;
    throw Error(ErrorCode::Refused,
                std::string(what) + " " + path + " lies outside of the folder of the case",
                "make it a param of the runbook, and give it in the case as a relative path");
}

std::vector<std::string> Session::texts(const std::vector<runbook::Node>& nodes, runbook::Type type,
                                        std::string_view what) const {
    const Evaluation evaluation(parts_.engine.runner, names_, folders_);
    std::vector<std::string> values;
    for (const runbook::Node& node : nodes)
        values.push_back(to_text(evaluation.value(node, type, what)));
    return values;
}

std::vector<std::string> Session::extra_locks() const {
    return texts(parts_.bundle.runbook.locks, runbook::Type::String, "locks");
}

// What `files:` lists, and the file of each connection: actions look at its size and its disk.
std::vector<std::string> Session::allowed_files() {
    std::vector<std::string> allowed;
    for (const runbook::Node& node : parts_.bundle.runbook.files) {
        if (names_steps(node)) continue;
        const Evaluation evaluation(parts_.engine.runner, names_, folders_);
        allowed.push_back(to_text(evaluation.value(node, runbook::Type::Path, "files")));
        require_place(allowed.back(), "the entry of files:");
    }
    for (const auto& [name, connection] : parts_.bundle.runbook.connections) {
        if (connection.kind != runbook::Connection::Kind::Sqlite) continue;
        const bool later = std::ranges::any_of(
            connection.settings, [](const auto& setting) { return names_steps(setting.second); });
        if (later) continue;
        const ConnectionSettings settings = settings_of(connection);
        const auto path = settings.find("sqlite");
        if (path != settings.end()) allowed.push_back(to_text(path->second));
    }
    return allowed;
}

// --- what runs -----------------------------------------------------------------------------------

void Session::set_claim(std::unique_ptr<journal::Claim> claim) {
    commands_ =
        std::make_unique<os::CommandHost>(parts_.engine.guard_program, claim->inheritable());
    claimed_n_ = claim->n();
    writer_.set_claim(std::move(claim));
    workshop_ = std::make_unique<Workshop>(make_workshop());
    watcher_ = std::make_unique<Watcher>(Watcher::Parts{.clock = parts_.engine.clock,
                                                        .cancel = cancel_,
                                                        .signal_fd = parts_.engine.signal_fd,
                                                        .poll = [this] { poll_requests(); }});
    make_executor();
}

Workshop Session::make_workshop() {
    Workshop shop{.bundle = parts_.bundle,
                  .state = parts_.state,
                  .writer = writer_,
                  .targets = targets_,
                  .runner = parts_.engine.runner,
                  .clock = parts_.engine.clock,
                  .random = parts_.engine.random,
                  .cancel = cancel_,
                  .observer = parts_.engine.observer,
                  .files = *files_,
                  .commands = *commands_,
                  .stand_ins = parts_.engine.stand_ins,
                  .redactor = redactor_,
                  .allowed_programs =
                      texts(parts_.bundle.runbook.commands, runbook::Type::String, "commands"),
                  .base_environment = base_environment(),
                  .log_folder = parts_.engine.journal.log_folder(parts_.run),
                  .folders = folders_,
                  .run_value = run_value_,
                  .effects = {},
                  .extra_locks = extra_locks(),
                  .cancel_asked = cancel_asked_,
                  .rehearsal = parts_.engine.rehearsal};
    for (const auto* steps : {&parts_.bundle.runbook.steps, &parts_.bundle.runbook.finally}) {
        for (const runbook::Step& step : *steps) {
            shop.effects.emplace(step.id,
                                 runbook::effect_of(step, parts_.bundle, parts_.engine.inspector));
        }
    }
    return shop;
}

void Session::make_executor() {
    Executor::Parts executor{.shop = *workshop_,
                             .plan = plan_,
                             .names = names_,
                             .journal = parts_.engine.journal,
                             .watcher = watcher_.get(),
                             .has_requests = has_requests_,
                             .roles = parts_.settings.roles,
                             .detach = parts_.detach,
                             .window_opens = {},
                             .window_closes = {},
                             .history = &history_};
    if (const auto& window = parts_.settings.window) {
        const Evaluation evaluation(parts_.engine.runner, names_, folders_);
        const plan::WindowTimes times = plan::parse_window(
            window->opens, evaluation.duration(window->lasts, {}, "window.lasts"),
            evaluation.duration(window->reserve, {}, "window.reserve"), window->timezone);
        executor.window_opens = [this, times]() -> std::optional<Timestamp> {
            const plan::WindowNow now = plan::window_at(times, parts_.engine.clock.wall());
            return now.open ? std::nullopt : std::optional(now.opens);
        };
        executor.window_closes = [this, times]() -> std::optional<Timestamp> {
            return plan::window_at(times, parts_.engine.clock.wall()).closes;
        };
    }
    executor_ = std::make_unique<Executor>(std::move(executor));
}

void Session::poll_requests() {
    if (!parts_.engine.waiting_requests) return;
    for (const journal::Request& request : parts_.engine.waiting_requests(claimed_n_)) {
        has_requests_ = true;
        const Ask ask = from_request(request);
        const auto* cancel = std::get_if<CancelRequest>(&ask);
        if (cancel == nullptr) continue;
        cancel_asked_ = true;
        if (cancel->mode == run::CancelMode::Now) cancel_.request(StopReason::Cancel);
    }
}

}  // namespace drydock::execute
