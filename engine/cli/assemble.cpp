#include "engine/cli/assemble.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "bindings/inspector.h"
#include "bindings/lua_runner.h"
#include "engine/audit/verify.h"
#include "engine/cli/absent_journal.h"
#include "engine/cli/database_url.h"
#include "engine/cli/version.h"
#include "engine/clock.h"
#include "engine/config/secrets.h"
#include "engine/journal/health.h"
#include "engine/journal/open.h"
#include "engine/journal/wording.h"
#include "engine/os/process.h"
#include "engine/os/random.h"
#include "engine/os/signals.h"
#include "engine/run/ids.h"
#include "engine/sql/inspect.h"
#include "runbooks/shipped.h"

namespace drydock::cli {
namespace {

namespace fs = std::filesystem;

// A file up to so many bytes is looked through before it is written to, but not longer than this.
constexpr std::uintmax_t kLookedThroughBytes = 8U << 20;
constexpr Microseconds kQuickCheck{200'000};

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

std::string default_journal() {
    std::string state = variable("XDG_STATE_HOME");
    if (state.empty() || state.front() != '/') {
        const std::string home = variable("HOME");
        if (home.empty())
            throw Error(ErrorCode::Usage, "neither XDG_STATE_HOME nor HOME is set",
                        "say where the journal is with --journal PATH");
        state = home + "/.local/state";
    }
    return state + "/drydock/journal.db";
}

std::string absolute(const std::string& path) {
    return runbook::absolute_path(path, fs::current_path().string());
}

}  // namespace

struct Assembly::Parts {
    explicit Parts(const Arguments& arguments)
        : output({.json = arguments.json,
                  .color = arguments.color,
                  .quiet = arguments.quiet,
                  .verbose = arguments.verbose}),
          environment_name(arguments.environment) {}

    Output output;
    std::string environment_name;
    std::optional<config::Settings> settings;
    std::optional<config::Variables> variables;
    std::unique_ptr<bindings::Inspector> inspector;
    std::optional<runbook::ModuleLibrary> modules;
    std::unique_ptr<bindings::LuaRunner> runner;
    std::unique_ptr<journal::JournalReader> reader;
    std::unique_ptr<journal::Journal> journal;
    std::unique_ptr<journal::JournalReader> request_reader;  // for the watcher's thread only
    AbsentJournal absent;
    std::string actor;
    files::OpenDatabases open_databases;
    std::optional<os::SignalWatch> signals;
    cases::PrivatePostgres postgres;
    std::unique_ptr<execute::Engine> engine;
};

Assembly::Assembly(const Arguments& arguments)
    : arguments_(arguments), parts_(std::make_unique<Parts>(arguments)) {}

Assembly::~Assembly() = default;

Output& Assembly::output() { return parts_->output; }

// --- settings, environment, variables ------------------------------------------------------------

const config::Settings& Assembly::settings() {
    if (parts_->settings) return *parts_->settings;
    std::optional<std::string> path;
    if (!arguments_.config.empty()) {
        path = absolute(arguments_.config);
        if (!fs::exists(*path))
            throw Error(ErrorCode::Usage, "there is no file " + arguments_.config,
                        "--config names a drydock.yaml");
    } else {
        path = config::find_settings(fs::current_path().string());
    }
    if (!path) return parts_->settings.emplace();
    config::SettingsResult read = config::read_settings(*path);
    if (!read.settings) {
        parts_->output.diagnostics(read.diagnostics);
        throw Error(ErrorCode::Document, *path + " cannot be used",
                    "mend what is listed above; --config FILE takes another one");
    }
    return parts_->settings.emplace(std::move(*read.settings));
}

const config::Environment* Assembly::environment() {
    if (parts_->environment_name.empty()) return nullptr;
    if (settings().path.empty()) {
        throw Error(ErrorCode::Usage,
                    "there is no drydock.yaml here that says what the environment " +
                        parts_->environment_name + " is",
                    "--config FILE names one");
    }
    return &config::environment(settings(), parts_->environment_name);
}

void Assembly::use_environment(const std::string& name) {
    if (!arguments_.environment.empty() && arguments_.environment != name) {
        throw Error(ErrorCode::Usage,
                    "the run was started " +
                        (name.empty() ? std::string("without an environment") : "in " + name) +
                        ", not in " + arguments_.environment,
                    "a run keeps its environment: leave --environment out");
    }
    parts_->environment_name = name;
}

const config::Variables& Assembly::variables() {
    if (parts_->variables) return *parts_->variables;
    config::Variables all = config::process_variables();
    const auto add = [&all](const std::string& path) {
        for (auto& [name, value] : config::read_env_file(path)) all.insert_or_assign(name, value);
    };
    if (const config::Environment* chosen = environment();
        chosen != nullptr && !chosen->env_file.empty())
        add(chosen->env_file);
    if (!arguments_.env_file.empty()) add(absolute(arguments_.env_file));
    add_database_url(all);
    return parts_->variables.emplace(std::move(all));
}

// --- Lua -----------------------------------------------------------------------------------------

runbook::ScriptInspector& Assembly::inspector() {
    if (!parts_->inspector) parts_->inspector = std::make_unique<bindings::Inspector>();
    return *parts_->inspector;
}

const runbook::ModuleLibrary& Assembly::modules() {
    if (parts_->modules) return *parts_->modules;
    runbook::ModuleLibrary library;
    for (const runbooks::ShippedModule& module : runbooks::shipped_modules())
        library.add_shipped(std::string(module.name), std::string(module.text));
    for (const std::string& folder : settings().actions) library.add_folder(folder);
    return parts_->modules.emplace(std::move(library));
}

runbook::SqlProblem Assembly::sql_problem() const {
    return [](std::string_view text) { return sql::script_problem(text); };
}

execute::StepRunner& Assembly::runner() {
    if (!parts_->runner) parts_->runner = std::make_unique<bindings::LuaRunner>(system_clock());
    return *parts_->runner;
}

cases::Machinery Assembly::cases_machinery() {
    return {.make_runner =
                [](Clock& clock) -> std::unique_ptr<execute::StepRunner> {
                    return std::make_unique<bindings::LuaRunner>(clock);
                },
            .inspector = inspector(),
            .sql_problem = sql_problem(),
            .guard_program = "/proc/self/exe",
            .version = std::string(kVersion),
            .postgres = parts_->postgres};
}

// --- the journal ---------------------------------------------------------------------------------

std::string Assembly::journal_place() {
    if (!arguments_.journal.empty()) {
        const bool says_kind = arguments_.journal.starts_with("sqlite:") ||
                               arguments_.journal.starts_with("postgres://");
        return says_kind ? arguments_.journal : absolute(arguments_.journal);
    }
    return settings().journal.empty() ? default_journal() : settings().journal;
}

bool Assembly::has_journal() { return fs::exists(journal::path_of(journal_place())); }

journal::JournalReader& Assembly::reader() {
    if (!parts_->reader) {
        const std::string place = journal_place();
        parts_->reader = journal::open_reader(place);
        parts_->open_databases.add(journal::path_of(place), "the journal");
    }
    return *parts_->reader;
}

// Nothing is started in a journal that is damaged, and nothing written: it is opened for reading
// first.
void Assembly::look_at_journal() {
    const std::string path = journal::path_of(journal_place());
    // One that was never finished being made holds nothing yet: whoever opens it goes on with that.
    if (!has_journal() || !journal::was_a_journal(path)) return;
    const std::optional<audit::Finding> found = audit::look(reader());
    if (!found && fs::file_size(path) > kLookedThroughBytes) return;
    const std::string damage = found ? "" : journal::examine(path, kQuickCheck).damage;
    if (!damage.empty()) throw journal::damaged(path, damage);
    if (!found) return;
    std::string where(audit::verdict_name(found->verdict));
    if (!found->run.empty()) where += ", run " + run::short_id(found->run);
    if (found->seq > 0) where += ", event " + std::to_string(found->seq);
    throw journal::damaged(path, where + ": " + found->what);
}

journal::Journal& Assembly::journal() {
    if (parts_->journal) return *parts_->journal;
    const std::string place = journal_place();
    look_at_journal();
    parts_->open_databases.add(journal::path_of(place), "the journal");
    parts_->journal = journal::open(
        {.place = place,
         .uuid = os::system_random().bytes(16),
         .self = {.host = os::host_name(), .pid = ::getpid(), .since = now()},
         .now = [] { return system_clock().wall().micros; },
         .on_create =
             [this](const std::string& path) { parts_->output.note("made the journal " + path); }});
    return *parts_->journal;
}

const std::string& Assembly::actor() {
    if (parts_->actor.empty())
        parts_->actor = "uid:" + std::to_string(::getuid()) + "/" + os::user_name(::getuid());
    return parts_->actor;
}

std::int64_t Assembly::now() const { return system_clock().wall().micros; }

std::string Assembly::new_id() { return run::make_run_id(os::system_random().bytes(16)); }

// --- the engine ----------------------------------------------------------------------------------

int Assembly::signal_fd() {
    // Before any thread: they inherit the mask.
    if (!parts_->signals) parts_->signals.emplace();
    return parts_->signals->fd();
}

execute::Engine& Assembly::engine(execute::RunObserver& observer) {
    journal::Journal& journal = this->journal();
    // Before any thread: they inherit the mask.
    if (!parts_->signals) parts_->signals.emplace();
    make_engine(journal, observer);
    parts_->engine->journal_path = journal::path_of(journal_place());
    parts_->engine->signal_fd = parts_->signals->fd();
    parts_->request_reader = journal::open_reader(journal_place());
    parts_->engine->waiting_requests = [this](std::int64_t n) -> std::vector<journal::Request> {
        try {
            return parts_->request_reader->requests(n);
        } catch (const Error&) {
            return {};  // the next look is a second away, and the owner's own reads report for good
        }
    };
    return *parts_->engine;
}

execute::Engine& Assembly::private_engine(journal::Journal& journal,
                                          execute::RunObserver& observer) {
    if (!parts_->signals) parts_->signals.emplace();
    make_engine(journal, observer);
    parts_->engine->signal_fd = parts_->signals->fd();
    return *parts_->engine;
}

execute::Engine& Assembly::looking_engine(execute::RunObserver& observer) {
    make_engine(parts_->absent, observer);
    return *parts_->engine;
}

void Assembly::make_engine(journal::Journal& journal, execute::RunObserver& observer) {
    const auto read_secret = [this](const std::string& name, const runbook::SecretSource& source,
                                    const runbook::Evaluator& evaluator,
                                    const execute::RunSettings& run) {
        const config::SecretPlaces places{.variables = variables(),
                                          .working_folder = run.working_folder,
                                          .credentials_folder = variable("CREDENTIALS_DIRECTORY")};
        return config::resolve_secret(name, source, evaluator, places);
    };
    parts_->engine = std::make_unique<execute::Engine>(execute::Engine{
        .clock = system_clock(),
        .random = os::system_random(),
        .journal = journal,
        .runner = runner(),
        .inspector = inspector(),
        .sql_problem = sql_problem(),
        .observer = observer,
        .open_databases = parts_->open_databases,
        .read_secret = read_secret,
        .waiting_requests = {},
        .journal_path = {},
        .guard_program = "/proc/self/exe",
        .version = std::string(kVersion),
        .actor = actor(),
        .self = {.host = os::host_name(), .pid = ::getpid(), .since = now()},
        .boot = os::boot_id()});
}

}  // namespace drydock::cli
