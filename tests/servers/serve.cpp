// Holds one PostgreSQL server for all test programs of a ctest run:
//
//   drydock_test_servers start FILE    comes back when the server answers; FILE says where it is
//   drydock_test_servers stop FILE
//
// The server also ends when the ctest that started it is gone, however that ended.

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/servers/postgres_server.h"

namespace {

int pidfd_of(pid_t pid) {
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

void wait_for_end_of(int pidfd) {
    pollfd one{.fd = pidfd, .events = POLLIN, .revents = 0};
    (void)::poll(&one, 1, -1);
}

// In a process of its own: the server, until ctest or `stop` ends it.
int hold(const std::string& file, int ctest, int ready) {
    const auto& server = drydock::test::PostgresServer::shared();
    {
        std::ofstream out(file + ".new");
        out << server.socket_folder() << '\n' << server.port() << '\n' << ::getpid() << '\n';
    }
    std::filesystem::rename(file + ".new", file);
    if (::write(ready, "x", 1) != 1) return 1;
    ::close(ready);
    wait_for_end_of(ctest);
    std::filesystem::remove(file);
    return 0;
}

int start(const std::string& file) {
    const int ctest = pidfd_of(::getppid());
    int ready[2];
    if (ctest < 0 || ::pipe2(ready, O_CLOEXEC) != 0) return 1;
    const pid_t holder = ::fork();
    if (holder == 0) {
        ::setsid();
        ::close(ready[0]);
        // ctest waits for whoever has its pipes open.
        const int nothing = ::open("/dev/null", O_RDWR);
        ::dup2(nothing, STDIN_FILENO);
        ::dup2(nothing, STDOUT_FILENO);
        ::dup2(nothing, STDERR_FILENO);
        std::signal(SIGTERM, [](int) {});  // ends the wait, so that the server is stopped
        std::exit(hold(file, ctest, ready[1]));
    }
    ::close(ready[1]);
    char answer = 0;
    return ::read(ready[0], &answer, 1) == 1 ? 0 : 1;
}

int stop(const std::string& file) {
    std::ifstream in(file);
    std::string folder;
    int port = 0;
    pid_t holder = 0;
    if (!(in >> folder >> port >> holder)) return 0;  // it has ended by itself
    const int gone = pidfd_of(holder);
    ::kill(holder, SIGTERM);
    if (gone >= 0) wait_for_end_of(gone);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string verb = argc == 3 ? argv[1] : "";
    if (verb == "start") return start(argv[2]);
    if (verb == "stop") return stop(argv[2]);
    std::fprintf(stderr, "usage: %s start|stop FILE\n", argv[0]);
    return 2;
}
