#include "tests/servers/postgres_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

#include "engine/clock.h"
#include "engine/error.h"
#include "engine/postgres/connection.h"
#include "tests/servers/server_process.h"

namespace drydock::test {
namespace {

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "the tests need a PostgreSQL server: %s\n", why.c_str());
    std::exit(1);
}

// The newest server that is installed.
std::string binaries() {
    std::vector<std::string> found;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
        if (std::filesystem::exists(entry.path() / "bin" / "initdb"))
            found.push_back(entry.path() / "bin");
    }
    if (found.empty()) give_up("apt-get install postgresql");
    return *std::ranges::max_element(found, {}, [](const std::string& path) {
        return std::stoi(std::filesystem::path(path).parent_path().filename());
    });
}

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

PostgresServer& PostgresServer::shared() {
    static PostgresServer server(Kind::Shared);
    return server;
}

PostgresServer& PostgresServer::durable() {
    static PostgresServer server(Kind::Durable);
    return server;
}

PostgresServer& PostgresServer::with_tls() {
    static PostgresServer server(Kind::Tls);
    return server;
}

PostgresServer& PostgresServer::standby() {
    static PostgresServer server(Kind::Standby);
    return server;
}

PostgresServer::PostgresServer(Kind kind) {
    if (kind != Kind::Shared || !join_held()) start_own(kind);
    if (kind == Kind::Tls) run("postgres", "create role anna login password 'canary-word'");
}

bool PostgresServer::join_held() {
    const char* file = std::getenv("DRYDOCK_TEST_SERVERS");
    std::ifstream in(file == nullptr ? "" : file);
    return static_cast<bool>(in >> sockets_ >> port_);
}

// An authority, a certificate for localhost, and who may come how.
void PostgresServer::make_certificates() {
    const std::string made = folder_->path() + "/certificates.log";
    const auto openssl = [&](const std::vector<std::string>& words) {
        std::vector<std::string> argv{"/usr/bin/openssl"};
        argv.insert(argv.end(), words.begin(), words.end());
        int status = 0;
        if (::waitpid(start_server_process(argv, made), &status, 0) < 0 || status != 0)
            give_up("no certificate: " + text_of(made));
    };
    const auto file = [&](const char* name) { return folder_->file(name); };
    openssl({"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", file("ca.key"), "-out",
             file("ca.crt"), "-subj", "/CN=test authority", "-days", "2"});
    openssl({"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", file("other.key"), "-out",
             file("other.crt"), "-subj", "/CN=another authority", "-days", "2"});
    openssl({"req", "-newkey", "rsa:2048", "-nodes", "-keyout", file("server.key"), "-out",
             file("server.csr"), "-subj", "/CN=localhost"});
    openssl({"x509", "-req", "-in", file("server.csr"), "-CA", file("ca.crt"), "-CAkey",
             file("ca.key"), "-CAcreateserial", "-out", file("server.crt"), "-days", "2"});
    std::ofstream(folder_->file("cluster/pg_hba.conf"))
        << "local all all trust\nhostssl all anna all scram-sha-256\n";
}

void PostgresServer::start_own(Kind kind) {
    folder_.emplace();
    sockets_ = folder_->path();
    port_ = free_loopback_port();
    const std::string bin = binaries();
    const std::string cluster = folder_->file("cluster");
    const std::string log = folder_->file("server.log");
    give_to_server_user(folder_->path());
    int status = 0;
    const pid_t initdb =
        start_server_process({bin + "/initdb", "--pgdata=" + cluster, "--username=postgres",
                              "--auth=trust", "--encoding=UTF8", "--no-sync", "--no-instructions"},
                             log);
    if (::waitpid(initdb, &status, 0) != initdb || status != 0)
        give_up("initdb failed: " + text_of(log));
    std::vector<std::string> words{bin + "/postgres",    "-D", cluster, "-k", sockets_, "-p",
                                   std::to_string(port_)};
    const auto set = [&](const std::string& setting) {
        words.insert(words.end(), {"-c", setting});
    };
    set("listen_addresses=127.0.0.1");
    set("max_prepared_transactions=4");
    set(kind == Kind::Durable ? "shared_buffers=256MB" : "shared_buffers=16MB");
    if (kind != Kind::Durable) set("fsync=off");
    if (kind == Kind::Tls) {
        make_certificates();
        set("ssl=on");
        set("ssl_cert_file=" + folder_->file("server.crt"));
        set("ssl_key_file=" + folder_->file("server.key"));
    }
    if (kind == Kind::Standby) std::ofstream(folder_->file("cluster/standby.signal"));
    pid_ = start_server_process(words, log);
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    const Microseconds until = system_clock().boot() + Microseconds(60'000'000);
    for (;;) {
        try {
            run("postgres", "select 1");
            ::close(pidfd);
            return;
        } catch (const Error& error) {
            if (::waitpid(pid_, &status, WNOHANG) == pid_) give_up("it ended: " + text_of(log));
            if (system_clock().boot() > until) give_up("it does not answer: " + error.message());
        }
        // Nothing tells from outside that it has begun to listen; that it ended does.
        pollfd ended{.fd = pidfd, .events = POLLIN, .revents = 0};
        (void)::poll(&ended, 1, 20);
    }
}

PostgresServer::~PostgresServer() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGQUIT);
    ::waitpid(pid_, nullptr, 0);
}

std::string PostgresServer::make_database() {
    // Other test programs make theirs at the same time.
    std::string name = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++made_);
    run("postgres", "create database " + name);
    return name;
}

void PostgresServer::drop_database(const std::string& name) {
    run("postgres", "drop database " + name + " with (force)");
}

void PostgresServer::run(const std::string& database, const std::string& statements) const {
    postgres::Connection connection({.server = Secret("server", sockets_),
                                     .port = port_,
                                     .database = Secret("database", database),
                                     .user = Secret("user", superuser())});
    connection.exec(statements);
}

}  // namespace drydock::test
