#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>

#include "engine/os/unique_fd.h"
#include "tests/doubles/temp_folder.h"

// A real HTTP server in a process of its own (http_server.py): plain and TLS ports on the loopback,
// right and wrong answers by path. One per test program; it ends with it.
namespace drydock::test {

class HttpServer final {
  public:
    // The server of this program; the first call starts it. Fails the test program, with the
    // package to install, when there is no Python or no openssl.
    [[nodiscard]] static HttpServer& shared();

    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    // "http://127.0.0.1:4711/echo". Ports: plain, tls, expired, stranger, ipv6.
    [[nodiscard]] std::string url(std::string_view path, const std::string& port = "plain") const;
    [[nodiscard]] int port(const std::string& name) const { return ports_.at(name); }
    // Who signed the certificates, in PEM.
    [[nodiscard]] std::string ca() const;
    // Blocks until a request for `target` has come in whole since the last call.
    void await(std::string_view target);
    // All requests of this program so far, as they came.
    [[nodiscard]] std::string requests() const;

  private:
    HttpServer();
    [[nodiscard]] std::string read_line();

    TempFolder folder_;
    os::UniqueFd input_, output_;
    std::string held_;
    pid_t pid_ = -1;
    std::map<std::string, int> ports_;
};

}  // namespace drydock::test
