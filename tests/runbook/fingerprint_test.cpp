#include "engine/runbook/fingerprint.h"

#include "engine/error.h"
#include "engine/runbook/sources.h"
#include "reading.h"
#include "temporary_folder.h"

namespace drydock::runbook {
namespace {

class Fingerprint : public Reading {
  protected:
    Fingerprint() {
        folder_.write("test.yaml", kText);
        folder_.write("t.tmpl", "x = ${params.count}\n");
        bundle_ = *read_runbook({.path = folder_.path("test.yaml"),
                                 .text = {},
                                 .modules = modules_,
                                 .inspector = inspector_})
                       .bundle;
        freeze_sources(bundle_, Value::Map{{"migrations", folder_.write("m/1.sql", "select 1")}});
    }
    static constexpr const char* kText =
        "runbook: test\nparams: {migrations: source, count: {type: integer, default: 1}}\nsteps:\n"
        "  - {id: a, uses: file.render, with: {template: ./t.tmpl, to: x}}\n";

    std::string plan(const Value& params, std::string_view environment,
                     const std::vector<std::string>& targets) {
        return crypto::to_hex(plan_digest({bundle_, params, environment, targets}));
    }

    TemporaryFolder folder_;
    Bundle bundle_;
};

TEST_F(Fingerprint, PartsHoldEverythingThatARunNeeds) {
    const Parts parts = to_parts(bundle_);
    std::vector<std::string> names;
    for (const auto& [name, bytes] : parts) names.push_back(name);
    EXPECT_EQ(names,
              (Lines{"bundle.json", "module/file", "runbook.yaml",
                     "source/" + folder_.path("m/1.sql"), "source/" + folder_.path("t.tmpl")}));
}

TEST_F(Fingerprint, AFrozenBundleReadsWithoutTheDisk) {
    const Parts parts = to_parts(bundle_);
    std::filesystem::remove_all(folder_.path());
    const Bundle again = from_parts(parts, inspector_, {});
    EXPECT_EQ(again.text, bundle_.text);
    EXPECT_EQ(again.path, bundle_.path);
    EXPECT_EQ(again.sources, bundle_.sources);
    EXPECT_EQ(again.runbook.steps.size(), 1U);
    EXPECT_EQ(bundle_digest(again), bundle_digest(bundle_));
}

TEST_F(Fingerprint, DamagedPartsAreAnIntegrityError) {
    const auto code_of = [&](const Parts& parts) {
        try {
            (void)from_parts(parts, inspector_, {});
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::Lua;
    };
    Parts parts = to_parts(bundle_);
    parts["runbook.yaml"] = "runbook: [";
    EXPECT_EQ(code_of(parts), ErrorCode::Integrity);
    for (const char* name : {"bundle.json", "runbook.yaml", "module/file"}) {
        parts = to_parts(bundle_);
        parts.erase(name);
        EXPECT_EQ(code_of(parts), ErrorCode::Integrity) << name;
    }
    parts = to_parts(bundle_);
    parts["bundle.json"] = R"({"format":2})";
    EXPECT_EQ(code_of(parts), ErrorCode::Integrity);
}

TEST_F(Fingerprint, EveryPartChangesTheDigest) {
    const auto digest = bundle_digest(bundle_);
    Bundle other = bundle_;
    other.text += "\n";
    EXPECT_NE(bundle_digest(other), digest);
    other = bundle_;
    other.modules.at("file").text += " ";
    EXPECT_NE(bundle_digest(other), digest);
    other = bundle_;
    other.sources.begin()->second += " ";
    EXPECT_NE(bundle_digest(other), digest);
}

TEST_F(Fingerprint, APlanIsItsParamsEnvironmentAndTargetsToo) {
    const Value params = Value::Map{{"count", 1}};
    const std::string digest = plan(params, "production", {"a = x", "b = y"});
    EXPECT_EQ(plan(params, "production", {"b = y", "a = x"}), digest);
    EXPECT_NE(plan(Value::Map{{"count", "1"}}, "production", {"a = x", "b = y"}), digest);  // typed
    EXPECT_NE(plan(params, "staging", {"a = x", "b = y"}), digest);
    EXPECT_NE(plan(params, "production", {"a = x", "b = z"}), digest);
}

TEST_F(Fingerprint, AMissingSourceIsRefused) {
    EXPECT_THROW(freeze_sources(bundle_, Value::Map{{"migrations", folder_.path("none")}}), Error);
}

TEST_F(Fingerprint, ALinkThatLeadsNowhereIsRefusedUnlessItIsHidden) {
    const std::string folder = folder_.path("n/");
    folder_.write("n/1.sql", "select 1");
    std::filesystem::create_symlink("nowhere", folder + ".#1.sql");
    freeze_sources(bundle_, Value::Map{{"migrations", folder_.path("n")}});
    std::filesystem::create_symlink("nowhere", folder + "2.sql");
    EXPECT_THROW(freeze_sources(bundle_, Value::Map{{"migrations", folder_.path("n")}}), Error);
}

// Otherwise the run would begin, and stop where the files are wanted.
TEST_F(Fingerprint, AnEmptyFolderIsRefused) {
    std::filesystem::create_directories(folder_.path("n/within"));
    EXPECT_THROW(freeze_sources(bundle_, Value::Map{{"migrations", folder_.path("n")}}), Error);
}

}  // namespace
}  // namespace drydock::runbook
