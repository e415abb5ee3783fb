#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/cancel.h"
#include "engine/cases/postgres_places.h"
#include "engine/cases/world.h"
#include "engine/execute/step_context.h"
#include "engine/execute/step_runner.h"

namespace drydock::cases {

// The case's own hand: the Lua of `after` and `holds` at work on the databases and files of the
// world, beside the run and unseen by its journal. Lives for one script, on its thread.
class Hand final : public execute::StepContext {
  public:
    struct Parts {
        const execute::Names& names;
        const World& world;
        const DatabasePaths& databases;
        const DatabasePaths& redis;  // connection → number of its database
        const PostgresPlaces& postgres;
        Clock& clock;
        runbook::Effect bound;
        std::string name;  // "after/m17": its receipts are its own
    };
    explicit Hand(Parts parts);
    ~Hand() override;

    // The script has returned: what it wrote is committed.
    void finish();

    [[nodiscard]] const execute::Names& names() const override { return parts_.names; }
    [[nodiscard]] runbook::Effect bound() const override { return parts_.bound; }
    void check_stop() override;
    [[nodiscard]] Microseconds deadline() const override { return deadline_; }
    [[nodiscard]] Clock& clock() override { return parts_.clock; }
    sql::StepSession& sql(std::string_view connection) override;
    redis::StepSession& redis(std::string_view connection) override;
    [[nodiscard]] bool is_redis(std::string_view connection) const override {
        return parts_.redis.contains(connection);
    }
    [[nodiscard]] std::vector<std::string> connection_names() const override;
    [[nodiscard]] std::string sqlite_path(std::string_view connection) const override;
    [[nodiscard]] std::string address(std::string_view connection) const override;
    void close_connection(std::string_view connection) override;
    void target_replaced(std::string_view connection) override { close_connection(connection); }
    [[nodiscard]] std::optional<Value> recorded(std::string_view) const override;
    [[nodiscard]] Value all_recorded() const override { return Value::Map{}; }
    void begin_once(std::string_view) override {}
    void record(std::string_view, const Value&) override {}
    [[nodiscard]] Value recordable(const Value& value) const override { return value; }
    std::int64_t begin_effect(std::string_view primitive, std::string_view, const Value&) override;
    void end_effect(std::int64_t, std::string_view, std::int64_t) override {}
    void allow_read(std::string_view) override {}
    void begin_file_change(std::string_view primitive, std::string_view path) override;
    [[nodiscard]] files::Confined& files() override { return files_; }
    execute::CommandAnswer command(const execute::CommandRequest& request) override;
    execute::HttpAnswer http(const execute::HttpRequest& request) override;
    [[nodiscard]] std::string source_text(std::string_view path) const override;
    [[nodiscard]] Files source_files(std::string_view folder) const override;
    [[nodiscard]] Value render(std::string_view template_text, std::string_view name) override;
    void log(execute::LogLevel, std::string_view) override {}
    void progress(std::int64_t, std::int64_t, std::string_view) override {}
    [[nodiscard]] std::string random_bytes(std::size_t count) override;

  private:
    [[nodiscard]] sql::SessionHooks hooks();
    [[nodiscard]] redis::SessionHooks redis_hooks();
    void require_changes(std::string_view what) const;
    [[nodiscard]] std::unique_ptr<sql::Database> open_database(std::string_view connection);

    Parts parts_;
    CancelToken cancel_;
    files::OpenDatabases open_databases_;
    files::Confined files_;
    Microseconds deadline_;
    std::map<std::string, std::unique_ptr<sql::Database>, std::less<>> databases_;
    std::map<std::string, std::unique_ptr<sql::StepSession>, std::less<>> sessions_;
    std::map<std::string, std::unique_ptr<redis::Server>, std::less<>> servers_;
    std::map<std::string, std::unique_ptr<redis::StepSession>, std::less<>> redis_sessions_;
};

}  // namespace drydock::cases
