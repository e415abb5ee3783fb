#pragma once

#include <string_view>

#include "engine/sqlite/connection.h"
#include "tests/cli/program.h"

namespace drydock::test {

// Runbooks for the tests of the command line, over the database app.db in the working folder.
inline constexpr std::string_view kCounting = R"yaml(runbook: counting
title: Count and add
params:
  add: {type: integer, default: 1}
connections:
  app: {sqlite: app.db}
steps:
  - id: before
    lua: return {rows = connections.app:value("select count(*) from t")}
    returns: {rows: integer}
  - id: insert
    title: Add rows
    lua: |
      for i = 1, params.add do connections.app:exec("insert into t values (:i)", {i = i}) end
    undo:
      lua: connections.app:exec("delete from t")
  - id: after
    lua: return {rows = connections.app:value("select count(*) from t")}
    returns: {rows: integer}
outputs:
  rows: "${steps.after.rows}"
)yaml";

inline constexpr std::string_view kFailing = R"yaml(runbook: failing
connections:
  app: {sqlite: app.db}
contacts:
  dba: {name: Database team, mail: dba@example.com}
steps:
  - id: insert
    lua: connections.app:exec("insert into t values (1)")
    undo:
      lua: connections.app:exec("delete from t")
  - id: data
    help: Do not repair by hand.
    lua: |
      check(false, "orphans: %d, wanted 0", 3)
)yaml";

inline constexpr std::string_view kGated = R"yaml(runbook: gated
connections:
  app: {sqlite: app.db}
steps:
  - id: ready
    gate:
      prompt: May it start?
      checklist:
        - the backup was looked at
      form: {ticket: string}
  - id: insert
    lua: connections.app:exec("insert into t values (1)")
)yaml";

inline void make_database(const Program& program) {
    sqlite::Connection connection(program.folder() / "app.db", {.mode = sqlite::Mode::Create});
    connection.exec("create table t (n integer)");
}

inline std::int64_t rows_in(const Program& program) {
    sqlite::Connection connection(program.folder() / "app.db", {});
    sqlite::Statement count = connection.prepare("select count(*) from t");
    (void)count.step();
    return count.column_int(0);
}

}  // namespace drydock::test
