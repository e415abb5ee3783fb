// The Redis sessions of an attempt: what may be asked of a server, and what is journaled of it.

#include "engine/error.h"
#include "engine/execute/attempt_context.h"

namespace drydock::execute {

bool AttemptContext::is_redis(std::string_view connection) const {
    return shop_.targets.is_redis(connection);
}

redis::StepSession& AttemptContext::redis(std::string_view connection) {
    const auto found = redis_sessions_.find(connection);
    if (found != redis_sessions_.end()) return *found->second;
    redis::Server* server = nullptr;
    try {
        server = &shop_.targets.open_redis(connection, shop_.writer);
    } catch (const Error& error) {
        rethrow_from_binding(error);
    }
    server->set_deadline(about_.deadline);
    auto session = std::make_unique<redis::StepSession>(
        redis::StepSession::Scope{
            .connection = std::string(connection), .run = shop_.state.run(), .scope = about_.scope},
        *server, redis_hooks(), shop_.cancel);
    return *redis_sessions_.emplace(connection, std::move(session)).first->second;
}

redis::SessionHooks AttemptContext::redis_hooks() {
    return {
        .allow_read = [this](std::string_view primitive) { allow_read(primitive); },
        .allow_keyed =
            [this](std::string_view primitive) {
                require_bound(runbook::Effect::Transaction, primitive);
                require_settled_writes(primitive);
                check_stop();
            },
        .check_stop = [this] { check_stop(); },
        .begin_effect =
            [this](std::string_view primitive, std::string_view subject, const Value& arguments) {
                return begin_effect(primitive, subject, arguments);
            },
        .end_effect = [this](std::int64_t effect,
                             std::string_view result) { end_effect(effect, result, 0); },
        .progress = [this](std::int64_t done, std::int64_t total,
                           std::string_view text) { progress(done, total, text); },
        .committed = [this](std::string_view connection,
                            std::string_view key) { note_receipt(connection, key, 1); },
    };
}

}  // namespace drydock::execute
