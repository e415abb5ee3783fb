#include "tests/runbooks/action_fixture.h"

namespace drydock::runbooks {
namespace {

class RetentionActions : public ActionTest {
  protected:
    RetentionActions() {
        outside("create table scans (id integer primary key, at text)");
        for (const char* at : {"2020-10-01", "2020-12-15 12:00:00", "2021-06-01T00:00:00Z"})
            outside(std::string("insert into scans (at) values ('") + at + "')");
    }
    static Value::Map policy(const std::string& table = "scans") {
        const Value rule(Value::Map{{"table", table},
                                    {"column", "at"},
                                    {"keep", Duration{Microseconds{30 * 86'400'000'000LL}}}});
        return {{"connection", "app"},
                {"rules", Value::List{rule}},
                {"never", Value::List{}},
                {"size", 1},
                {"pause", Duration{}}};
    }
    std::int64_t scans() { return number(file("app.db"), "select count(*) from scans"); }
};

TEST_F(RetentionActions, CountWhatTheyDeleteAndChangeNothingByCounting) {
    const auto counted = perform("retention.count", policy());
    EXPECT_EQ(counted.at("rows"), Value(3));
    EXPECT_EQ(counted.at("summary"), Value("scans 3"));
    EXPECT_EQ(scans(), 3);
    EXPECT_EQ(perform("retention.apply", policy()).at("rows"), Value(3));
    EXPECT_EQ(scans(), 0);
}

TEST_F(RetentionActions, ApplyTheMomentThatWasCountedNotThatOfDeleting) {
    Value::Map with = policy();
    with["as_of"] = Timestamp{1'609'459'200'000'000};  // 2021-01-01
    const auto applied = perform("retention.apply", with);
    EXPECT_EQ(applied.at("rows"), Value(1));
    EXPECT_EQ(number(file("app.db"), "select min(id) from scans"), 2);
}

TEST_F(RetentionActions, TakeNamesAsNamesWhateverIsInThem) {
    outside(
        "create table \"order \"\"of\"\" things\" (at text); "
        "insert into \"order \"\"of\"\" things\" values ('2020-01-01')");
    const auto applied = perform("retention.apply", policy("order \"of\" things"));
    EXPECT_EQ(applied.at("rows"), Value(1));
}

}  // namespace
}  // namespace drydock::runbooks
