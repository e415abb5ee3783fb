#include "tests/servers/pooler.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "engine/clock.h"
#include "engine/os/unique_fd.h"
#include "tests/servers/server_process.h"

namespace drydock::test {

namespace {

bool somebody_listens(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const os::UniqueFd one(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return ::connect(one.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

Pooler::Pooler(const PostgresServer& server, const std::string& database, const std::string& mode)
    : port_(free_loopback_port()) {
    constexpr const char* kProgram = "/usr/sbin/pgbouncer";
    if (!std::filesystem::exists(kProgram))
        throw std::runtime_error("the tests need PgBouncer: apt-get install pgbouncer");
    std::ofstream(folder_.file("pooler.ini"))
        << "[databases]\n"
        << database << " = host=" << server.socket_folder() << " port=" << server.port()
        << " dbname=" << database << " user=postgres\n"
        << "[pgbouncer]\nunix_socket_dir = " << folder_.path() << "\nlisten_port = " << port_
        << "\nauth_type = any\npool_mode = " << mode
        << "\nignore_startup_parameters = extra_float_digits,options\n";
    give_to_server_user(folder_.path());
    give_to_server_user(folder_.file("pooler.ini"));
    pid_ = start_server_process({kProgram, folder_.file("pooler.ini")}, folder_.file("log"));
    const std::string socket = folder_.file(".s.PGSQL." + std::to_string(port_));
    const Microseconds until = system_clock().boot() + Microseconds(30'000'000);
    // Its file is there before anybody listens.
    while (!somebody_listens(socket)) {
        const bool ended = ::waitpid(pid_, nullptr, WNOHANG) == pid_;
        if (ended || system_clock().boot() > until) {
            if (ended) pid_ = -1;
            throw std::runtime_error("PgBouncer does not begin; see " + folder_.file("log"));
        }
        (void)::poll(nullptr, 0, 10);
    }
}

Pooler::~Pooler() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

}  // namespace drydock::test
