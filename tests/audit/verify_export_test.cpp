#include "engine/audit/verify.h"
#include "engine/error.h"
#include "tests/audit/small_journal.h"

namespace drydock::audit {
namespace {

class VerifyExport : public testing::Test {
  protected:
    VerifyExport() {
        journal.add_ended_run('a');
        short_bytes = journal.exported();
        second = journal.add_ended_run('b');
        bytes = journal.exported();
    }
    Verified verified(const std::string& content) {
        folder.put("export.jsonl", content);
        return verify_export(folder / "export.jsonl");
    }

    test::SmallJournal journal;
    test::TemporaryFolder folder;
    std::string second, bytes;
    std::string short_bytes;  // of the first run alone
};

TEST_F(VerifyExport, an_export_as_it_was_written_is_ok) {
    const Verified result = verified(bytes);
    EXPECT_TRUE(result.ok()) << result.findings[0].what;
    EXPECT_EQ(result.runs, 2);
    EXPECT_EQ(result.events, 12);
}

TEST_F(VerifyExport, every_byte_that_is_altered_is_found) {
    for (std::size_t at = 0; at < short_bytes.size(); ++at) {
        std::string altered = short_bytes;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        EXPECT_FALSE(verified(altered).ok()) << "byte " << at << " of " << short_bytes.size();
    }
}

TEST_F(VerifyExport, every_byte_that_is_cut_off_is_found) {
    for (std::size_t size = 0; size < short_bytes.size(); ++size) {
        EXPECT_FALSE(verified(short_bytes.substr(0, size)).ok()) << "cut at " << size;
    }
}

TEST_F(VerifyExport, an_altered_line_is_named_with_run_number_and_offset) {
    const std::size_t at = bytes.rfind("deadline_ms");
    std::string altered = bytes;
    altered.replace(altered.find("1000", at), 4, "9000");
    const Verified result = verified(altered);
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.findings[0].run, second);
    EXPECT_EQ(result.findings[0].seq, 3);
    EXPECT_EQ(static_cast<std::size_t>(result.findings[0].offset), bytes.rfind('\n', at) + 1);
}

TEST_F(VerifyExport, a_whole_run_that_was_cut_out_is_a_gap) {
    const std::size_t begin = bytes.find('\n') + 1;
    const std::size_t end = bytes.rfind('\n', bytes.find(second)) + 1;
    const Verified result = verified(bytes.substr(0, begin) + bytes.substr(end));
    EXPECT_EQ(result.verdict(), Verdict::Gap);
}

TEST_F(VerifyExport, an_export_that_ends_between_two_lines_is_truncated) {
    const std::size_t last = bytes.rfind('\n', bytes.size() - 2) + 1;
    EXPECT_EQ(verified(bytes.substr(0, last)).verdict(), Verdict::Truncated);
}

TEST_F(VerifyExport, a_file_that_is_not_there_is_an_error) {
    EXPECT_THROW((void)verify_export(folder / "nowhere.jsonl"), Error);
}

}  // namespace
}  // namespace drydock::audit
