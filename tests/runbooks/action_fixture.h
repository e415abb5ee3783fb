#pragma once

#include <fstream>

#include "runbooks/shipped.h"
#include "tests/bindings/script_fixture.h"

namespace drydock::runbooks {

// The shipped actions, run on a real database app.db with a table users.
class ActionTest : public bindings::ScriptTest {
  protected:
    ActionTest() {
        make_database(
            "create table users (id integer primary key, name text unique);"
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) "
            "insert into users select i, 'user ' || i from n");
    }

    // The result of action "module.name" as a map.
    Value::Map perform(const std::string& action, Value::Map with) {
        select(action);
        const Value result = act(action.substr(action.find('.') + 1), std::move(with));
        const auto* fields = result.find<Value::Map>();
        return fields == nullptr ? Value::Map{} : *fields;
    }
    Error refusal(const std::string& action, Value::Map with) {
        try {
            perform(action, std::move(with));
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << action << " did not fail";
        return {ErrorCode::Usage, "did not fail"};
    }
    void select(const std::string& action) {
        for (const ShippedModule& shipped : shipped_modules()) {
            if (shipped.name == action.substr(0, action.find('.'))) load(shipped.text);
        }
    }

    void outside(const std::string& sql) {
        sqlite::Connection other(file("app.db"), {});
        other.exec(sql);
    }
    std::int64_t number(const std::string& path, const std::string& query) {
        sqlite::Connection other(path, {.mode = sqlite::Mode::ReadOnly});
        sqlite::Statement statement = other.prepare(query);
        statement.step();
        return statement.column_int(0);
    }
    void damage(const std::string& path, std::int64_t offset, std::size_t length) {
        std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
        stream.seekp(offset);
        stream << std::string(length, '\x55');
    }
};

}  // namespace drydock::runbooks
