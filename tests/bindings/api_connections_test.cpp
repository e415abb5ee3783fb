#include "tests/bindings/script_fixture.h"

namespace drydock::bindings {
namespace {

class Connections : public ScriptTest {
  protected:
    Connections() { make_database("create table t (a integer primary key, b)"); }

    // As another program sees it, after the step has returned.
    std::string table() {
        context_->finish();
        sqlite::Connection other(file("app.db"), {.mode = sqlite::Mode::ReadOnly});
        sqlite::Statement rows = other.prepare(
            "select coalesce(group_concat(a || '=' || coalesce(b, 'null')), '') from (select * "
            "from t order by a)");
        rows.step();
        return std::string(rows.column_text(0));
    }
};

TEST_F(Connections, ReadRowsByColumnName) {
    run("connections.app:exec([[insert into t values (1, 'x'), (2, null), (3, 2.5)]])");
    EXPECT_EQ(value_of("connections.app:query('select * from t order by a')"),
              Value(Value::List{Value::Map{{"a", 1}, {"b", "x"}}, Value::Map{{"a", 2}},
                                Value::Map{{"a", 3}, {"b", 2.5}}}));
    EXPECT_EQ(value_of("connections.app:row('select a, b from t where a = $1', 3)"),
              Value(Value::Map{{"a", 3}, {"b", 2.5}}));
    EXPECT_EQ(value_of("connections.app:row('select a from t where a = 9') == nil"), Value(true));
    EXPECT_EQ(value_of("connections.app:value('select count(*) from t')"), Value(3));
    EXPECT_EQ(value_of("connections.app:value('select null') == nil"), Value(true));
}

TEST_F(Connections, BindValuesByPositionAndByName) {
    EXPECT_EQ(value_of("connections.app:value('select $1 || $2', 'a', 'b')"), Value("ab"));
    EXPECT_EQ(value_of("connections.app:value('select :x || :y', {x = 'a', y = 'b'})"),
              Value("ab"));
    EXPECT_EQ(value_of("connections.app:value('select $1 is null', nil)"), Value(1));
    EXPECT_EQ(value_of("connections.app:value('select $1', 9007199254740993)"),
              Value(std::int64_t{9007199254740993}));
    EXPECT_EQ(value_of("connections.app:value('select count(*) from :\"name\"', {name = 't'})"),
              Value(0));
    context_->names_.secrets_["token"] = "canary";
    EXPECT_EQ(
        error_of("connections.app:value('select $1', secrets.token)").message().find("canary"),
        std::string::npos);
}

TEST_F(Connections, WriteInOneTransactionOfTheStep) {
    EXPECT_EQ(run("local n = connections.app:exec('insert into t values ($1, $2)', 1, 'x')\n"
                  "n = n + connections.app:exec('insert into t values ($1, $2)', 2, 'y')\n"
                  "return {n = n, seen = connections.app:value('select count(*) from t')}"),
              Value(Value::Map{{"n", 2}, {"seen", 2}}));
    EXPECT_EQ(table(), "1=x,2=y");
    EXPECT_EQ(context_->asked_.back(), "committed  2");
}

TEST_F(Connections, GiveBackReturningRows) {
    EXPECT_EQ(
        value_of("connections.app:exec([[insert into t values (1, 'x'), (2, 'y') returning a]])"),
        Value(Value::List{Value::Map{{"a", 1}}, Value::Map{{"a", 2}}}));
}

TEST_F(Connections, GiveAnEmptyListWhenReturningFindsNothing) {
    EXPECT_EQ(value_of("connections.app:exec('delete from t returning a')"), Value(Value::List{}));
    EXPECT_EQ(value_of("connections.app:exec([[update t set b = 'returning']])"), Value(0));
}

TEST_F(Connections, RefuseToWriteThroughQuery) {
    EXPECT_EQ(error_of("connections.app:query('insert into t values (1, 1)')").code(),
              ErrorCode::Sql);
    EXPECT_EQ(table(), "");
    EXPECT_NE(error_of("connections.app:exec('commit')").message().find("transaction control"),
              std::string::npos);
}

TEST_F(Connections, RunKeyedTransactionsOnce) {
    const char* text =
        "local r = connections.app:transaction {key = 'k', function()\n"
        "  connections.app:exec([[insert into t values (1, 'x')]])\n"
        "  return {made = 1}\n"
        "end}\n"
        "return {r = r}";
    EXPECT_EQ(run(text), Value(Value::Map{{"r", Value::Map{{"made", 1}}}}));
    EXPECT_EQ(run(text), Value(Value::Map{{"r", Value::Map{{"made", 1}}}}));  // the recorded result
    EXPECT_EQ(table(), "1=x");
}

TEST_F(Connections, RollBackAKeyedTransactionThatFails) {
    EXPECT_EQ(error_of("connections.app:transaction {key = 'k', function()\n"
                       "  connections.app:exec([[insert into t values (1, 'x')]])\n"
                       "  fail('changed my mind')\n"
                       "end}")
                  .message(),
              "weekly.yaml:12: changed my mind");
    EXPECT_EQ(table(), "");
}

TEST_F(Connections, CarryTheScriptsOwnErrorThroughATransaction) {
    EXPECT_EQ(run("local mine = {kind = 'busy', message = 'later', extra = 7}\n"
                  "local ok, e = pcall(function()\n"
                  "  connections.app:transaction {key = 'k', function() error(mine) end}\n"
                  "end)\n"
                  "return {same = rawequal(e, mine), extra = e.extra}"),
              Value(Value::Map{{"same", true}, {"extra", 7}}));
}

TEST_F(Connections, UndoAFailedPartOfTheStepsTransaction) {
    run("connections.app:exec([[insert into t values (1, 'kept')]])\n"
        "pcall(function() connections.app:transaction(function()\n"
        "  connections.app:exec([[insert into t values (2, 'gone')]]) error('x') end) end)\n"
        "pcall(function() connections.app:savepoint(function()\n"
        "  connections.app:exec([[insert into t values (1, 'twice')]]) end) end)\n"
        "connections.app:transaction(function() connections.app:exec([[insert into t values (3, "
        "'kept')]]) end)");
    EXPECT_EQ(table(), "1=kept,3=kept");
}

TEST_F(Connections, PoisonATransactionWhoseErrorWasSwallowed) {
    EXPECT_NE(
        error_of(
            "connections.app:exec([[insert into t values (1, 'x')]])\n"
            "pcall(function() connections.app:exec([[insert into t values (1, 'again')]]) end)\n"
            "connections.app:exec([[insert into t values (2, 'y')]])")
            .message()
            .find("the transaction failed before"),
        std::string::npos);
}

TEST_F(Connections, EndTheAttemptWhenItsTransactionWasCommittedBefore) {
    run("connections.app:exec([[insert into t values (1, 'x')]])");
    context_->finish();
    context_->close_connection("app");
    EXPECT_THROW(run("pcall(function() connections.app:exec([[insert into t values (2, 'y')]]) "
                     "end) while true do end"),
                 sql::AlreadyApplied);
    EXPECT_EQ(table(), "1=x");
}

TEST_F(Connections, RunBatchesUntilNothingIsLeft) {
    run("for i = 1, 25 do connections.app:exec('insert into t values ($1, 0)', i) end");
    context_->finish();
    EXPECT_EQ(run("local rows, batches = connections.app:batches {key = 'expire', size = 10,\n"
                  "  sql = 'delete from t where a in (select a from t where a <= :upto limit "
                  ":size)', args = {upto = 23}}\n"
                  "return {rows = rows, batches = batches}"),
              Value(Value::Map{{"rows", 23}, {"batches", 3}}));
    EXPECT_EQ(table(), "24=0,25=0");
    EXPECT_EQ(error_of("connections.app:batches {key = 'x', sgl = 'delete from t'}").hint(),
              "did you mean `sql`?");
}

TEST_F(Connections, StreamRowsWithBoundedMemory) {
    context_->deadline_ = system_clock().boot() + Microseconds(120'000'000);
    EXPECT_EQ(run("local n, longest = 0, 0\n"
                  "local seen = connections.app:each([[with recursive c(x) as (select 1 union all "
                  "select x + 1 from c where x < $1)\n"
                  "  select x, hex(zeroblob(5000)) as pad from c]], 50000, function(row) n = n + "
                  "row.x longest = #row.pad end)\n"
                  "return {n = n, longest = longest, seen = seen}"),
              Value(Value::Map{{"n", 1'250'025'000}, {"longest", 10000}, {"seen", 50000}}));
}

TEST_F(Connections, RowsHaveTheirColumnsByNameAlsoWhereValuesAreNull) {
    EXPECT_EQ(run("local seen = {}\n"
                  "connections.app:each([[select 1 as a, null as b, 2.5 as c, x'00ff' as d "
                  "union all select null, 't', null, null]], function(row) seen[#seen + 1] = row "
                  "end)\n"
                  "return seen"),
              Value(Value::List{
                  Value::Map{{"a", 1}, {"c", 2.5}, {"d", std::string("\0\xff", 2)}},
                  Value::Map{{"b", "t"}}}));
    // Of columns with one name the last that holds something.
    EXPECT_EQ(value_of("connections.app:query('select 1 as a, 2 as a, null as a')"),
              Value(Value::List{Value::Map{{"a", 2}}}));
}

TEST_F(Connections, StopStreamingWhenToldTo) {
    EXPECT_EQ(value_of("connections.app:each('select 1 union all select 2 union all select 3', "
                       "function() return false end)"),
              Value(1));
    EXPECT_EQ(error_of("connections.app:each('select 1', function() fail('enough') end)").message(),
              "weekly.yaml:10: enough");
}

TEST_F(Connections, RefuseMoreRowsThanFitIntoMemory) {
    EXPECT_NE(error_of("connections.app:query([[with recursive c(x) as (select 1 union all select "
                       "x + 1 from c)\n"
                       "  select x, hex(zeroblob(50000)) as pad from c]])")
                  .message()
                  .find("not enough memory"),
              std::string::npos);
}

TEST_F(Connections, CopyRowsOfListsAndMaps) {
    EXPECT_EQ(value_of("connections.app:copy('t', {'a', 'b'}, {{1, 'x'}, {b = 'y', a = 2}, {3}})"),
              Value(3));
    EXPECT_EQ(table(), "1=x,2=y,3=null");
}

TEST_F(Connections, ExplainAStatement) {
    EXPECT_NE(value_of("connections.app:explain('select * from t where a = $1', 1)[1].detail")
                  .as<std::string>()
                  .find("t"),
              std::string::npos);
}

TEST_F(Connections, RunStatementsAloneAsAnUnsafeEffect) {
    run("connections.app:exec_alone('vacuum')");
    EXPECT_EQ(context_->asked_, (std::vector<std::string>{"effect exec_alone app", "ended ok"}));
}

TEST_F(Connections, NameWhatIsMeant) {
    EXPECT_EQ(error_of("connections.ap:query('x')").message(),
              "weekly.yaml:10: there is no connection `ap`");
    EXPECT_EQ(error_of("connections.app:qery('x')").hint(), "did you mean `query`?");
    EXPECT_NE(error_of("connections.app.query('select 1')").hint().find("colon"),
              std::string::npos);
    EXPECT_EQ(error_of("connections.app:transaction {function() end}").code(), ErrorCode::Lua);
    EXPECT_EQ(error_of("connections.app:query('selec')").code(), ErrorCode::Sql);
    EXPECT_EQ(value_of("tostring(connections.app)"), Value("connection app"));
}

}  // namespace
}  // namespace drydock::bindings
