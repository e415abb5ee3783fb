#include "engine/redis/connection.h"

#include <poll.h>

#include <array>
#include <span>
#include <utility>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/redis/errors.h"

namespace drydock::redis {
namespace {

constexpr std::size_t kPiece = std::size_t{64} << 10;

}  // namespace

Connection::Connection(const Address& address, Microseconds connect_timeout, const Waiter& waiter)
    : waiter_(waiter), where_(address.shown()), stream_(address, connect_timeout, waiter) {
    try {
        log_in(address);
    } catch (const Error& error) {
        throw error.in("logging in to redis at " + where_);
    }
}

void Connection::log_in(const Address& address) {
    if (address.password) {
        Words words{"AUTH"};
        if (address.user) words.push_back(address.user->reveal());
        words.push_back(address.password->reveal());
        (void)call(words);
    }
    if (address.database != 0) (void)call({"SELECT", std::to_string(address.database)});
    // Shown in CLIENT LIST. A user may be forbidden to say it, or anything else: that shows with
    // the first command that matters.
    std::string commands;
    append_command(commands, {"CLIENT", "SETNAME", "drydock"});
    append_command(commands, {"PING"});
    exchange(commands, 2, [](const Reply& reply) {
        // The server may still be loading, or want a login that the connection has not.
        const bool fatal = reply.is_error() && !reply.text.starts_with("NOPERM") &&
                           !reply.text.starts_with("ERR") && !reply.text.starts_with("MISCONF");
        if (fatal) throw error_from(reply, {"PING"});
    });
}

Reply Connection::call(const Words& words) {
    std::string command;
    append_command(command, words);
    Reply answer;
    exchange(command, 1, [&](Reply&& reply) { answer = std::move(reply); });
    if (answer.is_error()) throw error_from(answer, words);
    return answer;
}

void Connection::exchange(std::string_view commands, std::size_t count, const Sink& sink) {
    CHECK(!over_);
    waiter_.require_time();
    // From here on anything may have reached the server; whatever is thrown ends the session,
    // because an answer that comes later would be taken for the answer to something else.
    over_ = true;
    in_flight_ = true;
    std::size_t missing = count;
    std::optional<Error> raised;
    const Sink careful = [&](Reply&& reply) {
        if (raised) return;
        try {
            sink(std::move(reply));
        } catch (const Error& error) {
            raised = error;  // the other answers must be taken first
        }
    };
    while (missing > 0) {
        if (!commands.empty()) {
            const std::size_t size = std::min(commands.size(), kPiece);
            stream_.put(commands.substr(0, size));
            commands.remove_prefix(size);
        }
        const bool all_sent = stream_.flush();
        read_into(missing, careful);
        if (missing == 0) break;
        if (all_sent && !commands.empty()) continue;
        (void)waiter_.wait(stream_.fd(), all_sent ? POLLIN : POLLIN | POLLOUT);
    }
    in_flight_ = false;
    over_ = false;
    if (raised) throw *raised;
}

void Connection::read_into(std::size_t& missing, const Sink& sink) {
    std::array<char, kPiece> piece;  // NOLINT: filled by take
    for (;;) {
        const std::size_t size = stream_.take(piece);
        if (size == 0) return;
        reader_.feed({piece.data(), size});
        while (missing > 0) {
            std::optional<Reply> reply = reader_.next();
            if (!reply) break;
            --missing;
            sink(*std::move(reply));
        }
        if (missing == 0) return;
    }
}

Stream& Connection::begin_stream(const Words& words) {
    CHECK(!over_);
    over_ = true;
    std::string command;
    append_command(command, words);
    stream_.put(command);
    while (!stream_.flush()) (void)waiter_.wait(stream_.fd(), POLLOUT);
    return stream_;
}

bool Connection::is_usable() {
    return !over_ && !stream_.is_stale();
}

}  // namespace drydock::redis
