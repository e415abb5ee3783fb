#include "engine/cases/life.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "engine/cases/hand.h"
#include "engine/cases/observer.h"
#include "engine/cases/question.h"
#include "engine/execute/run_names.h"
#include "engine/journal/load.h"
#include "engine/journal/open.h"
#include "engine/json/json.h"
#include "engine/os/process.h"
#include "engine/os/random.h"
#include "engine/run/ids.h"

namespace drydock::cases {
namespace {

constexpr std::string_view kEndFile = "life-end";
constexpr std::string_view kSaidFile = "said";
constexpr std::uint64_t kSeed = 7;

// The engine of one process: what the composition root of the program would make, in a world of its
// own.
class Engine final {
  public:
    Engine(const Scene& scene, const std::string& person)
        : scene_(scene),
          clock_(scene.shared, scene.began),
          random_(kSeed + static_cast<std::uint64_t>(scene.shared.passes.load())),
          runner_(scene.machinery.make_runner(clock_)),
          observer_({.scene = scene, .clock = clock_, .runner = *runner_}),
          actor_("uid:1000/" + (person.empty() ? scene.one.starter : person)) {}

    execute::Engine& open() {
        const journal::Owner self{.host = os::host_name(), .pid = ::getpid(), .since = 0};
        open_databases_.add(scene_.world.journal(), "the journal");
        journal_ = journal::open({.place = scene_.world.journal(),
                                  .uuid = std::string(16, 'c'),
                                  .self = self,
                                  .now = [this] { return clock_.wall().micros; },
                                  .on_create = [](const std::string&) {}});
        engine_.emplace(
            execute::Engine{.clock = clock_,
                            .random = random_,
                            .journal = *journal_,
                            .runner = *runner_,
                            .inspector = scene_.machinery.inspector,
                            .sql_problem = scene_.machinery.sql_problem,
                            .observer = observer_,
                            .open_databases = open_databases_,
                            .read_secret = [this](const std::string& name, const auto&, const auto&,
                                                  const auto&) { return scene_.one.secret(name); },
                            .waiting_requests = {},
                            .journal_path = scene_.world.journal(),
                            .guard_program = scene_.machinery.guard_program,
                            .version = scene_.machinery.version,
                            .actor = actor_,
                            .self = self,
                            .boot = os::boot_id(),
                            .stand_ins = stand_ins(scene_.one, scene_.world),
                            .confined_to = scene_.world.work(),
                            .private_redis = scene_.world.redis_socket(),
                            .private_postgres = private_server(scene_.world.postgres())});
        return *engine_;
    }
    CaseObserver& observer() { return observer_; }
    Clock& clock() { return clock_; }
    execute::StepRunner& runner() { return *runner_; }
    journal::Journal& journal() { return *journal_; }

  private:
    const Scene& scene_;
    CaseClock clock_;
    os::SeededRandom random_;
    std::unique_ptr<execute::StepRunner> runner_;
    CaseObserver observer_;
    std::string actor_;
    files::OpenDatabases open_databases_;
    std::unique_ptr<journal::Journal> journal_;
    std::optional<execute::Engine> engine_;
};

std::int64_t number_of_run(journal::JournalReader& journal) {
    const auto rows = journal.list({.limit = 1});
    if (rows.empty()) throw Error(ErrorCode::NotFound, "the case has no run");
    return rows.front().n;
}

// "" when the expression is true.
std::string wrong_with(const runbook::LuaBody& holds, const Scene& scene, Engine& engine,
                       const execute::Names& names) {
    // An expression that may ask databases is a body that returns it.
    const runbook::LuaBody body{.text = "return " + holds.text, .place = holds.place};
    Hand hand({.names = names,
               .world = scene.world,
               .databases = scene.setting.databases,
               .redis = scene.setting.redis,
               .postgres = scene.setting.postgres,
               .clock = engine.clock(),
               .bound = runbook::Effect::Read,
               .name = "holds"});
    try {
        const Value value =
            engine.runner().run({.lua = &body, .step = "holds", .file = scene.suite.path}, hand);
        if (value == Value(true)) return {};
        return value == Value(false)
                   ? "false"
                   : "a " + std::string(value.kind()) + ", neither true nor false";
    } catch (const Error& error) {
        return error.message();
    } catch (const execute::Stopped&) {
        return "no answer within its time";
    }
}

Value::List look(const Scene& scene, Engine& engine) {
    const std::int64_t n = number_of_run(engine.journal());
    const journal::LoadedRun run = journal::load(engine.journal(), n);
    const Value params = execute::recorded_params(run.state);
    const Value about = Value::Map{{"id", run.state.run()}};
    const execute::RunNames names({.bundle = scene.suite.bundle,
                                   .state = run.state,
                                   .params = params,
                                   .run = about,
                                   .secret = [](std::string_view) { return std::nullopt; }});
    Value::List looked;
    for (const runbook::LuaBody& holds : scene.one.expect.holds)
        looked.emplace_back(wrong_with(holds, scene, engine, names));
    return looked;
}

Value act_out(const Scene& scene, const Act& act) {
    if (act.kind == Act::Kind::Furnish) {
        furnish(scene.world, scene.one, scene.setting.databases);
        if (scene.world.postgres() != nullptr)
            furnish_postgres(*scene.world.postgres(), scene.one, scene.setting.postgres);
        begin_services(scene.one, scene.world);
        return {};
    }
    Engine engine(scene, act.person);
    execute::Engine& opened = engine.open();
    if (act.kind == Act::Kind::Look) return look(scene, engine);
    const KillWatching watching(scene.shared);
    if (act.kind == Act::Kind::Start) {
        (void)execute::start_run(opened, scene.setting.options, {});
    } else {
        const std::int64_t n = number_of_run(engine.journal());
        engine.observer().catch_up(journal::load(engine.journal(), n).state);
        (void)execute::continue_run(opened, n, act.how);
    }
    return {};
}

// The child: everything it has to say goes into a file of the world.
[[noreturn]] void be_the_child(const Scene& scene, const Act& act) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const std::string said = scene.world.state() + "/" + std::string(kSaidFile);
    const int out = ::open(said.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (out >= 0) {
        ::dup2(out, STDOUT_FILENO);
        ::dup2(out, STDERR_FILENO);
    }
    Value::Map end{{"looked", Value::List{}}};
    try {
        const Value looked = act_out(scene, act);
        if (looked.holds<Value::List>()) end["looked"] = looked;
    } catch (const Error& error) {
        end["code"] = error_name(error.code());
        end["message"] = error.message();
        end["hint"] = error.hint();
    } catch (const std::exception& bug) {
        end["code"] = "lua";
        end["message"] = std::string("unexpected: ") + bug.what();
        end["hint"] = "";
    }
    note(scene.world, kEndFile, json::write(end));
    ::_exit(0);
}

bool has_child_besides(const std::vector<pid_t>& servers) {
    const int self = ::getpid();
    return std::ranges::any_of(os::all_processes(), [&](int pid) {
        return std::ranges::find(servers, pid) == servers.end() &&
               os::parent_of_process(pid) == self;
    });
}

// Those that go on when a life has ended.
std::vector<pid_t> servers_of(const Scene& scene) {
    std::vector<pid_t> pids;
    if (scene.world.redis() != nullptr) pids.push_back(scene.world.redis()->pid());
    // Also beside a case that does not use it: one before has.
    if (scene.machinery.postgres.pid() > 0) pids.push_back(scene.machinery.postgres.pid());
    return pids;
}

// Waits for the child and for all that it left behind: the guard of its commands, which keeps the
// run owned until the last of them is dead.
int wait_for_all(pid_t child, const std::vector<pid_t>& servers) {
    int status = 0;
    for (;;) {
        int one = 0;
        const pid_t ended = ::waitpid(-1, &one, 0);
        if (ended == child) status = one;
        // The servers go on; whoever else there is was left by the child.
        if (ended > 0 && !servers.empty() && !has_child_besides(servers)) return status;
        if (ended < 0 && errno == ECHILD) return status;
        if (ended < 0 && errno != EINTR)
            throw_errno(ErrorCode::Command, "waiting for a case", errno);
    }
}

LifeEnd read_end(const Scene& scene, int status) {
    LifeEnd end;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && scene.shared.killed_at[0] != '\0') {
        end.killed = true;
        return end;
    }
    const std::vector<std::string> lines = notes(scene.world, kEndFile);
    if (lines.empty() || !WIFEXITED(status)) {
        const std::vector<std::string> said = notes(scene.world, kSaidFile);
        end.error =
            Error(ErrorCode::Command,
                  "the process of the run died: " +
                      (WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                           : "status " + std::to_string(WEXITSTATUS(status))),
                  said.empty() ? "" : said.back());
        return end;
    }
    const Value value = json::parse(lines.back());
    if (const Value* message = value.member("message")) {
        end.error = Error(error_code_from_name(value.member("code")->as<std::string>()),
                          message->as<std::string>(), value.member("hint")->as<std::string>());
    }
    for (const Value& one : value.member("looked")->as<Value::List>())
        end.looked.push_back(one.as<std::string>());
    return end;
}

}  // namespace

LifeEnd live(const Scene& scene, const Act& act) {
    // So that what a killed process leaves becomes ours to wait for.
    if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        throw_errno(ErrorCode::Command, "preparing a case", errno);
    ::unlink((scene.world.state() + "/" + std::string(kEndFile)).c_str());
    scene.shared.killed_at[0] = '\0';
    // The server may not have noticed yet that the life before this one has ended.
    if (scene.world.postgres() != nullptr) scene.world.postgres()->end_sessions();
    const pid_t child = ::fork();
    if (child < 0) throw_errno(ErrorCode::Command, "starting a process for a case", errno);
    if (child == 0) be_the_child(scene, act);
    return read_end(scene, wait_for_all(child, servers_of(scene)));
}

}  // namespace drydock::cases
