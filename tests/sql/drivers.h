#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "engine/error.h"
#include "engine/sql/open.h"
#include "engine/sqlite/connection.h"
#include "tests/doubles/temp_folder.h"
#include "tests/servers/postgres_server.h"

// The databases that one conformance suite runs over: what a step may rely on must hold on each.
namespace drydock::sql {

// A target with a table t(a integer primary key, b), and verbs to use it from outside.
class Target {
  public:
    virtual ~Target() = default;
    [[nodiscard]] virtual std::unique_ptr<Database> open(bool read_only = false) const = 0;
    // As another program would: a connection of its own.
    virtual void outside(const std::string& sql) const = 0;
    [[nodiscard]] virtual std::int64_t count(const std::string& table) const = 0;
    // The code of a statement that cannot be parsed.
    [[nodiscard]] virtual std::string syntax_code() const = 0;
};

class SqliteTarget final : public Target {
  public:
    SqliteTarget() { outside("create table t (a integer primary key, b text)"); }
    [[nodiscard]] std::unique_ptr<Database> open(bool read_only) const override {
        return open_sqlite({.path = folder_.file("app.db"),
                            .read_only = read_only,
                            .busy_timeout = Microseconds(20'000)});
    }
    void outside(const std::string& sql) const override {
        sqlite::Connection other(folder_.file("app.db"), {.mode = sqlite::Mode::Create});
        other.exec(sql);
    }
    [[nodiscard]] std::int64_t count(const std::string& table) const override {
        sqlite::Connection other(folder_.file("app.db"), {.mode = sqlite::Mode::ReadOnly});
        sqlite::Statement statement = other.prepare("select count(*) from " + table);
        statement.step();
        return statement.column_int(0);
    }
    [[nodiscard]] std::string syntax_code() const override { return "SQLITE_ERROR"; }

  private:
    TempFolder folder_;
};

class PostgresTarget final : public Target {
  public:
    PostgresTarget() { outside("create table t (a bigint primary key, b text)"); }
    ~PostgresTarget() override { server_.drop_database(name_); }
    PostgresTarget(const PostgresTarget&) = delete;
    PostgresTarget& operator=(const PostgresTarget&) = delete;
    [[nodiscard]] std::unique_ptr<Database> open(bool read_only) const override {
        PostgresSettings settings = this->settings();
        settings.read_only = read_only;
        return open_postgres(settings);
    }
    [[nodiscard]] PostgresSettings settings() const {
        return {.server = Secret("server", server_.socket_folder()),
                .port = server_.port(),
                .database = Secret("database", name_),
                .user = Secret("user", test::PostgresServer::superuser()),
                .lock_timeout = Microseconds(200'000)};
    }
    [[nodiscard]] const std::string& name() const { return name_; }
    void outside(const std::string& sql) const override { server_.run(name_, sql); }
    [[nodiscard]] std::int64_t count(const std::string& table) const override {
        std::int64_t rows = 0;
        open(true)->run("select count(*) from " + table, {}, Access::Read, [&](const Row& row) {
            rows = row.value(0).as<std::int64_t>();
            return true;
        });
        return rows;
    }
    [[nodiscard]] std::string syntax_code() const override { return "42601"; }

  private:
    test::PostgresServer& server_ = test::PostgresServer::shared();
    std::string name_ = server_.make_database();
};

enum class Driver : std::uint8_t { Sqlite, Postgres };

inline std::string driver_name(const testing::TestParamInfo<Driver>& info) {
    return info.param == Driver::Sqlite ? "sqlite" : "postgres";
}

// What `act` throws; Error{Check} when it throws nothing.
inline Error failure(const std::function<void()>& act) {
    try {
        act();
    } catch (const Error& error) {
        return error;
    }
    return {ErrorCode::Check, "nothing failed"};
}

class OnEachDriver : public testing::TestWithParam<Driver> {
  protected:
    void outside(const std::string& sql) const { target_->outside(sql); }
    [[nodiscard]] std::int64_t count(const std::string& table) const {
        return target_->count(table);
    }
    [[nodiscard]] std::unique_ptr<Database> open() const { return target_->open(); }


    std::unique_ptr<Target> target_ = make();

  private:
    static std::unique_ptr<Target> make() {
        if (GetParam() == Driver::Sqlite) return std::make_unique<SqliteTarget>();
        return std::make_unique<PostgresTarget>();
    }
};

inline const Arguments kNone{};

}  // namespace drydock::sql
