#include "tests/crash/victim.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "engine/sqlite/connection.h"

namespace drydock::crash {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema =
    "pragma journal_mode = wal; create table log (text); create table pairs (a, b); create table "
    "old (x, done default 0);"
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100) insert into old "
    "(x) select i from n;";

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> column(const std::string& path, const std::string& query) {
    sqlite::Connection connection(
        path, {.mode = sqlite::Mode::ReadOnly, .busy_timeout = Microseconds(5'000'000)});
    sqlite::Statement rows = connection.prepare(query);
    std::vector<std::string> found;
    while (rows.step()) {
        std::string line;
        for (int i = 0; i < rows.column_count(); ++i)
            line += (i > 0 ? "|" : "") + to_text(rows.column(i));
        found.push_back(std::move(line));
    }
    return found;
}

std::string tables_of(const std::string& path) {
    std::string text;
    for (const std::string& table :
         column(path,
                "select name from sqlite_schema where type = 'table' and name not like "
                "'drydock%' and name not like 'sqlite_%' order by name")) {
        text += table + "\n";
        for (const std::string& row :
             column(path, "select * from \"" + table + "\" order by rowid"))
            text += "  " + row + "\n";
    }
    return text;
}

// Backups carry their moment in the name: what counts is that there is one.
bool is_dated(const std::string& path) { return path.find("/backups/") != std::string::npos; }

std::string files_in(const fs::path& folder) {
    std::vector<std::string> lines;
    if (!fs::exists(folder)) return "";
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file() || is_dated(entry.path())) continue;
        lines.push_back(fs::relative(entry.path(), folder).string() + "=" +
                        read_file(entry.path()));
    }
    std::ranges::sort(lines);
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

std::vector<std::string> environment_for(const std::string& folder, const Environment& extra) {
    std::vector<std::string> environment{"PATH=/usr/bin:/bin", "HOME=" + folder,
                                         "XDG_STATE_HOME=" + folder + "/state",
                                         "CRASH_KEY=a-key-nobody-sees", "LANG=C.UTF-8"};
    for (const auto& [name, value] : extra) environment.push_back(name + "=" + value);
    return environment;
}

pid_t spawn(const std::string& folder, const std::vector<std::string>& arguments,
            const Environment& extra, int output) {
    std::vector<std::string> argv{DRYDOCK_CRASH};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    std::vector<std::string> environment = environment_for(folder, extra);
    std::vector<char*> argv_pointers, environment_pointers;
    for (std::string& text : argv) argv_pointers.push_back(text.data());
    for (std::string& text : environment) environment_pointers.push_back(text.data());
    argv_pointers.push_back(nullptr);
    environment_pointers.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    if (::chdir(folder.c_str()) == 0)
        ::execve(DRYDOCK_CRASH, argv_pointers.data(), environment_pointers.data());
    ::_exit(127);
}

// Waits for the process to end or for its time to be over, whichever is first.
bool ends_within(pid_t pid, std::int64_t micros) {
    const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    pollfd waited{fd, POLLIN, 0};
    const timespec limit{micros / 1'000'000, (micros % 1'000'000) * 1'000};
    const bool ended = ::ppoll(&waited, 1, &limit, nullptr) > 0;
    ::close(fd);
    return ended;
}

}  // namespace

Victim::Victim() {
    for (const char* name : {"app.db", "other.db"}) {
        sqlite::Connection(folder_.file(name), {.mode = sqlite::Mode::Create}).exec(kSchema);
    }
    fs::create_directory(folder_.file("out"));
    fs::create_directory(folder_.file("out/backups"));
}

Ended Victim::drydock(const std::vector<std::string>& arguments, const Environment& extra,
                      std::optional<std::int64_t> kill_after) const {
    const std::string log = folder_.file("said");
    const int output = ::open(log.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const pid_t pid = spawn(folder_.path(), arguments, extra, output);
    ::close(output);
    if (kill_after && !ends_within(pid, *kill_after)) ::kill(pid, SIGKILL);
    int status = 0;
    ::waitpid(pid, &status, 0);
    Ended ended{.killed = WIFSIGNALED(status),
                .exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                .text = read_file(log)};
    return ended;
}

Ended Victim::start(const std::string& runbook, const Environment& extra,
                    std::optional<std::int64_t> kill_after) const {
    return drydock(
        {"run", std::string(CRASH_FOLDER) + "/" + runbook, "-p", "folder=" + folder_.path()}, extra,
        kill_after);
}

Ended Victim::resume(const Environment& extra, std::optional<std::int64_t> kill_after) const {
    return drydock({"resume", "last"}, extra, kill_after);
}

bool Victim::has_run() const { return drydock({"show", "last"}).exit == 0; }

int Victim::bring_to_an_end(const std::string& runbook, const Environment& extra,
                            std::string* last_text) const {
    std::vector<std::string> how{"resume", "last"};
    for (int taken = 1; taken <= 40; ++taken) {
        const Ended ended = has_run() ? drydock(how, extra) : start(runbook, extra);
        if (last_text != nullptr) *last_text = ended.text;
        how = {"resume", "last"};
        if (ended.exit == 0) return taken;
        // Killed three times in one step: the engine asks, and the operator says go on.
        const std::size_t stopped = ended.text.find("STOPPED at ");
        if (ended.exit == 4 && ended.text.find("crashed 3 times") != std::string::npos &&
            stopped != std::string::npos) {
            const std::size_t name = stopped + std::string("STOPPED at ").size();
            how.insert(how.end(),
                       {"--retry", ended.text.substr(name, ended.text.find(' ', name) - name)});
            continue;
        }
        // The guard of the killed engine still buries its children: it keeps the run until then.
        const bool busy = ended.exit == 5 && ended.text.find("is running on") != std::string::npos;
        const bool finished =
            ended.exit == 5 && ended.text.find("has ended: succeeded") != std::string::npos;
        if (finished) return taken;
        if (!busy) return -1;
        ::poll(nullptr, 0, 50);
    }
    return -1;
}

World Victim::world() const {
    World world;
    world.databases =
        tables_of(folder_.file("app.db")) + "--\n" + tables_of(folder_.file("other.db"));
    world.files = files_in(folder_.file("out"));
    const std::string shown = drydock({"show", "last", "--json"}).text;
    const std::size_t outputs = shown.find("\"outputs\"");
    world.outputs = outputs == std::string::npos
                        ? shown
                        : shown.substr(outputs, shown.find('}', outputs) - outputs);
    return world;
}

std::string Victim::complaints() const {
    const Ended verified = drydock({"audit", "verify"});
    if (verified.exit != 0) return "audit: " + verified.text;
    for (const char* name : {"app.db", "other.db"}) {
        for (const std::string& row : column(folder_.file(name), "pragma integrity_check")) {
            if (row != "ok") return std::string(name) + ": " + row;
        }
    }
    return "";
}

std::vector<int> Victim::orphans() const {
    std::vector<int> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const int pid = std::atoi(entry.path().filename().c_str());
        if (pid <= 0 || pid == ::getpid()) continue;
        std::error_code gone;
        const std::string cwd = fs::read_symlink(entry.path() / "cwd", gone);
        if (!gone && cwd.starts_with(folder_.path())) found.push_back(pid);
    }
    return found;
}

std::vector<std::string> Victim::kill_points() const {
    std::vector<std::string> names;
    std::ifstream file(folder_.file("points"));
    for (std::string line; std::getline(file, line);) names.push_back(line);
    return names;
}

int count_from_environment(const char* name, int otherwise) {
    const char* value = std::getenv(name);
    return value == nullptr ? otherwise : std::atoi(value);
}

}  // namespace drydock::crash
