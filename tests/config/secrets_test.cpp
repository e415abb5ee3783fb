#include "engine/config/secrets.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "engine/error.h"
#include "runbook/temporary_folder.h"

namespace drydock::config {
namespace {

using Kind = runbook::SecretSource::Kind;

class Secrets : public ::testing::Test {
  protected:
    std::optional<Secret> resolve(Kind kind, runbook::Node source, bool null_default = false) {
        const runbook::SecretSource written{.kind = kind,
                                            .source = std::move(source),
                                            .has_null_default = null_default,
                                            .may_change = false,
                                            .place = {}};
        return resolve_secret("key", written, evaluator_,
                              {variables_, folder_.path(), credentials_});
    }
    std::optional<Secret> resolve(Kind kind, const std::string& text, bool null_default = false) {
        return resolve(kind, runbook::Node{runbook::NodeScalar{text, true}, {}}, null_default);
    }
    std::string refusal(Kind kind, const std::string& text) {
        try {
            (void)resolve(kind, text);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::Document);
            EXPECT_FALSE(error.hint().empty());
            return error.message();
        }
        return "resolved";
    }

    runbook::TemporaryFolder folder_;
    Variables variables_;
    std::string credentials_;
    runbook::Evaluator evaluator_ = [this](const runbook::Expression&) {
        return Value(folder_.path("computed"));
    };
};

TEST_F(Secrets, ComeFromVariables) {
    variables_["TOKEN"] = "geheim";
    EXPECT_EQ(resolve(Kind::Env, "TOKEN")->reveal(), "geheim");
    EXPECT_EQ(resolve(Kind::Env, "TOKEN")->name(), "key");
    EXPECT_EQ(refusal(Kind::Env, "TOKENS"),
              "the secret key cannot be had: the variable TOKENS is missing or empty");
}

TEST_F(Secrets, ComeFromFilesWithoutTheirLastLineBreak) {
    folder_.write("a", "geheim\n\n");
    folder_.write("computed", "auch\r\n");
    EXPECT_EQ(resolve(Kind::File, "a")->reveal(), "geheim\n");
    const runbook::Node computed{runbook::Template{{{runbook::Expression{"params.file", {}}}}, {}},
                                 {}};
    EXPECT_EQ(resolve(Kind::File, computed)->reveal(), "auch");
    EXPECT_EQ(refusal(Kind::File, "none"), "the secret key cannot be had: the file " +
                                               folder_.path("none") + " is missing or empty");
}

TEST_F(Secrets, AreRefusedFromFilesThatOthersCanRead) {
    const std::string path = folder_.write("a", "geheim");
    ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
    EXPECT_EQ(refusal(Kind::File, "a"), "the secret key cannot be had from the file " + path +
                                            ": " + path + " can be read or changed by other users");
}

TEST_F(Secrets, ComeFromCredentialsOfSystemd) {
    EXPECT_EQ(refusal(Kind::Credential, "db"),
              "the secret key cannot be had: the credential db is missing or empty");
    credentials_ = folder_.path();
    folder_.write("db", "geheim");
    EXPECT_EQ(resolve(Kind::Credential, "db")->reveal(), "geheim");
    EXPECT_NE(refusal(Kind::Credential, "../etc/shadow"), "resolved");
}

TEST_F(Secrets, ComeFromCommands) {
    runbook::Node::List argv;
    for (const char* one : {"echo", "geheim"}) argv.push_back({runbook::NodeScalar{one, true}, {}});
    EXPECT_EQ(resolve(Kind::Command, runbook::Node{argv, {}})->reveal(), "geheim");
}

TEST_F(Secrets, AreNullWhereTheirDefaultSaysSo) {
    EXPECT_FALSE(resolve(Kind::Env, "TOKEN", true));
    variables_["TOKEN"] = "";
    EXPECT_FALSE(resolve(Kind::Env, "TOKEN", true));
}

TEST_F(Secrets, AreAtMost64KiB) {
    variables_["TOKEN"] = std::string((64 << 10) + 1, 'g');
    EXPECT_EQ(refusal(Kind::Env, "TOKEN"), "the secret key has more than 64 KiB");
}

}  // namespace
}  // namespace drydock::config
