// Whether statements take the locks that a plan tells: each is run in an open transaction on a real
// server, and pg_locks is asked.

#include "engine/migrate/table_locks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "engine/error.h"
#include "engine/postgres/connection.h"
#include "engine/secret.h"
#include "engine/sql/split.h"
#include "tests/servers/postgres_server.h"

namespace drydock::migrate {
namespace {

using Modes = std::map<std::string, LockMode>;

// What there is before each statement.
constexpr std::string_view kMade = R"(
create table t (id int primary key, a int, b text, constraint a_small check (a < 100) not valid);
create table u (id int primary key, t_id int references t (id));
create table w (id int, t_id int);
alter table w add constraint w_t foreign key (t_id) references t (id) not valid;
create index t_a on t (a);
create unique index t_b on t (b);
create view v as select id from t;
create materialized view m as select id from t;
create unique index m_id on m (id);
create table parts (id int, day date) partition by range (day);
create table parts_1 partition of parts for values from ('2026-01-01') to ('2026-02-01');
create table alone (id int, day date);
create table child (z int) inherits (t);
create sequence s;
create function f() returns trigger language plpgsql as 'begin return new; end';
create trigger fired before insert on t for each row execute function f();
create policy seen on t using (true);
create rule kept as on delete to alone do instead nothing;
create statistics st (dependencies) on id, a from t;
create schema app;
create table app.o (id int);
create table heir (id int not null, a int, b text, constraint a_small check (a < 100));
)";

constexpr std::string_view kStatements[] = {
    "create table n (id int)",
    "create table n (id int primary key, t_id int references t)",
    "create table n (id int, t_id int, foreign key (t_id) references t (id), check (id > 0))",
    "create table n partition of parts for values from ('2026-02-01') to ('2026-03-01')",
    "create table n (c int) inherits (t)",
    "create table n (like t including all)",
    "create table n as select * from t",
    "create index on t (a)",
    "create unique index x on t (b)",
    "create index on only parts (id)",
    "create view n as select a from t",
    "create or replace view v as select id from t",
    "create materialized view n as select a from t",
    "create trigger x after insert on t for each row execute function f()",
    "create constraint trigger x after insert on t for each row execute function f()",
    "create policy x on t using (true)",
    "create rule x as on insert to alone do instead nothing",
    "create statistics x (ndistinct) on a, b from t",
    "create publication p for table t, only alone",
    "create sequence n",
    "create type e as enum ('a')",
    "create function g() returns int language sql as 'select 1'",
    "create schema n",
    "alter table t add column c int",
    "alter table t add column if not exists c int default 1 not null",
    "alter table t add column c int references u (id)",
    "alter table t drop column b",
    "alter table t rename column a to c",
    "alter table t rename to n",
    "alter table t rename constraint a_small to a_little",
    "alter table t alter column a type bigint",
    "alter table t alter column a set default 1",
    "alter table t alter column a drop default",
    "alter table t alter column a set not null",
    "alter table t alter column a drop not null",
    "alter table t alter column a set statistics 500",
    "alter table t alter column a set (n_distinct = 5)",
    "alter table t alter column a reset (n_distinct)",
    "alter table t alter column b set storage external",
    "alter table t alter column id add generated always as identity",
    "alter table t add constraint c check (a > 0)",
    "alter table t add constraint c check (a > 0) not valid",
    "alter table w add constraint c foreign key (id) references t",
    "alter table w add foreign key (id) references t (id) not valid",
    "alter table t add unique (a)",
    "alter table t add constraint c unique using index t_b",
    "alter table alone add primary key (id)",
    "alter table t drop constraint a_small",
    "alter table t validate constraint a_small",
    "alter table t enable row level security",
    "alter table t force row level security",
    "alter table t disable trigger fired",
    "alter table t enable replica trigger fired",
    "alter table t enable always trigger fired",
    "alter table alone disable rule kept",
    "alter table t set (fillfactor = 80)",
    "alter table t set (autovacuum_enabled = false, toast_tuple_target = 4000)",
    "alter table t reset (fillfactor)",
    "alter table t set (user_catalog_table = true)",
    "alter table alone set unlogged",
    "alter table heir set schema app",
    "alter table t owner to current_user",
    "alter table t replica identity full",
    "alter table t cluster on t_a",
    "alter table t set without cluster",
    "alter table t add column c int, alter column a set statistics 10, drop column b",
    "alter table t alter column a set statistics 10, validate constraint a_small",
    "alter table parts attach partition alone for values from ('2026-02-01') to ('2026-03-01')",
    "alter table parts detach partition parts_1",
    "alter table heir inherit t",
    "alter table child no inherit t",
    "alter table only t add check (a > 1) no inherit",
    "alter table app.o add column a int",
    "alter view v rename to n",
    "alter materialized view m rename to n",
    "alter sequence s restart",
    "alter index t_a rename to t_c",
    "alter trigger fired on t rename to x",
    "alter policy seen on t using (false)",
    "drop view v",
    "drop materialized view m",
    "drop index t_a",
    "drop index if exists t_a, t_b",
    "drop trigger fired on t",
    "drop policy seen on t",
    "drop rule kept on alone",
    "drop table alone",
    "drop table alone, app.o",
    "drop sequence s",
    "truncate alone, app.o",
    "truncate table only child",
    "insert into t values (1, 2, 'x')",
    "insert into alone select id, now() from t",
    "update t set a = 1",
    "with x as (select 1) update only t set a = 1",
    "delete from u where id = 1",
    "merge into u using heir on u.id = heir.id when matched then delete",
    "copy alone to '/dev/null'",
    "copy alone (id) from '/dev/null'",
    "select * from t for update",
    "lock table t",
    "lock table t, app.o in share mode",
    "lock t in share row exclusive mode",
    "lock table only t in exclusive mode nowait",
    "reindex table t",
    "reindex index t_a",
    "cluster t using t_a",
    "analyze t",
    "analyze (verbose) t (a)",
    "refresh materialized view m",
    "refresh materialized view concurrently m",
    "refresh materialized view m with no data",
    "comment on table t is 'x'",
    "comment on column t.a is 'x'",
    "comment on column app.o.id is 'x'",
    "comment on view v is 'x'",
    "comment on materialized view m is 'x'",
    "comment on constraint a_small on t is 'x'",
    "comment on trigger fired on t is 'x'",
    "comment on index t_a is 'x'",
    "comment on function f is 'x'",
    "grant select on t to public",
    "revoke all on t from public",
    "set local lock_timeout = '3s'",
    "do 'begin end'",
};

class TableLocks : public testing::Test {
  protected:
    TableLocks()
        : database_(server_.make_database()),
          connection_(std::make_unique<postgres::Connection>(options())) {
        connection_->exec(std::string(kMade));
    }
    ~TableLocks() override {
        connection_.reset();
        server_.drop_database(database_);
    }

    [[nodiscard]] postgres::ConnectOptions options() const {
        return {.server = Secret("server", server_.socket_folder()),
                .port = server_.port(),
                .database = Secret("database", database_),
                .user = Secret("user", test::PostgresServer::superuser())};
    }
    // On tables and views that were there before; reads, and looking up the rows of other tables,
    // are left out, and partitions and children, which are locked along.
    Modes held_in(const std::string& statement) {
        connection_->exec("begin");
        Modes held;
        std::map<std::string, std::string> before;
        names(before);
        try {
            connection_->exec(statement);
        } catch (const Error& error) {
            ADD_FAILURE() << statement << ": " << error.message();
            connection_->exec("rollback");
            return held;
        }
        connection_->run(
            "select relation::text, mode from pg_locks where locktype = 'relation' and "
            "pid = pg_backend_pid()",
            {}, {}, [&](const postgres::ResultRow& row) {
                const auto name = before.find(std::string(row.text(0)));
                const LockMode mode = lock_mode_from(row.text(1));
                if (name == before.end() || mode < LockMode::RowExclusive) return true;
                LockMode& most = held.try_emplace(name->second, mode).first->second;
                most = std::max(most, mode);
                return true;
            });
        connection_->exec("rollback");
        return held;
    }
    static Modes told_of(const std::string& statement) {
        const auto tokens = sql::lex(statement, sql::Dialect::Postgres);
        const std::map<std::string, std::string> indexes{
            {"t_a", "t"}, {"t_b", "t"}, {"m_id", "m"}};
        Modes told;
        for (const TableLock& one : locks_of(deed_of(tokens), tokens)) {
            if (one.mode < LockMode::RowExclusive) continue;
            told[one.table.empty() ? indexes.at(one.index) : one.table] = one.mode;
        }
        return told;
    }
    static std::string text(const Modes& modes) {
        std::string all;
        for (const auto& [table, mode] : modes)
            all += table + ": " + std::string(name_of(mode)) + "; ";
        return all;
    }
    static void expect_same(const std::string& statement, const Modes& told, Modes held) {
        // Locked along with their parent.
        for (const char* const along : {"child", "parts_1"}) {
            if (!told.contains(along)) held.erase(along);
        }
        EXPECT_EQ(text(told), text(held)) << statement;
    }

    void names(std::map<std::string, std::string>& into) {
        connection_->run(
            "select oid::text, case relnamespace::regnamespace::text when 'public' then '' else "
            "relnamespace::regnamespace::text || '.' end || relname from pg_class where relkind in "
            "('r', 'p', 'm', 'v', 'S') and relnamespace::regnamespace::text in ('public', 'app')",
            {}, {}, [&](const postgres::ResultRow& row) {
                into.emplace(row.text(0), row.text(1));
                return true;
            });
    }

    test::PostgresServer& server_ = test::PostgresServer::shared();
    std::string database_;
    std::unique_ptr<postgres::Connection> connection_;
};

TEST_F(TableLocks, ConflictAsTheServerSays) {
    using enum LockMode;
    const LockMode modes[] = {AccessShare, RowShare,          RowExclusive, ShareUpdateExclusive,
                              Share,       ShareRowExclusive, Exclusive,    AccessExclusive};
    postgres::Connection other(options());
    for (const LockMode held : modes) {
        connection_->exec("begin; lock table alone in " + std::string(name_of(held)) + " mode");
        for (const LockMode wanted : modes) {
            bool waits = false;
            try {
                other.exec("begin; lock table alone in " + std::string(name_of(wanted)) +
                           " mode nowait");
            } catch (const Error& error) {
                waits = error.code_text() == "55P03";
            }
            other.exec("rollback");
            EXPECT_EQ(conflict(wanted, held), waits) << name_of(wanted) << ", " << name_of(held);
        }
        connection_->exec("rollback");
    }
}

TEST_F(TableLocks, AreThoseThatTheServerTakes) {
    for (const std::string_view one : kStatements) {
        const std::string statement(one);
        expect_same(statement, told_of(statement), held_in(statement));
    }
}

}  // namespace
}  // namespace drydock::migrate
