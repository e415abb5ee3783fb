#include "engine/journal/ledger.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "engine/crypto/merkle.h"
#include "engine/error.h"
#include "engine/journal/load.h"
#include "engine/sqlite/connection.h"
#include "tests/doubles/temp_folder.h"
#include "tests/journal/journal_story.h"
#include "tests/os/seam_switch.h"

namespace drydock::journal {
namespace {

class Ledger : public testing::Test {
  protected:
    std::unique_ptr<SqliteJournal> open() {
        return std::make_unique<SqliteJournal>(journal_options(folder_.path()));
    }
    void sql(const std::string& text) {
        sqlite::Connection connection(folder_.file("journal.db"), {});
        connection.exec(text);
    }
    static std::vector<LedgerEntry> lines(JournalReader& journal) {
        std::vector<LedgerEntry> entries;
        for (const StoredLedgerLine& line : journal.ledger(0, 10'000))
            entries.push_back(decode_ledger(line.line));
        return entries;
    }
    // A run that has ended, under a seal.
    static std::int64_t ended(Journal& journal, int number) {
        Chain chain(run_id(number));
        const auto claim = journal.create(new_run(number), chain.created());
        journal.append(*claim, {.events = {chain.next(run::RunEnded{}, {{"outputs", "o"}})},
                                .update = RunUpdate{.status = run::RunStatus::Succeeded,
                                                    .ended = 9,
                                                    .exit = 0}});
        return claim->n();
    }
    static Removal removal(std::int64_t n) {
        return {.n = n,
                .first = 1,
                .last = 3,
                .actor = "uid:0/an\"na",
                .salt = std::string(16, 's'),
                .body = R"({"reason":"asked to"})"};
    }

    TempFolder folder_;
};

TEST_F(Ledger, begins_with_the_journal_and_seals_a_run_when_it_is_made_and_when_it_ends) {
    const auto journal = open();
    EXPECT_EQ(lines(*journal).at(0).kind, LedgerKind::Genesis);
    EXPECT_EQ(lines(*journal).at(0).journal, journal->info().uuid);
    ended(*journal, 1);
    const auto entries = lines(*journal);
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[1].seq, 2);
    EXPECT_EQ(entries[1].run, run_id(1));
    EXPECT_EQ(entries[2].seq, 3);
    EXPECT_EQ(entries[2].event, "RunEnded");
    EXPECT_EQ(decode_ledger(journal->last_seal(1)->line).seq, 3);
}

TEST_F(Ledger, keeps_a_tip_that_is_the_root_of_its_lines) {
    const auto journal = open();
    for (int i = 1; i <= 5; ++i) ended(*journal, i);
    crypto::MerkleFrontier tree;
    for (const StoredLedgerLine& line : journal->ledger(0, 100)) tree.add(line.line);
    const auto tip = journal->tip();
    EXPECT_EQ(tip->size, 11);
    EXPECT_EQ(tip->frontier, tree.bytes());
    EXPECT_EQ(crypto::to_hex(tip->root), crypto::to_hex(tree.root()));
}

TEST_F(Ledger, seals_a_long_run_each_256_events_and_is_not_touched_between) {
    const auto journal = open();
    Chain chain(run_id(1));
    const auto claim = journal->create(new_run(1), chain.created());
    for (int seq = 3; seq <= 520; ++seq) journal->append(*claim, chain.one());
    const auto entries = lines(*journal);
    ASSERT_EQ(entries.size(), 4U);
    EXPECT_EQ(entries[2].seq, 256);
    EXPECT_EQ(entries[3].seq, 512);
}

TEST_F(Ledger, of_a_journal_that_had_none_begins_with_a_seal_of_each_run) {
    {
        const auto journal = open();
        ended(*journal, 1);
        ended(*journal, 2);
    }
    // As the version before it left its journals.
    sql("drop trigger events_erase_ended; drop index ledger_by_run; drop trigger "
        "ledger_keep_rows; delete from ledger; delete from tip; alter table ledger drop column "
        "run; alter table ledger drop column salt; alter table ledger drop column body; update "
        "journal set schema = 1");
    const auto journal = open();
    const auto entries = lines(*journal);
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[1].run, run_id(1));
    EXPECT_EQ(entries[2].run, run_id(2));
    EXPECT_EQ(entries[2].seq, 3);
    EXPECT_EQ(load(*journal, 2).state.seq(), 3);
}

TEST_F(Ledger, refuses_to_go_on_when_its_tip_is_not_its_own) {
    open();
    sql("update tip set root = zeroblob(32)");
    const auto journal = open();
    Chain chain(run_id(1));
    EXPECT_EQ(code_thrown([&] { (void)journal->create(new_run(1), chain.created()); }),
              ErrorCode::Integrity);
    EXPECT_TRUE(open()->list({}).empty());
}

TEST_F(Ledger, a_run_that_was_cut_behind_its_back_is_not_loaded) {
    const auto journal = open();
    ended(*journal, 1);
    sql("drop trigger events_keep_rows; delete from events where seq = 3");
    EXPECT_EQ(code_thrown([&] { (void)load(*journal, 1); }), ErrorCode::Integrity);
    // Without seals nobody would know.
    const test::Without without(Protection::LedgerSeal);
    EXPECT_EQ(load(*journal, 1).state.seq(), 2);
}

TEST_F(Ledger, erasing_takes_the_bytes_out_of_the_file_and_says_why) {
    const auto journal = open();
    ended(*journal, 1);
    journal->erase(removal(1));
    for (const StoredEvent& event : journal->events(1, 0, 10)) EXPECT_FALSE(event.body.has_value());
    const auto last = journal->ledger(3, 10);
    ASSERT_EQ(last.size(), 1U);
    EXPECT_EQ(decode_ledger(last[0].line).kind, LedgerKind::Erase);
    EXPECT_EQ(decode_ledger(last[0].line).actor, "uid:0/an\"na");
    EXPECT_EQ(last[0].body, R"({"reason":"asked to"})");
    EXPECT_EQ(load(*journal, 1).state.seq(), 3);
    for (const char* name : {"journal.db", "journal.db-wal"}) {
        std::ifstream file(folder_.file(name), std::ios::binary);
        const std::string bytes(std::istreambuf_iterator<char>(file), {});
        EXPECT_EQ(bytes.find("{\"outputs\":\"o\"}"), std::string::npos) << name;
    }
    EXPECT_EQ(code_thrown([&] { journal->erase(removal(1)); }), ErrorCode::Refused);
}

TEST_F(Ledger, nothing_is_erased_or_pruned_of_a_run_that_has_not_ended) {
    const auto journal = open();
    Chain chain(run_id(1));
    auto claim = journal->create(new_run(1), chain.created());
    EXPECT_EQ(code_thrown([&] { journal->erase(removal(1)); }), ErrorCode::Refused);
    EXPECT_EQ(code_thrown([&] { journal->prune(removal(1)); }), ErrorCode::Refused);
    claim.reset();
    EXPECT_EQ(code_thrown([&] { journal->prune(removal(1)); }), ErrorCode::Refused);
    EXPECT_EQ(journal->events(1, 0, 10).size(), 2U);
    EXPECT_EQ(journal->ledger(0, 10).size(), 2U);
}

TEST_F(Ledger, pruning_removes_a_run_with_its_logs_and_parts_and_keeps_its_seals) {
    const auto journal = open();
    ended(*journal, 1);
    const std::string logs = journal->log_folder(run_id(1));
    std::filesystem::create_directories(logs);
    EXPECT_EQ(code_thrown([&] { journal->prune(removal(1)); }), ErrorCode::Refused);  // the newest
    ended(*journal, 2);
    journal->prune(removal(1));
    EXPECT_FALSE(journal->row(1).has_value());
    EXPECT_TRUE(journal->events(1, 0, 10).empty());
    EXPECT_TRUE(journal->parts(1).empty());
    EXPECT_EQ(journal->parts(2).size(), 1U);
    EXPECT_FALSE(std::filesystem::exists(logs));
    const auto entries = lines(*journal);
    EXPECT_EQ(entries.size(), 6U);
    EXPECT_EQ(entries.back().kind, LedgerKind::Prune);
    EXPECT_EQ(entries.back().leaf, entries[2].leaf);
}

TEST_F(Ledger, a_line_that_is_not_written_so_is_refused) {
    LedgerEntry entry{.idx = 3, .time = 4, .kind = LedgerKind::Seal, .n = 1, .run = "r", .seq = 2};
    entry.leaf = "leaf";
    const std::string line = encode(entry);
    EXPECT_EQ(encode(decode_ledger(line)), line);
    for (std::size_t at = 0; at < line.size(); ++at) {
        std::string cut = line;
        cut.erase(at, 1);
        try {
            EXPECT_NE(encode(decode_ledger(cut)), line);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::Integrity);
        }
    }
    EXPECT_THROW((void)decode_ledger(R"({"v":1,"time":4,"idx":3,"kind":"seal"})"), Error);
    EXPECT_THROW((void)decode_ledger(R"({"v":1,"idx":3,"time":4,"kind":"other"})"), Error);
    EXPECT_THROW((void)decode_ledger(R"({"v":1,"idx":3,"time":4,"kind":"seal","x":"y"})"), Error);
}

}  // namespace
}  // namespace drydock::journal
