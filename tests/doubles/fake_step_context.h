#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/cancel.h"
#include "engine/error.h"
#include "engine/execute/step_context.h"
#include "engine/files/confined.h"
#include "engine/sql/open.h"

namespace drydock::test {

// The names of a run, as plain members that a test fills.
class FakeNames final : public execute::Names {
  public:
    Value params_ = Value::Map{};
    Value run_ = Value::Map{{"id", "r1"}, {"environment", "test"}};
    std::map<std::string, Value::Map, std::less<>> steps_;
    std::optional<Value> item_;
    std::optional<std::int64_t> index_;
    std::map<std::string, std::string, std::less<>> secrets_;

    [[nodiscard]] const Value& params() const override { return params_; }
    [[nodiscard]] const Value& run() const override { return run_; }
    [[nodiscard]] std::optional<Value> step_field(std::string_view step,
                                                  std::string_view field) const override {
        const auto found = steps_.find(step);
        if (found == steps_.end()) return std::nullopt;
        const auto value = found->second.find(field);
        return value == found->second.end() ? Value() : value->second;
    }
    [[nodiscard]] std::vector<std::string> step_names() const override {
        std::vector<std::string> names;
        for (const auto& [name, fields] : steps_) names.push_back(name);
        return names;
    }
    [[nodiscard]] std::optional<Value> item() const override { return item_; }
    [[nodiscard]] std::optional<std::int64_t> index() const override { return index_; }
    [[nodiscard]] std::optional<Secret> secret(std::string_view name) const override {
        const auto found = secrets_.find(name);
        if (found == secrets_.end())
            throw Error(ErrorCode::NotFound, "there is no secret " + std::string(name));
        return Secret(found->first, found->second);
    }
};

// An attempt that remembers what was asked of it: real files in a real folder, real SQLite
// sessions; programs answer what the test says.
class FakeStepContext : public execute::StepContext {
  public:
    explicit FakeStepContext(const std::string& folder)
        : files_({folder}, folder, databases_),
          deadline_(system_clock().boot() + Microseconds(60'000'000)) {}

    FakeNames names_;
    runbook::Effect bound_ = runbook::Effect::Unsafe;
    CancelToken cancel_;
    files::OpenDatabases databases_;
    files::Confined files_;
    Microseconds deadline_;
    std::map<std::string, std::string, std::less<>> connections_;  // name, path of the file
    std::map<std::string, std::string, std::less<>> redis_;        // name, socket of the server
    std::map<std::string, std::string, std::less<>> sources_;
    Value::Map recorded_;
    std::vector<std::string> asked_;  // "effect command make", "once was", "read fs.read", …
    std::vector<std::string> logs_;   // "info text"
    std::vector<execute::CommandRequest> commands_;
    execute::CommandAnswer answer_;
    std::vector<execute::HttpRequest> requests_;
    execute::HttpAnswer http_answer_{.status = 200, .headers = {}, .body = "", .took = {}};
    std::int64_t effects_ = 0;
    bool render_secret_ = false;  // templates hold one

    [[nodiscard]] const execute::Names& names() const override { return names_; }
    [[nodiscard]] runbook::Effect bound() const override { return bound_; }
    void check_stop() override {
        if (cancel_.stop_now()) throw execute::Stopped{cancel_.reason()};
    }
    [[nodiscard]] Microseconds deadline() const override { return deadline_; }
    [[nodiscard]] Clock& clock() override { return system_clock(); }

    sql::StepSession& sql(std::string_view connection) override {
        const auto open = sessions_.find(connection);
        if (open != sessions_.end()) return *open->second;
        const auto known = connections_.find(connection);
        if (known == connections_.end()) throw Error(ErrorCode::NotFound, "no such connection");
        auto& database = databases_open_[known->first];
        database = sql::open_sqlite({.path = known->second});
        const sql::ReceiptScope scope{
            .run = "00000000000000000000000001", .scope = "do/step", .journal = "j"};
        auto session = std::make_unique<sql::StepSession>(known->first, *database, scope, hooks(),
                                                          clock(), cancel_);
        return *sessions_.emplace(known->first, std::move(session)).first->second;
    }
    // A session on the real server at redis_[connection], which notes what it is told.
    redis::StepSession& redis(std::string_view connection) override {
        auto& open = redis_open_[std::string(connection)];
        if (open.session) return *open.session;
        const auto known = redis_.find(connection);
        if (known == redis_.end()) throw Error(ErrorCode::NotFound, "no such connection");
        open.server = std::make_unique<redis::Server>(
            redis::ServerSettings{.connect = {.server = Secret("server", known->second)}}, clock(),
            cancel_);
        open.session = std::make_unique<redis::StepSession>(
            redis::StepSession::Scope{known->first, "r1", "do/step"}, *open.server,
            redis::SessionHooks{
                .allow_read = [this](std::string_view what) { allow_read(what); },
                .allow_keyed =
                    [this](std::string_view what) {
                        asked_.push_back("keyed " + std::string(what));
                    },
                .check_stop = [this] { check_stop(); },
                .begin_effect = [this](std::string_view what, std::string_view on,
                                       const Value& with) { return begin_effect(what, on, with); },
                .end_effect = [this](std::int64_t n,
                                     std::string_view result) { end_effect(n, result, 0); },
                .progress = [](std::int64_t, std::int64_t, std::string_view) {},
                .committed = [](std::string_view, std::string_view) {}},
            cancel_);
        return *open.session;
    }
    [[nodiscard]] bool is_redis(std::string_view connection) const override {
        return redis_.contains(connection);
    }
    [[nodiscard]] std::vector<std::string> connection_names() const override {
        std::vector<std::string> names;
        for (const auto& [name, path] : connections_) names.push_back(name);
        for (const auto& [name, socket] : redis_) names.push_back(name);
        return names;
    }
    [[nodiscard]] std::string address(std::string_view connection) const override {
        return is_redis(connection) ? "redis://test" : sqlite_path(connection);
    }
    [[nodiscard]] std::string sqlite_path(std::string_view connection) const override {
        return connections_.find(connection)->second;
    }
    void close_connection(std::string_view connection) override {
        sessions_.erase(std::string(connection));
        databases_open_.erase(std::string(connection));
    }
    void target_replaced(std::string_view connection) override {
        close_connection(connection);
        asked_.push_back("replaced " + std::string(connection));
    }
    // The step has returned: commits what its bare writes did.
    void finish() {
        for (auto& [name, session] : sessions_) session->finish(std::nullopt);
    }

    [[nodiscard]] std::optional<Value> recorded(std::string_view key) const override {
        const auto found = recorded_.find(key);
        return found == recorded_.end() ? std::nullopt : std::optional(found->second);
    }
    [[nodiscard]] Value all_recorded() const override { return recorded_; }
    void begin_once(std::string_view key) override { asked_.push_back("once " + std::string(key)); }
    [[nodiscard]] Value recordable(const Value& value) const override { return value; }
    void record(std::string_view key, const Value& value) override {
        recorded_[std::string(key)] = value;
    }

    std::int64_t begin_effect(std::string_view primitive, std::string_view subject,
                              const Value&) override {
        asked_.push_back("effect " + std::string(primitive) + " " + std::string(subject));
        return ++effects_;
    }
    void end_effect(std::int64_t, std::string_view result, std::int64_t) override {
        asked_.push_back("ended " + std::string(result));
    }
    void allow_read(std::string_view primitive) override {
        asked_.push_back("read " + std::string(primitive));
    }
    void begin_file_change(std::string_view primitive, std::string_view path) override {
        if (bound_ != runbook::Effect::Unsafe)
            throw Error(ErrorCode::Lua, "more than this step may do");
        asked_.push_back("change " + std::string(primitive) + " " + std::string(path));
    }
    [[nodiscard]] files::Confined& files() override { return files_; }

    execute::CommandAnswer command(const execute::CommandRequest& request) override {
        commands_.push_back(request);
        return answer_;
    }
    execute::HttpAnswer http(const execute::HttpRequest& request) override {
        requests_.push_back(request);
        return http_answer_;
    }
    [[nodiscard]] std::string source_text(std::string_view path) const override {
        const auto found = sources_.find(path);
        if (found == sources_.end()) throw Error(ErrorCode::NotFound, "no such source");
        return found->second;
    }
    [[nodiscard]] Files source_files(std::string_view folder) const override {
        throw Error(ErrorCode::NotFound, "no such source " + std::string(folder));
    }
    [[nodiscard]] Value render(std::string_view text, std::string_view name) override {
        asked_.push_back("render " + std::string(name));
        if (render_secret_) return Secret("template", std::string(text));
        return text;
    }
    void log(execute::LogLevel level, std::string_view text) override {
        static constexpr const char* kNames[] = {"debug ", "info ", "warn ", "error "};
        logs_.push_back(kNames[static_cast<int>(level)] + std::string(text));
    }
    void progress(std::int64_t done, std::int64_t total, std::string_view text) override {
        logs_.push_back("progress " + std::to_string(done) + "/" + std::to_string(total) + " " +
                        std::string(text));
    }
    [[nodiscard]] std::string random_bytes(std::size_t count) override {
        return std::string(count, '\x2a');
    }

  private:
    sql::SessionHooks hooks() {
        return {
            .allow_write =
                [this](const sql::StepSession&, std::string_view) {
                    if (bound_ == runbook::Effect::Read)
                        throw Error(ErrorCode::Lua, "more than this step may do");
                },
            .check_stop = [this] { check_stop(); },
            .begin_effect =
                [this](std::string_view primitive, std::string_view subject,
                       const Value& arguments) {
                    return begin_effect(primitive, subject, arguments);
                },
            .end_effect = [this](std::int64_t effect, bool ok,
                                 std::string_view) { end_effect(effect, ok ? "ok" : "error", 0); },
            .progress = [this](std::int64_t done, std::int64_t total,
                               std::string_view text) { progress(done, total, text); },
            .notice = {},
            .committed =
                [this](std::string_view, std::string_view key, std::int64_t rows) {
                    asked_.push_back("committed " + std::string(key) + " " + std::to_string(rows));
                },
        };
    }

    std::map<std::string, std::unique_ptr<sql::Database>, std::less<>> databases_open_;
    std::map<std::string, std::unique_ptr<sql::StepSession>, std::less<>> sessions_;
    struct OpenRedis {
        std::unique_ptr<redis::Server> server;
        std::unique_ptr<redis::StepSession> session;
    };
    std::map<std::string, OpenRedis, std::less<>> redis_open_;
};

}  // namespace drydock::test
