#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/cancel.h"
#include "engine/clock.h"
#include "engine/error.h"
#include "engine/redis/step_session.h"
#include "tests/servers/redis_server.h"

namespace drydock::redis {

// The error that `work` throws; fails the test when it throws none.
template <class Work>
Error error_of(const Work& work) {
    try {
        work();
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return {ErrorCode::Check, ""};
}

// A session on a real server, with an attempt around it that remembers what it is told.
class Session {
  public:
    explicit Session(const test::RedisServer& on, ServerSettings settings = {}) {
        if (!settings.connect.server) settings.connect.server = Secret("server", on.socket());
        server.emplace(std::move(settings), system_clock(), cancel);
        session.emplace(
            StepSession::Scope{.connection = "cache", .run = "r1", .scope = scope}, *server,
            SessionHooks{
                .allow_read = [this](std::string_view) { stop_if_asked(); },
                .allow_keyed = [this](std::string_view) { ++keyed; },
                .check_stop = [this] { stop_if_asked(); },
                .begin_effect =
                    [this](std::string_view primitive, std::string_view, const Value& arguments) {
                        effects.push_back(std::string(primitive) + " " + to_text(arguments));
                        return static_cast<std::int64_t>(effects.size());
                    },
                .end_effect =
                    [this](std::int64_t n, std::string_view result) {
                        effects.at(static_cast<std::size_t>(n) - 1) += " " + std::string(result);
                    },
                .progress = [this](std::int64_t done, std::int64_t,
                                   std::string_view) { progressed = done; },
                .committed = [this](std::string_view,
                                    std::string_view key) { committed.emplace_back(key); }},
            cancel);
    }
    StepSession* operator->() { return &*session; }

    static constexpr const char* scope = "do/step";
    CancelToken cancel;
    std::optional<Server> server;
    std::optional<StepSession> session;
    std::vector<std::string> effects;  // "redis SET [\"SET\"] ok"
    std::vector<std::string> committed;
    std::int64_t progressed = 0;
    int keyed = 0;

  private:
    void stop_if_asked() const {
        if (cancel.stop_now()) throw Error(ErrorCode::Interrupted, "stopped");
    }
};

inline std::string token_of(const test::RedisServer& server, const std::string& key) {
    return server.run({"HGET", token_hash("r1"), std::string(Session::scope) + " " + key}).text;
}

}  // namespace drydock::redis
