// doctor finds what is wrong, says what to do, and changes nothing.

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "engine/cli/text.h"
#include "engine/journal/health.h"
#include "engine/json/json.h"
#include "tests/cli/cli_story.h"

namespace drydock::test {
namespace {

namespace fs = std::filesystem;

class Doctor : public ::testing::Test {
  protected:
    // Every file beneath the state folder, with its bytes.
    [[nodiscard]] std::map<std::string, std::string> state() const {
        std::map<std::string, std::string> files;
        const fs::path folder = program_.folder() / "state";
        if (!fs::exists(folder)) return files;
        for (const auto& entry : fs::recursive_directory_iterator(folder)) {
            if (!entry.is_regular_file()) continue;
            std::ifstream in(entry.path(), std::ios::binary);
            files[entry.path()] = {std::istreambuf_iterator<char>(in), {}};
        }
        return files;
    }
    // Changes the journal behind its back.
    void journal_sql(const std::string& sql) const {
        sqlite::Connection connection(program_.journal(), {});
        connection.exec(sql);
    }
    void run_one() {
        make_database(program_);
        program_.put("failing.yaml", kFailing);
        EXPECT_EQ(program_.run({"run", "failing.yaml"}).exit, 1);
    }
    // The lines of what is found in `state`: "problem", "warning".
    [[nodiscard]] std::vector<std::string> found(const std::string& state) const {
        std::vector<std::string> texts;
        for (const std::string& line : cli::lines_in(program_.run({"doctor", "--json"}).out)) {
            const Value finding = json::parse(line);
            if (finding.member("state")->as<std::string>() != state) continue;
            texts.push_back(finding.member("topic")->as<std::string>() + ": " +
                            finding.member("text")->as<std::string>() + " | " +
                            finding.member("next")->as<std::string>());
        }
        return texts;
    }
    void expect_problem(const std::string& piece, const std::string& next) const {
        const std::vector<std::string> problems = found("problem");
        ASSERT_EQ(problems.size(), 1U) << program_.run({"doctor"}).out;
        EXPECT_NE(problems.front().find(piece), std::string::npos) << problems.front();
        EXPECT_NE(problems.front().find(next), std::string::npos) << problems.front();
        EXPECT_EQ(program_.run({"doctor"}).exit, 1);
    }

    Program program_;
};

TEST_F(Doctor, FindsNothingWrongWhereNothingIsYetAndMakesNothing) {
    const Ended ended = program_.run({"doctor"});
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    EXPECT_NE(ended.out.find("there is none yet"), std::string::npos) << ended.out;
    EXPECT_TRUE(state().empty());
    EXPECT_FALSE(fs::exists(program_.folder() / "state"));
}

TEST_F(Doctor, LooksIntoAJournalWithoutChangingAByteOfIt) {
    run_one();
    const auto before = state();
    const Ended ended = program_.run({"doctor"});
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    for (const char* piece : {"its pages are whole; 1 runs", "is stopped; it holds", "ours alone",
                              "no event is newer", "free where the journal is"})
        EXPECT_NE(ended.out.find(piece), std::string::npos) << piece << "\n" << ended.out;
    for (const std::string& line : cli::lines_in(ended.out)) EXPECT_LE(cli::columns(line), 80U);
    auto after = state();
    std::erase_if(after, [](const auto& file) { return file.first.ends_with("-shm"); });
    for (const auto& [path, bytes] : after) {
        ASSERT_TRUE(before.contains(path)) << path;
        EXPECT_EQ(before.at(path), bytes) << path;
    }
}

TEST_F(Doctor, FindsFilesThatOthersCanRead) {
    run_one();
    ::chmod(program_.journal().c_str(), 0644);
    expect_problem("is open to others (mode 0644)", "chmod 600 ");
}

TEST_F(Doctor, FindsAFolderThatOthersCanRead) {
    run_one();
    ::chmod(fs::path(program_.journal()).parent_path().c_str(), 0755);
    expect_problem("is open to others (mode 0755)", "chmod 700 ");
}

TEST_F(Doctor, FindsADamagedJournal) {
    run_one();
    journal_sql("pragma wal_checkpoint(truncate)");
    {
        std::fstream file(program_.journal(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(3 * 4096);
        file << std::string(4096, '\x5a');
    }
    const auto before = state();
    expect_problem("is damaged", "keep a copy");
    EXPECT_EQ(state().at(program_.journal()), before.at(program_.journal()));
}

TEST_F(Doctor, FindsAFileThatIsNoJournal) {
    fs::create_directories(fs::path(program_.journal()).parent_path());
    ::chmod(fs::path(program_.journal()).parent_path().c_str(), 0700);
    std::ofstream(program_.journal()) << "no database";
    ::chmod(program_.journal().c_str(), 0600);
    EXPECT_EQ(program_.run({"doctor"}).exit, 1);
    EXPECT_EQ(found("problem").size(), 1U);
}

TEST_F(Doctor, NamesARunWhoseProcessIsGone) {
    program_.put("slow.yaml",
                 "runbook: slow\nsteps:\n  - {id: first, lua: return}\n"
                 "  - {id: rest, wait: 1h}\n");
    Program::Running running = program_.start({"run", "slow.yaml"});
    ASSERT_TRUE(running.wait_for("rest"));
    EXPECT_TRUE(found("warning").empty());  // it runs, and says by whom
    running.signal(SIGKILL);
    (void)running.wait();
    const std::vector<std::string> warnings = found("warning");
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_NE(warnings.front().find("was cut: its process is gone"), std::string::npos)
        << warnings.front();
    EXPECT_NE(warnings.front().find("drydock resume "), std::string::npos);
}

TEST_F(Doctor, NamesWishesThatNobodyAnswers) {
    run_one();
    journal_sql(
        "insert into requests select '01234567890123456789012345', n, 'cancel', "
        "'uid:1/anna', x'7b7d', 1000000 from runs");
    const std::vector<std::string> warnings = found("warning");
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_NE(warnings.front().find("`cancel` of anna"), std::string::npos) << warnings.front();
}

TEST_F(Doctor, FindsAClockThatIsBehindTheJournal) {
    run_one();
    journal_sql(
        "drop trigger events_keep_lines; drop trigger events_erase_ended; update events set line = "
        "cast(json_set(cast(line as text), '$.time', 9000000000000000) as blob)");
    expect_problem("in the future", "timedatectl");
}

TEST_F(Doctor, FindsWhatIsWrongWithTheSettings) {
    program_.put("drydock.yaml", "runbooks: [books]\n");
    expect_problem("which is no folder", "mend drydock.yaml");
    program_.put("drydock.yaml", "enviroments: {}\n");
    const Ended ended = program_.run({"doctor"});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_NE(ended.err.find("did you mean `environments`?"), std::string::npos) << ended.err;
}

TEST_F(Doctor, LooksAtEnvironmentsAndAtRunbooksOfOnesOwn) {
    program_.put("drydock.yaml",
                 "runbooks: [.]\nenvironments: {prod: {production: true, env_file: prod.env}}\n");
    program_.put("prod.env", "A=1\n");
    ::chmod((program_.folder() / "prod.env").c_str(), 0644);
    program_.put("lonely.yaml", "runbook: lonely\nsteps: [{id: one, lua: return}]\n");
    program_.put("wrong.yaml", "runbook: wrong\nsteps: [{id: one}]\n");
    const std::vector<std::string> problems = found("problem");
    ASSERT_EQ(problems.size(), 2U);
    EXPECT_NE(problems[0].find("environment: prod: "), std::string::npos) << problems[0];
    EXPECT_NE(problems[1].find("wrong has 1 error | drydock check "), std::string::npos)
        << problems[1];
    const std::vector<std::string> warnings = found("warning");
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_NE(warnings[0].find("lonely names nobody"), std::string::npos) << warnings[0];
}

TEST(StoreVersion, IsKnownToHaveTheFaultOrNot) {
    for (const char* faulty : {"3.40.1", "3.44.5", "3.45.0", "3.50.6", "3.51.2", "strange"})
        EXPECT_TRUE(journal::store_has_wal_fault(faulty)) << faulty;
    for (const char* mended : {"3.44.6", "3.50.7", "3.51.3", "3.52.0", "4.0.0"})
        EXPECT_FALSE(journal::store_has_wal_fault(mended)) << mended;
}

}  // namespace
}  // namespace drydock::test
