#include "tests/servers/http_server.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

extern char** environ;

namespace drydock::test {
namespace {

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

[[noreturn]] void give_up() {
    std::fputs("the HTTP server of the tests does not start: apt-get install python3 openssl\n",
               stderr);
    std::exit(1);
}

}  // namespace

HttpServer& HttpServer::shared() {
    static HttpServer server;
    return server;
}

HttpServer::HttpServer() {
    std::array<int, 2> to{}, from{};
    if (::pipe2(to.data(), O_CLOEXEC) != 0 || ::pipe2(from.data(), O_CLOEXEC) != 0) give_up();
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
    std::string program = "python3", script = HTTP_SERVER, folder = folder_.path();
    std::array<char*, 4> words{program.data(), script.data(), folder.data(), nullptr};
    const int failed =
        ::posix_spawnp(&pid_, program.c_str(), &actions, nullptr, words.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(to[0]);
    ::close(from[1]);
    input_ = os::UniqueFd(to[1]);
    output_ = os::UniqueFd(from[0]);
    if (failed != 0) give_up();
    // {"plain": 4711, …}
    const std::string line = read_line();
    for (std::size_t at = line.find('"'); at != std::string::npos; at = line.find('"', at)) {
        const std::size_t end = line.find('"', at + 1);
        ports_[line.substr(at + 1, end - at - 1)] = std::atoi(line.c_str() + end + 2);
        at = end + 1;
    }
}

HttpServer::~HttpServer() {
    input_ = os::UniqueFd();
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
}

std::string HttpServer::read_line() {
    for (std::size_t end = held_.find('\n');; end = held_.find('\n')) {
        if (end != std::string::npos) {
            std::string line = held_.substr(0, end);
            held_.erase(0, end + 1);
            return line;
        }
        std::array<char, 4096> piece{};
        const ssize_t got = ::read(output_.get(), piece.data(), piece.size());
        if (got <= 0) give_up();
        held_.append(piece.data(), static_cast<std::size_t>(got));
    }
}

void HttpServer::await(std::string_view target) {
    std::string line;
    do {
        line = read_line();
    } while (line.substr(line.find(' ') + 1) != target);
}

std::string HttpServer::url(std::string_view path, const std::string& port) const {
    const bool plain = port == "plain" || port == "ipv6";
    return (plain ? "http://" : "https://") +
           std::string(port == "ipv6" ? "[::1]" : "127.0.0.1") + ":" +
           std::to_string(ports_.at(port)) + std::string(path);
}

std::string HttpServer::ca() const { return read_file(folder_.path() + "/ca.pem"); }

std::string HttpServer::requests() const { return read_file(folder_.path() + "/requests"); }

}  // namespace drydock::test
