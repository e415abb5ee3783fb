#include "engine/sql/receipt.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/sql/drivers.h"
#include "tests/sql/target_fixture.h"

namespace drydock::sql {
namespace {

class ReceiptTest : public OnEachDriver {
  protected:
    const ReceiptScope scope_{
        .run = "01RUN", .scope = "do/expire", .journal = "uuid", .term = 1, .seq = 7, .attempt = 1};
    std::unique_ptr<Database> database_ = open();
};

TEST_P(ReceiptTest, AnAbsentTableReadsAsNoReceipts) {
    EXPECT_FALSE(has_receipts(*database_));
    EXPECT_EQ(find_receipt(*database_, "01RUN", "do/expire", ""), std::nullopt);
    EXPECT_TRUE(receipts_of_run(*database_, "01RUN").empty());
    EXPECT_FALSE(has_receipts(*database_));
}

TEST_P(ReceiptTest, TheSecondInsertFindsTheFirst) {
    prepare_receipts(*database_);
    prepare_receipts(*database_);
    EXPECT_EQ(insert_receipt(*database_, scope_, "k"), std::nullopt) << "begins a transaction";
    EXPECT_TRUE(database_->in_transaction());
    commit_receipt(*database_, scope_, "k", R"({"a":1})", 5);
    EXPECT_FALSE(database_->in_transaction());
    for (const bool begun : {true, false}) {
        if (begun) database_->begin();
        const auto before = insert_receipt(*database_, scope_, "k");
        database_->rollback();
        ASSERT_TRUE(before.has_value());
        EXPECT_EQ(before->result, R"({"a":1})");
        EXPECT_EQ(before->rows, 5);
        EXPECT_EQ(before->seq, 7);
    }
}

TEST_P(ReceiptTest, IsNotCommittedOnceItIsGone) {
    prepare_receipts(*database_);
    EXPECT_EQ(insert_receipt(*database_, scope_, "k"), std::nullopt);
    database_->run("delete from " + database_->receipts_table(), {}, Access::Write, {});
    EXPECT_EQ(failure([&] { commit_receipt(*database_, scope_, "k", {}, 1); }).message(),
              "the receipt of this transaction is gone: a statement of the step removed it");
    EXPECT_TRUE(database_->in_transaction());
    database_->rollback();
    EXPECT_TRUE(receipts_of_run(*database_, "01RUN").empty());
}

TEST_P(ReceiptTest, GoesWithItsTransaction) {
    prepare_receipts(*database_);
    database_->begin();
    EXPECT_EQ(insert_receipt(*database_, scope_, ""), std::nullopt);
    database_->rollback();
    EXPECT_EQ(find_receipt(*database_, "01RUN", "do/expire", ""), std::nullopt);
}

TEST_P(ReceiptTest, BatchesSumTheirRowsAndKeepTheirStart) {
    prepare_receipts(*database_);
    for (const std::int64_t start : {1000, 2000}) {
        database_->begin();
        add_batch(*database_, scope_, "old", 10, Timestamp{start});
        database_->commit();
    }
    const auto receipt = find_receipt(*database_, "01RUN", "do/expire", "old");
    ASSERT_TRUE(receipt.has_value());
    EXPECT_EQ(receipt->rows, 20);
    EXPECT_EQ(receipt->started, Timestamp{1000});
    EXPECT_EQ(receipts_of_run(*database_, "01RUN").size(), 1U);
    EXPECT_TRUE(receipts_of_run(*database_, "other").empty());
}

TEST_P(ReceiptTest, RefusesAResultThatIsTooLarge) {
    prepare_receipts(*database_);
    database_->begin();
    (void)insert_receipt(*database_, scope_, "");
    const std::string large(kMaxResultBytes + 1, 'x');
    EXPECT_EQ(failure([&] { commit_receipt(*database_, scope_, "", large, 0); }).code(),
              ErrorCode::Lua);
    EXPECT_NO_THROW(commit_receipt(*database_, scope_, "", large.substr(1), 0));
}

TEST_P(ReceiptTest, IsNotMadeThroughAReadOnlyConnection) {
    const auto reader = target_->open(true);
    EXPECT_EQ(failure([&] { prepare_receipts(*reader); }).code(), ErrorCode::Permission);
}

TEST_F(TargetTest, HoldsNoReceiptsWhenTheFileIsDamaged) {
    outside(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) "
        "insert into t select i, zeroblob(500) from n");
    {
        std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(20 * 4096);
        file << std::string(4096, '\x55');
    }
    std::ifstream before_file(path(), std::ios::binary);
    const std::string before{std::istreambuf_iterator<char>(before_file), {}};
    std::unique_ptr<Database> database = open();
    const Error error = failure([&] { prepare_receipts(*database); });
    EXPECT_EQ(error.code(), ErrorCode::File);
    EXPECT_EQ(error.code_text(), "SQLITE_CORRUPT");
    database.reset();
    std::ifstream after_file(path(), std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(after_file), {}), before);
}

INSTANTIATE_TEST_SUITE_P(Driver, ReceiptTest, testing::Values(Driver::Sqlite, Driver::Postgres),
                         driver_name);

}  // namespace
}  // namespace drydock::sql
