#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/schema/catalog.h"
#include "engine/schema/difference.h"
#include "tests/sql/drivers.h"

// Real databases of which a test takes catalogs before and after something.
namespace drydock::schema {

using Lines = std::vector<std::string>;

template <class Target>
class DatabaseTest : public testing::Test {
  protected:
    void sql(const std::string& text) const { target_.outside(text); }
    [[nodiscard]] Catalog catalog(const std::set<std::string>& without = {}) const {
        const auto database = target_.open(true);
        return look_at(*database, without);
    }
    // What `text` changes, in words.
    [[nodiscard]] Lines changes(const std::string& text) const {
        const Catalog before = catalog();
        sql(text);
        return lines(difference(before, catalog()));
    }

    Target target_;
};

using PostgresTest = DatabaseTest<sql::PostgresTarget>;
using SqliteTest = DatabaseTest<sql::SqliteTarget>;

}  // namespace drydock::schema
