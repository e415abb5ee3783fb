#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/sql/drivers.h"

namespace drydock::sql {

class PostgresDatabaseTest : public testing::Test {
  protected:
    [[nodiscard]] std::unique_ptr<Database> open() const { return target_.open(false); }

    static Value ask(Database& database, const std::string& query,
                     const std::vector<Value>& values = {}) {
        Value found;
        database.run(query, {.positional = values, .named = {}}, Access::Read, [&](const Row& row) {
            found = row.value(0);
            return true;
        });
        return found;
    }

    PostgresTarget target_;
    std::unique_ptr<Database> database_ = open();
};

}  // namespace drydock::sql
