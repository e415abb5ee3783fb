#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/cli/cli_story.h"

namespace drydock::test {
namespace {

class AuditProgram : public testing::Test {
  protected:
    AuditProgram() {
        program.put("counting.yaml", kCounting);
        make_database(program);
        run();
        EXPECT_EQ(program.run({"audit", "key", "ops.key", "--name", "ops"}).exit, 0);
        key = program.run({"audit", "key", "ops.key"}).out;
    }
    void run() const { EXPECT_EQ(program.run({"-q", "run", "counting.yaml"}).exit, 0); }
    [[nodiscard]] Ended sign() const {
        return program.run(
            {"audit", "heads", "--sign", "--key", "ops.key", "--state", "ops.state"});
    }
    // A head as it was printed, in a file.
    void keep(const char* file) const {
        const Ended ended = sign();
        EXPECT_EQ(ended.exit, 0) << ended.err;
        program.folder().put(file, ended.out);
    }
    [[nodiscard]] Ended verify(const std::vector<std::string>& more) const {
        std::vector<std::string> words{"audit", "verify"};
        words.insert(words.end(), more.begin(), more.end());
        return program.run(words);
    }
    void sql(const std::string& text) const {
        sqlite::Connection connection(program.journal(), {});
        connection.exec(text);
    }

    Program program;
    std::string key;
};

TEST_F(AuditProgram, verifies_against_heads_that_were_kept_elsewhere) {
    keep("first.head");
    run();
    EXPECT_EQ(verify({"--key", key, "--head", "first.head"}).exit, 0);
    std::filesystem::copy(program.folder() / "state", program.folder() / "old",
                          std::filesystem::copy_options::recursive);
    run();
    keep("later.head");
    EXPECT_EQ(verify({"--key", key, "--head", "later.head", "--head", "first.head"}).exit, 0);
    // Rolled back to what it was.
    std::filesystem::remove_all(program.folder() / "state");
    std::filesystem::rename(program.folder() / "old", program.folder() / "state");
    EXPECT_EQ(verify({"--key", key}).exit, 0);
    const Ended rolled_back = verify({"--key", key, "--head", "later.head"});
    EXPECT_EQ(rolled_back.exit, 8);
    EXPECT_TRUE(rolled_back.out.starts_with("truncated")) << rolled_back.out;
    const Ended signing = sign();
    EXPECT_EQ(signing.exit, 8);
    EXPECT_NE(signing.err.find("truncated"), std::string::npos) << signing.err;
}

TEST_F(AuditProgram, refuses_a_key_that_is_not_pinned_and_a_head_without_a_key) {
    keep("first.head");
    const std::string stranger = program.run({"audit", "key", "stranger.key"}).out;
    const Ended unknown = verify({"--key", stranger, "--json"});
    EXPECT_EQ(unknown.exit, 8);
    EXPECT_NE(unknown.out.find("\"verdict\":\"unknown\""), std::string::npos) << unknown.out;
    EXPECT_EQ(verify({"--head", "first.head"}).exit, 2);
    EXPECT_EQ(verify({"--key", "ops.key"}).exit, 2);  // the private half is no verifier key
}

TEST_F(AuditProgram, refuses_a_key_file_that_others_can_read) {
    struct stat found {};
    ASSERT_EQ(::stat((program.folder() / "ops.key").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U);
    ASSERT_EQ(::chmod((program.folder() / "ops.key").c_str(), 0640), 0);
    EXPECT_EQ(sign().exit, 5);
    EXPECT_EQ(program.run({"audit", "key", "ops.key"}).exit, 5);
}

TEST_F(AuditProgram, signs_nothing_in_a_journal_that_was_altered_or_without_its_memory) {
    keep("first.head");
    std::filesystem::remove(program.folder() / "ops.state");
    const Ended forgotten = sign();
    EXPECT_EQ(forgotten.exit, 8);
    EXPECT_NE(forgotten.err.find("memory"), std::string::npos) << forgotten.err;
    sql("drop trigger ledger_keep_lines; update ledger set line = cast(replace(cast(line as "
        "text), '\"idx\":2', '\"idx\": 2') as blob)");
    EXPECT_EQ(sign().exit, 8);
    EXPECT_EQ(verify({"--key", key, "--head", "first.head"}).exit, 8);
}

TEST_F(AuditProgram, erases_with_a_reason_and_only_when_told_twice) {
    EXPECT_EQ(program.run({"audit", "erase", "last", "--yes"}).exit, 2);
    EXPECT_EQ(program.run({"audit", "erase", "last", "--reason", "r"}).exit, 5);
    EXPECT_EQ(program.run({"audit", "erase", "last", "x", "--reason", "r", "--yes"}).exit, 2);
    EXPECT_EQ(program.run({"audit", "erase", "last", "1", "--reason", "r", "--yes"}).exit, 0);
    const Ended verified = verify({});
    EXPECT_EQ(verified.exit, 0);
    EXPECT_NE(verified.out.find("erased on purpose: 1 body"), std::string::npos) << verified.out;
    EXPECT_EQ(program.run({"show", "last"}).exit, 0);
    const Ended undo = program.run({"undo", "last"});
    EXPECT_EQ(undo.exit, 5);
    EXPECT_NE(undo.err.find("erased"), std::string::npos) << undo.err;
    EXPECT_EQ(rows_in(program), 1);
}

TEST_F(AuditProgram, prunes_old_runs_but_not_the_newest) {
    run();
    EXPECT_EQ(program.run({"audit", "prune", "--older-than", "1h", "--reason", "r", "--yes"}).out,
              "");
    EXPECT_EQ(program.run({"audit", "prune", "--older-than", "0s", "--reason", "r"}).exit, 5);
    const Ended pruned =
        program.run({"audit", "prune", "--older-than", "0s", "--reason", "r", "--yes"});
    EXPECT_EQ(pruned.exit, 0) << pruned.err;
    const Ended verified = verify({"--json"});
    EXPECT_EQ(verified.exit, 0);
    EXPECT_NE(verified.out.find("\"pruned\":1"), std::string::npos) << verified.out;
    EXPECT_NE(verified.out.find("\"runs\":1"), std::string::npos) << verified.out;
    EXPECT_EQ(program.run({"audit", "prune", "--older-than", "soon", "--reason", "r"}).exit, 2);
}

}  // namespace
}  // namespace drydock::test
