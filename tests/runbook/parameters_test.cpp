#include "engine/runbook/parameters.h"

#include <gtest/gtest.h>

#include "engine/error.h"
#include "reading.h"

namespace drydock::runbook {
namespace {

class Params : public Reading {
  protected:
    static constexpr const char* kText = R"(runbook: test
params:
  database: {type: path, description: The database file}
  backups: {type: path, env: BACKUP_DIR}
  count: {type: integer, default: 3, min: 1}
  aside: {type: path, default: "${params.database}.old"}
  tables: {type: list, of: string, default: [a, b]}
  optional: {type: string, default: null}
steps: [{id: a, wait: 1s}]
)";

    ParamsResult resolve() {
        const CheckResult read_result = read(kText);
        EXPECT_TRUE(read_result.bundle);
        const DefaultEvaluator evaluator = [](const Expression& expression,
                                              const Value::Map& before) -> Value {
            EXPECT_EQ(expression.text, "params.database");
            return before.at("database");
        };
        return resolve_params(read_result.bundle->runbook, given_, evaluator, {"/work", "/books"},
                              "test.yaml", kText);
    }
    std::vector<std::string> refusals() {
        std::vector<std::string> found;
        for (const Diagnostic& one : resolve().diagnostics) {
            found.push_back(one.path + ":" + std::to_string(one.place.line) + ":" +
                            std::to_string(one.place.column) + " " + one.message + " | " +
                            one.hint);
        }
        return found;
    }
    void give_required() { given_.flags = {{"database", "a.db"}, {"backups", "/b"}}; }

    GivenParams given_;
};

TEST_F(Params, ComeFromFlagsAndDefaults) {
    give_required();
    const ParamsResult result = resolve();
    EXPECT_TRUE(result.diagnostics.empty());
    EXPECT_EQ(Value(result.values), Value(Value::Map{{"database", "/work/a.db"},
                                                     {"backups", "/b"},
                                                     {"count", 3},
                                                     {"aside", "/work/a.db.old"},
                                                     {"tables", Value::List{"a", "b"}},
                                                     {"optional", Value()}}));
}

TEST_F(Params, FlagsBeatFilesBeatVariablesBeatSettingsBeatDefaults) {
    given_.settings = {{"count", {Node::Scalar{"4", true}, {}}},
                       {"unknown_here", {Node::Scalar{"1", true}, {}}},
                       {"database", {Node::Scalar{"s.db", true}, {}}}};
    given_.variables = {{"BACKUP_DIR", "/env"}};
    EXPECT_EQ(resolve().values.at("count"), Value(4));
    EXPECT_EQ(resolve().values.at("backups"), Value("/env"));
    given_.file_path = "p.yaml";
    given_.file_text = "{\"count\": 5, \"backups\": \"/file\"}";  // JSON
    EXPECT_EQ(resolve().values.at("count"), Value(5));
    EXPECT_EQ(resolve().values.at("backups"), Value("/file"));
    given_.flags = {{"count", "6"}, {"count", "7"}};
    EXPECT_EQ(resolve().values.at("count"), Value(7));
    EXPECT_TRUE(resolve().diagnostics.empty());
}

TEST_F(Params, AMissingOneIsNamedWithWhatItIsAndHowToGiveIt) {
    EXPECT_EQ(
        refusals()[0],
        "test.yaml:3:13 the param `database` must be given: The database file | add -p database=…");
    EXPECT_EQ(
        refusals()[1],
        "test.yaml:4:12 the param `backups` must be given | add -p backups=…, or set BACKUP_DIR");
}

TEST_F(Params, WrongOnesAreRefusedWhereTheyWereGiven) {
    give_required();
    given_.flags.emplace_back("count", "0");
    given_.flags.emplace_back("cout", "1");
    given_.file_path = "p.yaml";
    given_.file_text = "tables: x\ndatabse: y\n";
    EXPECT_EQ(refusals(),
              (Lines{"-p cout:0:0 the runbook has no param `cout` | did you mean `count`?",
                     "-p count:0:0 the param `count` is 0, at least 1 is wanted | ",
                     "p.yaml:1:9 the param `tables` is of type list, here stands `x` | write [one, "
                     "two], or one `- item` per line",
                     "p.yaml:2:1 the runbook has no param `databse` | did you mean `database`?"}));
}

TEST_F(Params, ListsAndMapsAreReadFromFlags) {
    give_required();
    given_.flags.emplace_back("tables", "[x, \"y z\"]");
    EXPECT_EQ(resolve().values.at("tables"), Value(Value::List{"x", "y z"}));
}

TEST_F(Params, TextsThatAreGivenAreDataAndNeverEvaluated) {
    give_required();
    given_.flags.emplace_back("optional", "${os.execute('x')}");
    EXPECT_EQ(resolve().values.at("optional"), Value("${os.execute('x')}"));
}

TEST(ParamFlag, IsNameEqualsValue) {
    EXPECT_EQ(parse_flag("a=b=c"), (std::pair<std::string, std::string>("a", "b=c")));
    EXPECT_EQ(parse_flag("a="), (std::pair<std::string, std::string>("a", "")));
    EXPECT_THROW((void)parse_flag("a"), Error);
    EXPECT_THROW((void)parse_flag("=a"), Error);
}

}  // namespace
}  // namespace drydock::runbook
