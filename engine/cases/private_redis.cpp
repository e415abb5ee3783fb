#include "engine/cases/private_redis.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/os/process.h"
#include "engine/redis/info.h"
#include "engine/redis/step_session.h"

namespace drydock::cases {
namespace {

constexpr Microseconds kPatience{10'000'000}, kPause{5'000};

redis::Connection connect(const std::string& socket, const redis::Waiter& waiter,
                          const std::string& database = "0") {
    return redis::Connection(redis::address_of({.server = Secret("server", socket),
                                                .database = Secret("database", database)}),
                             kPatience, waiter);
}

// In an order that does not depend on how the server keeps it.
std::string content_of(redis::Connection& connection, const std::string& key) {
    const std::string type = connection.call({"TYPE", key}).text;
    redis::Words question{"DUMP", key};
    if (type == "hash") question = {"HGETALL", key};
    if (type == "set") question = {"SMEMBERS", key};
    if (type != "hash" && type != "set")
        return type + " " + crypto::to_hex(crypto::sha256(connection.call(question).text));
    std::vector<std::string> parts;
    const redis::Reply answer = connection.call(question);
    const std::size_t step = type == "hash" ? 2 : 1;
    for (std::size_t i = 0; i + step <= answer.items.size(); i += step) {
        std::string part = answer.items[i].text;
        if (step == 2) part += " = " + answer.items[i + 1].text;
        parts.push_back(std::move(part));
    }
    std::ranges::sort(parts);
    std::string text = type;
    for (const std::string& part : parts) text += " " + part + ",";
    return text;
}

}  // namespace

PrivateRedis::PrivateRedis(std::string folder) : folder_(std::move(folder)) {
    start();
}

void PrivateRedis::restart() {
    process_.reset();
    start();
}

void PrivateRedis::start() {
    std::string program;
    try {
        program = os::allowed_program("redis-server", {"redis-server"});
    } catch (const Error&) {
        throw Error(ErrorCode::Command, "a case with a Redis connection needs redis-server",
                    "install it: apt-get install redis-server");
    }
    process_.emplace(
        ServerProcess::Start{.words = {program, "--port", "0", "--unixsocket", socket(),
                                       "--unixsocketperm", "700", "--save", "", "--appendonly",
                                       "no", "--repl-diskless-sync-delay", "0", "--dir", folder_},
                             .log = {},
                             .as = {},
                             .end_signal = SIGKILL});
    wait_until_it_answers();
}

void PrivateRedis::wait_until_it_answers() {
    const Microseconds until = system_clock().boot() + kPatience;
    const redis::Waiter waiter;
    for (;;) {
        try {
            (void)connect(socket(), waiter).call({"PING"});
            return;
        } catch (const Error& error) {
            if (system_clock().boot() > until)
                throw error.in("the case's redis-server does not answer");
        }
        // That it listens nothing tells; that it ended does.
        if (process_->ends_within(kPause))
            throw Error(ErrorCode::Command, "the case's redis-server ended at once",
                        "start redis-server by hand to see why");
    }
}

std::vector<std::string> describe_redis(const std::string& socket) {
    const redis::Waiter waiter;
    std::vector<std::string> lines;
    redis::Connection first = connect(socket, waiter);
    for (const auto& [name, part] : redis::parse_info(first.call({"INFO", "keyspace"}).text)) {
        redis::Connection one = connect(socket, waiter, name.substr(2));  // db0, db1 …
        for (const redis::Reply& key : one.call({"KEYS", "*"}).items) {
            if (!key.text.starts_with(redis::token_hash("").substr(0, 9)))
                lines.push_back("redis " + name + " " + key.text + ": " +
                                content_of(one, key.text));
        }
    }
    std::ranges::sort(lines);
    return lines;
}

}  // namespace drydock::cases
