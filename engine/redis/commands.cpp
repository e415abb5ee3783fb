#include "engine/redis/commands.h"

#include <algorithm>
#include <array>

namespace drydock::redis {
namespace {

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

constexpr std::array<std::string_view, 17> kContainers{
    "ACL",    "CLIENT", "CLUSTER", "COMMAND", "CONFIG",  "DEBUG",  "FUNCTION", "LATENCY", "MEMORY",
    "MODULE", "OBJECT", "PUBSUB",  "SCRIPT",  "SLOWLOG", "XGROUP", "XINFO",    "SENTINEL"};

// Without the server's flag `readonly`, because they read no keys.
constexpr std::array<std::string_view, 34> kReads{"PING",           "ECHO",
                                                  "TIME",           "INFO",
                                                  "COMMAND",        "COMMAND INFO",
                                                  "COMMAND COUNT",  "COMMAND DOCS",
                                                  "LASTSAVE",       "ROLE",
                                                  "CONFIG GET",     "CLIENT LIST",
                                                  "CLIENT INFO",    "CLIENT ID",
                                                  "CLIENT GETNAME", "SLOWLOG GET",
                                                  "SLOWLOG LEN",    "MEMORY USAGE",
                                                  "MEMORY STATS",   "MEMORY DOCTOR",
                                                  "LATENCY LATEST", "LATENCY HISTORY",
                                                  "LATENCY DOCTOR", "ACL LIST",
                                                  "ACL WHOAMI",     "ACL USERS",
                                                  "ACL GETUSER",    "ACL CAT",
                                                  "WAIT",           "CLUSTER INFO",
                                                  "CLUSTER NODES",  "PUBSUB CHANNELS",
                                                  "PUBSUB NUMSUB",  "MODULE LIST"};

constexpr std::array<std::string_view, 22> kOfSession{
    "AUTH",       "HELLO",        "SELECT",     "QUIT",         "RESET",     "MULTI",
    "EXEC",       "DISCARD",      "WATCH",      "UNWATCH",      "SUBSCRIBE", "UNSUBSCRIBE",
    "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE", "MONITOR",   "SYNC",
    "PSYNC",      "REPLCONF",     "READONLY",   "READWRITE"};

constexpr std::array<std::string_view, 5> kClientSession{"REPLY", "TRACKING", "SETNAME", "CACHING",
                                                         "NO-EVICT"};

}  // namespace

std::string upper(std::string_view text) {
    std::string made(text);
    std::ranges::transform(made, made.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
    });
    return made;
}

std::size_t command_word_count(const Words& words) {
    if (words.empty()) return 0;
    return words.size() > 1 && contains(kContainers, upper(words[0])) ? 2 : 1;
}

CommandKind command_kind(const Words& words) {
    const std::string first = upper(words.at(0));
    const bool two = command_word_count(words) == 2;
    const std::string second = two ? upper(words[1]) : std::string();
    if (contains(kOfSession, first)) return CommandKind::OfSession;
    if (first == "CLIENT" && contains(kClientSession, second)) return CommandKind::OfSession;
    return contains(kReads, two ? first + " " + second : first) ? CommandKind::Reads
                                                                : CommandKind::AskServer;
}

}  // namespace drydock::redis
