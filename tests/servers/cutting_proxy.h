#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>

// A TCP proxy before a PostgreSQL server that cuts a session at a chosen message of the client's:
// what a network does in the worst moment, at will. Listens on a free loopback port; one thread.
namespace drydock::test {

class CuttingProxy final {
  public:
    enum class Cut : std::uint8_t {
        Before,  // the server never sees the message
        After,   // the server gets it and acts; the client never sees the answer
        Killed   // `kill` ends the server's process for the session, then it gets the message
    };

    // Forwards to `server_port` of the loopback address. `kill` is called on the proxy's thread
    // with the process id of a session at the server, and returns when that is gone.
    CuttingProxy(int server_port, std::function<void(int pid)> kill);
    ~CuttingProxy();
    CuttingProxy(const CuttingProxy&) = delete;
    CuttingProxy& operator=(const CuttingProxy&) = delete;

    [[nodiscard]] int port() const { return port_; }
    // Cuts the session that sends the `nth` message from now, over all sessions (from 1); once.
    void cut_at(std::int64_t nth, Cut how);
    // Messages forwarded since cut_at().
    [[nodiscard]] std::int64_t messages() const { return messages_; }
    [[nodiscard]] bool has_cut() const { return has_cut_; }

  private:
    void serve();

    int server_port_;
    std::function<void(int)> kill_;
    int listener_ = -1, wake_ = -1, port_ = 0;
    std::atomic<std::int64_t> messages_{0}, nth_{0};
    std::atomic<Cut> how_{Cut::Before};
    std::atomic<bool> has_cut_{false};
    std::jthread thread_;
};

}  // namespace drydock::test
