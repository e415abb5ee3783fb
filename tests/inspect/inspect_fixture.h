#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/inspect/looking.h"
#include "engine/sqlite/connection.h"
#include "tests/os/temporary_folder.h"

namespace drydock::inspect {

// A database app.db of a scanner, and verbs.
class InspectTest : public testing::Test {
  protected:
    [[nodiscard]] std::string database() const { return folder_ / "app.db"; }
    void sql(const std::string& text) const {
        sqlite::Connection other(database(), {.mode = sqlite::Mode::Create});
        other.exec(text);
    }
    void make_users(int rows) const {
        sql("create table users (id integer primary key, name text, mail text unique);"
            "create table orders (id integer primary key, user_id integer references users (id), "
            "at text);"
            "with recursive n (i) as (select 1 union all select i + 1 from n where i < " +
            std::to_string(rows) +
            ") insert into users select i, 'user ' || i, 'mail ' || i from n;"
            "insert into orders select id, id, 'noon' from users");
    }
    void damage(std::int64_t offset, std::size_t length) const {
        std::fstream stream(database(), std::ios::in | std::ios::out | std::ios::binary);
        stream.seekp(offset);
        stream << std::string(length, '\x55');
    }
    [[nodiscard]] Looking look() const { return {database(), Microseconds{0}}; }
    [[nodiscard]] Error refusal() const {
        try {
            Looking looking(database(), Microseconds{0});
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "it opened";
        return {ErrorCode::Usage, "it opened"};
    }
    static void expect_in(const std::string& text, const std::string& part) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\nnot in\n" << text;
    }

    test::TemporaryFolder folder_;
};

}  // namespace drydock::inspect
