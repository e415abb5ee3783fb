#include "engine/cases/private_postgres.h"

#include <poll.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <vector>

#include "engine/error.h"
#include "engine/os/process.h"

namespace drydock::cases {
namespace {

namespace fs = std::filesystem;

constexpr Microseconds kPatience{60'000'000}, kPause{5'000}, kStatementTime{120'000'000};
constexpr int kPatienceWithSessions = 10'000;  // milliseconds
// Databases, and other things, that came with the cluster have smaller numbers.
constexpr std::string_view kFirstMade = "16384";

int number_of(const std::string& text) {
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// The folder with initdb and postgres: those of the fixed PATH, else Debian's newest.
std::string programs() {
    try {
        return fs::canonical(os::allowed_program("initdb", {"initdb"})).parent_path();
    } catch (const Error&) {
        // Debian keeps them out of the PATH.
    }
    std::vector<fs::path> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
        if (fs::exists(entry.path() / "bin/initdb", ignored) &&
            fs::exists(entry.path() / "bin/postgres", ignored))
            found.push_back(entry.path());
    }
    if (found.empty())
        throw Error(ErrorCode::Command, "a case with a PostgreSQL connection needs the server",
                    "install it: apt-get install postgresql");
    return *std::ranges::max_element(found, {}, [](const fs::path& path) {
        return number_of(path.filename());
    }) / "bin";
}

// PostgreSQL refuses to run as root.
std::optional<SystemUser> server_user() {
    if (::geteuid() != 0) return std::nullopt;
    for (const char* name : {"postgres", "nobody"}) {
        if (const passwd* found = ::getpwnam(name)) return SystemUser{found->pw_uid, found->pw_gid};
    }
    throw Error(ErrorCode::Command, "PostgreSQL refuses to run as root",
                "test the runbook as another user, or make one named postgres");
}

void give_away(const std::string& folder, const std::string& inner, const SystemUser& user) {
    // Its owner may pass, and see nothing.
    if (::chmod(folder.c_str(), 0711) != 0 || ::chown(inner.c_str(), user.user, user.group) != 0)
        throw_errno(ErrorCode::File, "giving " + inner + " to the server", errno);
}

std::vector<std::string> texts(postgres::Connection& connection, const std::string& query) {
    std::vector<std::string> all;
    connection.run(query, {}, {}, [&](const postgres::ResultRow& row) {
        all.emplace_back(row.text(0));
        return true;
    });
    return all;
}

}  // namespace

std::string PrivatePostgres::socket_folder() const {
    return folder_->path() + "/postgres";
}

std::unique_ptr<postgres::Connection> PrivatePostgres::connect(const std::string& database) const {
    auto connection = std::make_unique<postgres::Connection>(
        postgres::ConnectOptions{.server = Secret("server", socket_folder()),
                                 .port = kPort,
                                 .database = Secret("database", database),
                                 .user = Secret("user", std::string(kSuperuser)),
                                 .application_name = "drydock test"});
    connection->set_deadline(system_clock().boot() + kStatementTime);
    return connection;
}

void PrivatePostgres::start_empty() {
    if (process_ && !process_->ends_within(Microseconds(0))) {
        clear();
        return;
    }
    make();
}

void PrivatePostgres::make() {
    process_.reset();
    folder_.reset();
    const std::string bin = programs();
    const std::optional<SystemUser> user = server_user();
    folder_.emplace();
    make_folder(socket_folder());
    if (user) give_away(folder_->path(), socket_folder(), *user);
    const std::string cluster = socket_folder() + "/cluster";
    ServerProcess initdb(
        {.words = {bin + "/initdb", "--pgdata=" + cluster, "--username=" + std::string(kSuperuser),
                   "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--wal-segsize=1",
                   "--no-sync", "--no-instructions"},
         .log = log(),
         .as = user,
         .end_signal = SIGKILL});
    if (initdb.wait() != 0)
        throw Error(ErrorCode::Command, "the case's PostgreSQL cannot be made: " + last_words(),
                    "run " + bin + "/initdb by hand to see why");
    std::vector<std::string> words{bin + "/postgres",    "-D", cluster, "-k", socket_folder(), "-p",
                                   std::to_string(kPort)};
    // Nobody but this program may come. What it holds is thrown away, so nothing needs to survive
    // a power failure. Times do not depend on the machine's zone.
    for (const char* setting :
         {"listen_addresses=", "unix_socket_permissions=0700", "fsync=off", "full_page_writes=off",
          "autovacuum=off", "shared_buffers=16MB", "max_wal_size=32MB", "max_connections=40",
          "max_prepared_transactions=8", "dynamic_shared_memory_type=mmap", "timezone=UTC",
          "log_timezone=UTC"})
        words.insert(words.end(), {"-c", setting});
    // Its way of ending at once: it ends its sessions itself.
    process_.emplace(ServerProcess::Start{
        .words = std::move(words), .log = log(), .as = user, .end_signal = SIGQUIT});
    wait_until_it_answers();
}

void PrivatePostgres::wait_until_it_answers() {
    const Microseconds until = system_clock().boot() + kPatience;
    for (;;) {
        try {
            (void)connect("template1");
            return;
        } catch (const Error& error) {
            if (system_clock().boot() > until)
                throw error.in("the case's PostgreSQL does not answer");
        }
        // That it listens nothing tells; that it ended does.
        if (process_->ends_within(kPause))
            throw Error(ErrorCode::Command, "the case's PostgreSQL ended at once: " + last_words());
    }
}

std::string PrivatePostgres::last_words() const {
    std::ifstream file(log());
    std::string line, last;
    while (std::getline(file, line)) {
        if (line.find_first_not_of(" \t") != std::string::npos) last = line;
    }
    return last.empty() ? "it says nothing" : last;
}

void PrivatePostgres::end_sessions() const {
    end_sessions(*connect("template1"));
}

void PrivatePostgres::end_sessions(postgres::Connection& connection) {
    // Its processes are this machine's: their end is a thing to wait for.
    std::vector<os::UniqueFd> alive;
    for (const std::string& pid : texts(connection,
                                        "select pid from pg_stat_activity"
                                        " where datid is not null and pid <> pg_backend_pid()"))
        alive.emplace_back(static_cast<int>(::syscall(SYS_pidfd_open, number_of(pid), 0)));
    connection.exec(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datid is not null and pid <> pg_backend_pid()");
    for (const os::UniqueFd& one : alive) {
        pollfd ended{.fd = one.get(), .events = POLLIN, .revents = 0};
        if (one.valid() && ::poll(&ended, 1, kPatienceWithSessions) == 0)
            throw Error(ErrorCode::Busy, "a session with the case's PostgreSQL does not end");
    }
}

void PrivatePostgres::end_prepared() const {
    end_prepared(*connect("template1"));
}

void PrivatePostgres::end_prepared(postgres::Connection& connection) const {
    for (const std::string& database :
         texts(connection, "select distinct database from pg_prepared_xacts")) {
        const auto there = connect(database);
        for (const std::string& statement :
             texts(*there,
                   "select format('rollback prepared %L', gid) from pg_prepared_xacts"
                   " where database = current_database()"))
            there->exec(statement);
    }
}

void PrivatePostgres::clear() {
    try {
        const auto connection = connect("template1");
        end_sessions(*connection);
        end_prepared(*connection);
        drop_everything(*connection);
    } catch (const Error&) {
        // Whatever a run has left there that keeps it from being emptied: a new one is empty.
        make();
    }
}

void PrivatePostgres::drop_everything(postgres::Connection& connection) {
    const auto each = [&](const std::string& query) {
        for (const std::string& statement : texts(connection, query)) connection.exec(statement);
    };
    connection.exec("select pg_drop_replication_slot(slot_name) from pg_replication_slots");
    each("select format('drop database %I', datname) from pg_database where oid >= " +
         std::string(kFirstMade));
    each("select format('drop role %I', rolname) from pg_roles where oid >= " +
         std::string(kFirstMade));
    each(
        "select 'alter role ' || coalesce(quote_ident(rolname), 'all') || ' reset all'"
        "  from pg_db_role_setting left join pg_roles on pg_roles.oid = setrole"
        " where setdatabase = 0");
    if (texts(connection, "select from pg_file_settings where sourcefile like '%.auto.conf'")
            .empty())
        return;
    connection.exec("alter system reset all");
    connection.exec("select pg_reload_conf()");
}

}  // namespace drydock::cases
