#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/cases/reader.h"
#include "tests/doubles/scripted_inspector.h"

namespace drydock::cases {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string draft(const std::string& name) {
    return std::string(DRYDOCK_DRAFTS) + "/" + name;
}

// Cases as users would write them, for runbooks whose databases this version cannot open: they are
// read and checked whole.
std::vector<std::string> complaints(const std::string& name) {
    ScriptedInspector inspector;
    runbook::ModuleLibrary modules;
    for (const std::string& module :
         inspector.give_catalogue(runbook::read_whole_file(draft("actions.yaml"), 1 << 20)))
        modules.add_shipped(module, "-- " + module);
    inspector.give_module("./maintenance", R"yaml(
enable: {params: {api: string, token: secret}, effect: unsafe, idempotent: true, undo: true}
disable: {params: {api: string, token: secret}, effect: unsafe, idempotent: true, undo: true}
)yaml");
    const auto read_runbook = [&](const std::string& path) {
        return runbook::read_runbook(
            {.path = path, .text = {}, .modules = modules, .inspector = inspector});
    };
    ReadInput input{.path = name,
                    .text = runbook::read_whole_file(draft(name), 1 << 20),
                    .folder = DRYDOCK_DRAFTS,
                    .read_runbook = read_runbook,
                    .inspector = inspector,
                    .roles = {{"dba", {"dba1", "dba2"}}},
                    .environments = {}};
    std::vector<std::string> lines;
    for (const runbook::Diagnostic& one : read_cases(input).diagnostics)
        lines.push_back(std::to_string(one.place.line) + " " + one.message);
    return lines;
}

TEST(CaseDrafts, LackNothingButTheirFixtures) {
    EXPECT_THAT(complaints("granular-migration.cases.yaml"),
                ElementsAre(HasSubstr("there is no file " + draft("fixtures/tmi-at-15.sql"))));
    EXPECT_THAT(complaints("sqlite-weekly.cases.yaml"),
                ElementsAre(HasSubstr("there is no file " + draft("fixtures/damaged.db"))));
}

}  // namespace
}  // namespace drydock::cases
