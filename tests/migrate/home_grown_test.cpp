#include "engine/migrate/home_grown.h"

#include "engine/error.h"
#include "tests/sql/drivers.h"

namespace drydock::migrate {
namespace {

Error refusal(const Value::Map& map) {
    return sql::failure([&] { (void)home_grown_from(map); });
}

TEST(HomeGrown, IsReadFromAMap) {
    const HomeGrown found = home_grown_from(Value::Map{{"key_column", "file"},
                                                       {"key", "file name"},
                                                       {"checksum_column", "sum"},
                                                       {"checksum", "crc32"},
                                                       {"applied_at_column", Value()}});
    EXPECT_EQ(found.key_column, "file");
    EXPECT_EQ(found.key, HomeGrown::Key::FileName);
    EXPECT_EQ(found.checksum, HomeGrown::Checksum::Crc32);
    EXPECT_EQ(found.applied_at_column, "");
    EXPECT_EQ(home_grown_from(Value::Map{{"key_column", "v"}}).key, HomeGrown::Key::Number);
}

TEST(HomeGrown, IsRefusedWhenItCannotBeMeant) {
    EXPECT_EQ(refusal({}).message(), "home_grown: it has no key_column");
    EXPECT_EQ(refusal({{"key_column", "v"}, {"key", "digits"}}).hint(),
              "one of number, version, file name");
    EXPECT_EQ(refusal({{"key_column", "v"}, {"sum", "x"}}).message(),
              "home_grown: there is no `sum` in it");
    EXPECT_EQ(refusal({{"key_column", std::int64_t{3}}}).message(),
              "home_grown: key_column is no text");
    EXPECT_EQ(refusal({{"key_column", "v"}, {"checksum", "md5"}}).message(),
              "home_grown: checksum without checksum_column");
    EXPECT_EQ(sql::failure([] { (void)home_grown_from(Value("v")); }).code(),
              ErrorCode::Document);
}

}  // namespace
}  // namespace drydock::migrate
