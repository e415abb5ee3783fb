#include <filesystem>

#include "reading.h"

namespace drydock::runbook {
namespace {

std::string draft(const std::string& name) { return std::string(DRYDOCK_DRAFTS) + "/" + name; }

// Nine runbooks of a hundred steps, as users would write them.
class Drafts : public ::testing::TestWithParam<std::string> {
  protected:
    Drafts() {
        for (const std::string& name :
             inspector_.give_catalogue(read_whole_file(draft("actions.yaml"), 1 << 20))) {
            modules_.add_shipped(name, "-- " + name);
        }
        inspector_.give_module("./maintenance", R"(
enable: {params: {api: string, token: secret}, effect: unsafe, idempotent: true, undo: true}
disable: {params: {api: string, token: secret}, effect: unsafe, idempotent: true, undo: true}
)");
        inspector_.give_module("./kubernetes", R"(
scale: {params: {namespace: string, deployment: string, replicas: {type: integer, min: 0, max: 100}}, returns: {deployment: string, was: integer}, effect: unsafe, idempotent: true, undo: true}
secret: {params: {namespace: string, name: string, key: string, value: secret, previous: secret}, effect: unsafe, idempotent: true, undo: true}
)");
    }
    ScriptedInspector inspector_;
    ModuleLibrary modules_;
};

TEST_P(Drafts, PassWhenAllTheirActionsExist) {
    const CheckResult result = read_runbook(
        {.path = draft(GetParam()), .text = {}, .modules = modules_, .inspector = inspector_});
    for (const Diagnostic& one : result.diagnostics) ADD_FAILURE() << to_text(one);
    ASSERT_TRUE(result.bundle);
    EXPECT_EQ(result.bundle->runbook.name + ".yaml", GetParam());
    EXPECT_FALSE(result.bundle->runbook.steps.empty());
}

TEST_P(Drafts, NameEachActionThatDoesNotExistOnceAndNothingElse) {
    const ModuleLibrary none;
    const CheckResult result = read_runbook(
        {.path = draft(GetParam()), .text = {}, .modules = none, .inspector = inspector_});
    ASSERT_FALSE(result.diagnostics.empty());
    std::vector<std::string> seen;
    for (const Diagnostic& one : result.diagnostics) {
        EXPECT_TRUE(one.message.starts_with("there is no action `")) << to_text(one);
        EXPECT_EQ(std::count(seen.begin(), seen.end(), one.message), 0) << to_text(one);
        seen.push_back(one.message);
    }
}

INSTANTIATE_TEST_SUITE_P(All, Drafts,
                         ::testing::Values("granular-migration.yaml",
                                           "granular-rollback-emergency.yaml",
                                           "postgres-bootstrap.yaml", "postgres-pitr.yaml",
                                           "retention.yaml", "rotate-master-key.yaml",
                                           "sqlite-monthly.yaml", "sqlite-recovery.yaml",
                                           "sqlite-weekly.yaml"),
                         [](const auto& file) {
                             std::string name = std::filesystem::path(file.param).stem().string();
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

}  // namespace
}  // namespace drydock::runbook
