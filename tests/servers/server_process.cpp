#include "tests/servers/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "engine/os/unique_fd.h"

namespace drydock::test {
namespace {

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "the tests need servers: %s\n", why.c_str());
    std::exit(1);
}

// PostgreSQL refuses to run as root.
const passwd* server_user() {
    if (::geteuid() != 0) return nullptr;
    const passwd* user = ::getpwnam("postgres");
    if (user == nullptr) give_up("there is no user postgres to run them as");
    return user;
}

}  // namespace

int free_loopback_port() {
    const os::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        give_up("no loopback port is free");
    return ntohs(address.sin_port);
}

pid_t start_server_process(const std::vector<std::string>& words, const std::string& output) {
    const passwd* user = server_user();
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    // It ends with the test program, whatever happens to that.
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (user != nullptr && (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 ||
                            ::setuid(user->pw_uid) != 0))
        ::_exit(126);
    if (user != nullptr) ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // setuid has cleared it
    const int log = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::setenv("LC_ALL", "C", 1);
    ::execv(argv[0], argv.data());
    ::_exit(127);
}

void give_to_server_user(const std::string& path) {
    const passwd* user = server_user();
    if (user != nullptr && ::chown(path.c_str(), user->pw_uid, user->pw_gid) != 0)
        give_up(path + " cannot be given to them");
}

}  // namespace drydock::test
