#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "engine/error.h"
#include "engine/sql/open.h"
#include "engine/sqlite/connection.h"
#include "tests/sql/drivers.h"
#include "tests/sqlite/temp_folder.h"

namespace drydock::sql {

// A target file with a table t(a integer primary key, b), and verbs to use it.
class TargetTest : public testing::Test {
  protected:
    TargetTest() { outside("create table t (a integer primary key, b)"); }

    [[nodiscard]] std::string path() const { return folder_.file("app.db"); }

    // As another program would: a connection of its own.
    void outside(const std::string& sql) {
        sqlite::Connection other(path(), {.mode = sqlite::Mode::Create});
        other.exec(sql);
    }
    std::int64_t count(const std::string& table) {
        sqlite::Connection other(path(), {.mode = sqlite::Mode::ReadOnly});
        sqlite::Statement statement = other.prepare("select count(*) from " + table);
        statement.step();
        return statement.column_int(0);
    }
    [[nodiscard]] std::unique_ptr<Database> open(Microseconds busy = Microseconds(20'000)) const {
        return open_sqlite({.path = path(), .busy_timeout = busy});
    }

    static Error failure(const std::function<void()>& act) {
        try {
            act();
        } catch (const Error& error) {
            return error;
        }
        return {ErrorCode::Check, "nothing failed"};
    }

    tests::TempFolder folder_;
};

}  // namespace drydock::sql
