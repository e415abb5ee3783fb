#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "doubles/scripted_inspector.h"
#include "engine/runbook/read.h"

namespace drydock::runbook {

// A runbook being written in a test: what it says is checked with a few actions at hand.
class Reading : public ::testing::Test {
  protected:
    Reading() {
        const auto names = inspector_.give_catalogue(R"(
sqlite.check: {params: {connection: connection, mode: {type: string, enum: [quick, full], default: full}}, returns: {ok: boolean, summary: string}, effect: read}
sqlite.vacuum: {params: {connection: connection}, returns: {before: size, after: size}, effect: unsafe, idempotent: true}
sql.run: {params: {connection: connection, sql: sql, args: {type: map, default: {}}}, returns: {rows: integer}, effect: transaction}
sql.assert: {params: {connection: connection, checks: {type: list, of: {type: map, fields: {name: string, sql: sql, equals: {type: any, default: null}}}}}, returns: {values: map}, effect: read}
file.render: {params: {template: source, to: path, mode: {type: string, default: "0600"}}, returns: {digest: string}, effect: unsafe, probe: true}
command.run: {params: {argv: {type: list, of: string}, env: {type: map, default: {}, of: secret}, input: {type: secret, default: null}, limit: {type: duration, default: 1m}}, returns: {output: string}, effect: unsafe}
)");
        for (const std::string& name : names) modules_.add_shipped(name, "-- " + name);
    }

    CheckResult read(std::string text) {
        return read_runbook({.path = "test.yaml",
                             .text = std::move(text),
                             .modules = modules_,
                             .inspector = inspector_,
                             .sql_problem = [](std::string_view sql) -> std::optional<std::string> {
                                 if (sql.starts_with("commit") || sql.find("; commit") != sql.npos)
                                     return "`commit` is transaction control";
                                 return std::nullopt;
                             },
                             .roles = std::vector<std::string>{"dba", "security"}});
    }
    // A runbook of these steps (indented by two), with a connection, a param and a secret.
    CheckResult read_steps(const std::string& steps) { return read(kHead + steps); }

    // Every diagnostic of a text as "line:column message | hint".
    static std::vector<std::string> lines(const CheckResult& result) {
        std::vector<std::string> found;
        for (const Diagnostic& one : result.diagnostics) {
            found.push_back(std::to_string(one.place.line) + ":" +
                            std::to_string(one.place.column) + " " + one.message +
                            (one.hint.empty() ? "" : " | " + one.hint));
        }
        return found;
    }
    std::vector<std::string> of_steps(const std::string& steps) { return lines(read_steps(steps)); }

    // Six lines, so that the first step stands in line 7.
    static inline const std::string kHead =
        "runbook: test\n"
        "params: {database: path, count: {type: integer, default: 3}}\n"
        "secrets: {token: {env: TOKEN}}\n"
        "connections: {app: {sqlite: \"${params.database}\"}, main: {postgres: localhost}}\n"
        "contacts: {dba: {name: Database team}}\n"
        "steps:\n";

    ScriptedInspector inspector_;
    ModuleLibrary modules_;
};

using Lines = std::vector<std::string>;

}  // namespace drydock::runbook
