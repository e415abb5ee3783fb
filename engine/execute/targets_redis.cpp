// The Redis servers of a run: nothing is asked of them before a step does.

#include <set>

#include "engine/error.h"
#include "engine/execute/connection_settings.h"
#include "engine/execute/targets.h"
#include "engine/redis/step_session.h"

namespace drydock::execute {
namespace {

constexpr Microseconds kAside{5'000'000};  // for what nobody waits for

redis::ServerSettings server_settings(const ConnectionSettings& settings) {
    redis::ServerSettings made;
    made.connect.server = secret_setting(settings, "redis");
    made.connect.port = setting_or(settings, "port", made.connect.port);
    made.connect.database = secret_setting(settings, "database");
    made.connect.user = secret_setting(settings, "user");
    made.connect.password = secret_setting(settings, "password");
    if (const auto tls = secret_setting(settings, "tls")) made.connect.tls = tls->reveal();
    made.connect.ca_file = setting_or(settings, "ca", made.connect.ca_file);
    made.connect.command_timeout = setting_or(settings, "statement_timeout", Duration{}).length;
    made.retry_every = connect_part(settings, "every", made.retry_every);
    made.retry_for = connect_part(settings, "for", made.retry_for);
    made.read_only = setting_or(settings, "read_only", false);
    made.min_version = setting_or(settings, "min_version", made.min_version);
    return made;
}

}  // namespace

bool Targets::is_redis(std::string_view name) const {
    for (const auto& [known, declared] : parts_.bundle.runbook.connections) {
        if (known == name) return declared.kind == runbook::Connection::Kind::Redis;
    }
    return false;
}

redis::Server& Targets::look_redis(std::string_view name) {
    const auto found = servers_.find(name);
    if (found != servers_.end()) return *found->second;
    try {
        auto server = std::make_unique<redis::Server>(
            server_settings(parts_.settings(connection(name))), parts_.clock, parts_.cancel);
        return *servers_.emplace(name, std::move(server)).first->second;
    } catch (const Error& error) {
        throw error.in("connection " + std::string(name));
    }
}

redis::Server& Targets::open_redis(std::string_view name, RunWriter& writer) {
    redis::Server& server = look_redis(name);
    if (!recognised_.contains(name)) bind(name, identity_text(name), writer);
    recognised_.emplace(name);
    return server;
}

std::string Targets::identity_text(std::string_view name) {
    return is_redis(name) ? "redis at=" + look_redis(name).name() : look(name).identity().text;
}

std::vector<std::string> Targets::remarks() {
    std::vector<std::string> said;
    for (const auto& [name, declared] : parts_.bundle.runbook.connections) {
        if (declared.kind != runbook::Connection::Kind::Redis) continue;
        try {
            redis::ServerSettings settings = server_settings(parts_.settings(declared));
            if (settings.read_only) continue;
            settings.retry_for = Microseconds(0);
            redis::Server server(std::move(settings), parts_.clock, parts_.cancel);
            server.set_deadline(parts_.clock.boot() + kAside);
            if (const std::string why = server.why_not_kept(); !why.empty())
                said.push_back(name + ": " + why + ", so its transaction{…} are unsafe");
        } catch (const Error&) {
            // It is not there, or names a later step: whoever opens it says so.
        }
    }
    return said;
}

std::vector<std::string> Targets::forget_tokens() {
    std::set<std::string> had;
    for (const std::string& scope : parts_.state.started_scopes()) {
        const run::ScopeState* state = parts_.state.find(scope);
        if (state == nullptr) continue;
        for (const run::ReceiptRef& receipt : state->receipts) {
            if (is_redis(receipt.connection)) had.insert(receipt.connection);
        }
    }
    std::vector<std::string> failed;
    for (const std::string& name : had) {
        try {
            redis::Server& server = look_redis(name);
            server.set_deadline(parts_.clock.boot() + kAside);
            (void)server.call({"UNLINK", redis::token_hash(parts_.state.run())});
        } catch (const Error& error) {
            failed.push_back("the tokens of this run stay in " + name + ": " + error.message());
        }
    }
    return failed;
}

}  // namespace drydock::execute
