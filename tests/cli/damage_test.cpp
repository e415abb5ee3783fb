#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "tests/cli/cli_story.h"

// A journal that a disk or a hand has damaged: nothing is started, the place is named, and the file
// stays as it is.
namespace drydock::test {
namespace {

namespace fs = std::filesystem;

class DamagedJournal : public testing::Test {
  protected:
    DamagedJournal() {
        program.put("counting.yaml", kCounting);
        program.put("gated.yaml", kGated);
        make_database(program);
        EXPECT_EQ(program.run({"-q", "run", "counting.yaml"}).exit, 0);
        EXPECT_EQ(program.run({"-q", "run", "gated.yaml"}).exit, 3);
        // All in one file, so that a byte of it is a byte of the journal.
        sql("select count(*) from runs");
        EXPECT_GT(bytes().size(), 20U * 4'096U);
    }
    [[nodiscard]] std::string bytes() const {
        return program.folder().get("state/drydock/journal.db");
    }
    void write(const std::string& content) const {
        for (const char* beside : {"-wal", "-shm"}) fs::remove(program.journal() + beside);
        program.folder().put("state/drydock/journal.db", content);
    }
    void sql(const std::string& text) const {
        sqlite::Connection connection(program.journal(), {});
        connection.exec(text);
        connection.checkpoint(sqlite::CheckpointMode::Truncate);
    }
    void expect_refused(const std::vector<std::string>& words, const std::string& saying) const {
        const std::string before = bytes();
        const std::int64_t rows = rows_in(program);
        const Ended ended = program.run(words);
        EXPECT_EQ(ended.exit, 8) << words[0] << ": " << ended.out << ended.err;
        EXPECT_NE(ended.err.find(saying), std::string::npos) << ended.err;
        EXPECT_TRUE(bytes() == before) << words[0] << " changed the journal";
        EXPECT_EQ(rows_in(program), rows);
    }
    static std::vector<std::vector<std::string>> starting() {
        return {{"run", "counting.yaml"}, {"resume", "last"}, {"cancel", "last"}};
    }

    Program program;
};

TEST_F(DamagedJournal, starts_nothing_after_a_page_was_cut_off) {
    write(bytes().substr(0, bytes().size() - 4'096));
    for (const auto& words : starting()) expect_refused(words, "is damaged");
    EXPECT_EQ(program.run({"runs"}).exit, 8);
    EXPECT_EQ(program.run({"show", "last"}).exit, 8);
}

TEST_F(DamagedJournal, starts_nothing_when_a_page_in_the_middle_is_empty) {
    std::string content = bytes();
    for (std::size_t page = 1; page < content.size() / 4'096; ++page) {
        std::string one = content;
        std::fill_n(one.begin() + static_cast<std::ptrdiff_t>(page * 4'096), 4'096, '\0');
        write(one);
        EXPECT_EQ(program.run({"run", "counting.yaml"}).exit, 8) << "page " << page + 1;
        EXPECT_TRUE(bytes() == one) << "page " << page + 1;
    }
}

TEST_F(DamagedJournal, starts_nothing_when_the_first_bytes_are_others_or_none_are_left) {
    std::string content = bytes();
    for (const std::size_t at : {std::size_t{0}, std::size_t{16}, std::size_t{68}}) {
        std::string one = content;
        one[at] = static_cast<char>(one[at] ^ 0x40);
        write(one);
        expect_refused({"run", "counting.yaml"}, "is damaged");
    }
    write("");
    expect_refused({"run", "counting.yaml"}, "is empty");
}

TEST_F(DamagedJournal, names_the_event_of_another_run_that_was_altered) {
    sql("drop trigger events_keep_lines; drop trigger events_erase_ended; update events set line = "
        "cast(replace(cast(line as text), 'transaction', 'transactiom') as blob) where run = 1");
    for (const auto& words : starting()) expect_refused(words, "altered, run ");
}

TEST_F(DamagedJournal, names_the_run_that_ends_before_its_seal) {
    sql("drop trigger events_keep_rows; delete from events where run = 1 and seq > 3; update runs "
        "set status = 'running', ended = null, exit = null where n = 1");
    for (const auto& words : starting()) expect_refused(words, "truncated, run ");
}

// What of the whole file nobody notices must have changed nothing that counts.
TEST_F(DamagedJournal, finds_each_flipped_byte_or_is_not_touched_by_it) {
    const std::string content = bytes();
    const auto events = [&]() -> std::string {
        const Ended exported = program.run({"audit", "export", "--all"});
        return exported.exit == 0 ? exported.out : "";
    };
    const std::string whole = events();
    int found = 0, unnoticed = 0;
    for (std::size_t at = 7; at < content.size(); at += 1'999) {
        std::string one = content;
        one[at] = static_cast<char>(one[at] ^ 0x10);
        write(one);
        const Ended ended = program.run({"resume", "last"});
        if (ended.exit == 8) {
            ++found;
            EXPECT_TRUE(bytes() == one) << "byte " << at;
            continue;
        }
        ++unnoticed;
        write(one);
        EXPECT_EQ(events(), whole) << "byte " << at << ": " << ended.exit << ended.err;
    }
    std::printf("%d found, %d without a meaning\n", found, unnoticed);
    EXPECT_GT(found, 3);
}

}  // namespace
}  // namespace drydock::test
