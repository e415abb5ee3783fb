#include "tests/servers/redis_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "engine/clock.h"
#include "engine/error.h"
#include "tests/servers/server_process.h"

namespace drydock::test {
namespace {

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "the tests need a Redis server: %s\n", why.c_str());
    std::exit(1);
}

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

pid_t spawn(const std::vector<std::string>& words, const std::string& output) {
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    // It ends with the test program, whatever happens to that.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int log = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
}

void run_openssl(std::vector<std::string> words, const std::string& folder) {
    words.insert(words.begin(), "openssl");
    int status = 0;
    const pid_t pid = spawn(words, folder + "/openssl.log");
    if (::waitpid(pid, &status, 0) != pid || status != 0)
        give_up("apt-get install openssl; " + text_of(folder + "/openssl.log"));
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> settings)
    : settings_(std::move(settings)), port_(free_loopback_port()) {
    start();
}

RedisServer::~RedisServer() {
    kill();
}

RedisServer& RedisServer::fresh() {
    static RedisServer server;
    server.run({"FLUSHALL"});
    server.run({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
    server.run({"CONFIG", "SET", "maxmemory", "0"});
    server.run({"ACL", "SETUSER", "default", "reset", "on", "nopass", "~*", "&*", "+@all"});
    return server;
}

void RedisServer::start() {
    std::vector<std::string> words{"redis-server",
                                   "--bind",
                                   "127.0.0.1",
                                   "127.0.0.2",
                                   "--port",
                                   std::to_string(port_),
                                   "--unixsocket",
                                   socket(),
                                   "--dir",
                                   folder_.path(),
                                   "--save",
                                   "",
                                   "--enable-debug-command",
                                   "yes"};
    words.insert(words.end(), settings_.begin(), settings_.end());
    pid_ = spawn(words, folder_.file("server.log"));
    wait_until_it_answers();
}

void RedisServer::wait_until_it_answers() {
    const os::UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    const Microseconds until = system_clock().boot() + Microseconds(30'000'000);
    for (;;) {
        try {
            (void)run({"PING"});
            return;
        } catch (const Error& error) {
            // It may want a password, or still load: then it is there.
            if (error.code() == ErrorCode::Permission) return;
            if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
                give_up("apt-get install redis-server; it ended: " +
                        text_of(folder_.file("server.log")));
            }
            if (system_clock().boot() > until) give_up("it does not answer: " + error.message());
        }
        // Nothing tells from outside that it has begun to listen; that it ended does.
        pollfd ended{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
        (void)::poll(&ended, 1, 5);
    }
}

void RedisServer::kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

void RedisServer::stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

redis::Reply RedisServer::run(const redis::Words& words) const {
    const redis::Waiter waiter;
    redis::Connection connection(redis::address_of({.server = Secret("server", socket())}),
                                 Microseconds(10'000'000), waiter);
    return connection.call(words);
}

Certificates::Certificates(const std::string& folder)
    : ca(folder + "/ca.pem"), certificate(folder + "/server.pem"), key(folder + "/server.key") {
    const std::string extensions = folder + "/extensions";
    std::ofstream(extensions) << "subjectAltName=DNS:localhost,IP:127.0.0.1\n";
    run_openssl(
        {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=Test authority", "-keyout", folder + "/ca.key", "-out", ca},
        folder);
    run_openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-subj", "/CN=localhost", "-keyout", key, "-out", folder + "/server.csr"},
                folder);
    run_openssl(
        {"x509", "-req", "-in", folder + "/server.csr", "-CA", ca, "-CAkey", folder + "/ca.key",
         "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", certificate},
        folder);
}

}  // namespace drydock::test
