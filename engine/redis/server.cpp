#include "engine/redis/server.h"

#include <algorithm>
#include <utility>

#include "engine/error.h"
#include "engine/redis/commands.h"
#include "engine/redis/errors.h"
#include "engine/redis/info.h"

namespace drydock::redis {
namespace {

std::string lower(std::string_view text) {
    std::string made(text);
    std::ranges::transform(made, made.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    return made;
}

// One entry of COMMAND INFO: [name, arity, [flags], first key, last key, step, …]; nil: unknown.
std::optional<CommandFacts> facts_from(const Reply& entry, std::size_t name_words) {
    if (entry.kind != Reply::Kind::List || entry.items.size() < 4) return std::nullopt;
    CommandFacts facts;
    bool writes = false;
    for (const Reply& flag : entry.items[2].items) {
        facts.reads = facts.reads || flag.text == "readonly";
        writes = writes || flag.text == "write";
    }
    facts.reads = facts.reads && !writes;
    // Counted from the first word of the name.
    if (entry.items[3].integer >= static_cast<std::int64_t>(name_words))
        facts.key = static_cast<std::size_t>(entry.items[3].integer);
    return facts;
}

std::string text_of(const Value::Map& info, std::string_view name) {
    const auto found = info.find(name);
    return found == info.end() ? std::string() : to_text(found->second);
}

}  // namespace

Server::Server(ServerSettings settings, Clock& clock, CancelToken& cancel)
    : settings_(std::move(settings)),
      clock_(clock),
      cancel_(cancel),
      address_(address_of(settings_.connect)),
      name_(address_.canonical()) {}

void Server::set_deadline(std::optional<Microseconds> boot_deadline) {
    waiter_.set_deadline(boot_deadline);
}

Connection Server::another() {
    return Connection(address_, settings_.connect.connect_timeout, waiter_);
}

void Server::connect_patiently() {
    const Microseconds until = clock_.boot() + settings_.retry_for;
    for (Microseconds pause = settings_.retry_every;;) {
        try {
            connection_.emplace(address_, settings_.connect.connect_timeout, waiter_);
            return;
        } catch (const Error& error) {
            const bool may_come = error.code() == ErrorCode::Connection ||
                                  error.code() == ErrorCode::Timeout ||
                                  error.code() == ErrorCode::Busy;
            if (!may_come || clock_.boot() + pause > until || cancel_.stop_now()) throw;
        }
        waiter_.require_time();
        clock_.sleep_until(clock_.boot() + pause, cancel_);
    }
}

Connection& Server::ready() {
    if (connection_ && connection_->is_usable()) return *connection_;
    connection_.reset();
    facts_.clear();
    eviction_.reset();
    connect_patiently();
    require_version();
    return *connection_;
}

void Server::require_version() {
    if (settings_.min_version.empty()) return;
    const Reply said = connection_->call({"INFO", "server"});
    const std::string version = text_of(parse_info(said.text), "redis_version");
    if (is_version_at_least(version, settings_.min_version)) return;
    connection_.reset();
    throw Error(ErrorCode::Connection,
                "redis at " + address_.shown() + " is version " + version +
                    ", the runbook wants at least " + settings_.min_version,
                "upgrade the server, or lower min_version of the connection");
}

// Runs one exchange; whatever it throws, it is known afterwards whether it may have been done.
template <class Work>
void Server::careful(const Work& work) {
    in_doubt_ = false;
    Connection& connection = ready();
    if (settings_.connect.command_timeout.count() > 0)
        waiter_.set_limit(clock_.boot() + settings_.connect.command_timeout);
    try {
        work(connection);
    } catch (const Error&) {
        waiter_.set_limit(std::nullopt);
        in_doubt_ = connection.answer_missing();
        throw;
    }
    waiter_.set_limit(std::nullopt);
}

Reply Server::call(const Words& words) {
    Reply answer;
    careful([&](Connection& connection) {
        try {
            answer = connection.call(words);
        } catch (const Error& error) {
            // Errors that the server itself answered have the command's name already.
            if (!connection.answer_missing()) throw;
            throw error.in(command_name(words));
        }
    });
    return answer;
}

void Server::exchange(std::string_view commands, std::size_t count, const Connection::Sink& sink) {
    careful([&](Connection& connection) { connection.exchange(commands, count, sink); });
}

CommandFacts Server::facts(const Words& words) {
    if (command_kind(words) == CommandKind::Reads) return {.reads = true};
    const std::size_t count = command_word_count(words);
    std::string name = lower(words[0]);
    if (count == 2) name += "|" + lower(words[1]);
    if (const auto known = facts_.find(name); known != facts_.end()) return known->second;
    CommandFacts facts;
    try {
        // Servers before 7 know the first word only.
        const Reply said = call({"COMMAND", "INFO", name, lower(words[0])});
        for (const Reply& entry : said.items) {
            const auto found = facts_from(entry, count);
            if (!found) continue;
            facts = *found;
            break;
        }
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Permission && error.code() != ErrorCode::Redis) throw;
    }
    return facts_.emplace(name, facts).first->second;
}

Value::Map Server::info() {
    try {
        return parse_info(call({"INFO"}).text);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Permission && error.code() != ErrorCode::Redis) throw;
        return {};
    }
}

std::string Server::why_not_kept() {
    (void)ready();  // a new connection may lead to a server with other settings
    if (eviction_) return *eviction_;
    const Value::Map said = info();
    const std::string policy = text_of(said, "maxmemory_policy");
    std::string why;
    if (policy.empty())
        why = "the server does not tell its maxmemory-policy (INFO)";
    else if (policy.starts_with("allkeys-"))
        why = "maxmemory-policy is " + policy;
    else if (text_of(said, "cluster_enabled") == "1")
        why = "the server is a node of a cluster";
    eviction_ = why;
    return why;
}

bool Server::keeps_tokens() {
    return why_not_kept().empty();
}

}  // namespace drydock::redis
