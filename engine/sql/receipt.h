#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sql/database.h"

namespace drydock::sql {

// A receipt is a row in the target, written by the same transaction as the work that it stands for
// (docs/step_states.md). Key '' is the step's own transaction.
//
//   begin → insert receipt first → work → result into the receipt → commit
//   begin → work → insert receipt, whole → commit
//
// so: receipt there = work there, exactly once, whatever dies in between. The second form, for work
// that this attempt is the first to do, saves a statement; when it was not the first after all, its
// receipt is refused and it is rolled back (docs/decisions/0060).
struct ReceiptScope {
    std::string run;      // 26 characters
    std::string scope;    // "do/expire", "do/regions[2]"
    std::string journal;  // uuid of the journal, text
    std::int64_t term = 0;
    std::int64_t seq = 0;  // of the scope's StepStarted
    std::int64_t attempt = 0;
};

struct Receipt {
    std::string scope;
    std::string key;
    std::int64_t seq = 0;
    std::int64_t rows = 0;
    std::optional<std::string> cursor;  // of batches
    std::optional<Timestamp> started;   // of batches: time of the first one
    // JSON (json/codec.h), at most kMaxResultBytes; of batches how many there were.
    std::optional<std::string> result;
};

inline constexpr std::size_t kMaxResultBytes = 64 * 1024;

// All functions may throw drydock::Error. None opens a transaction by itself unless it says so.

// Makes the receipts table when it is missing, in a transaction of its own.
void prepare_receipts(Database& database);
// Whether the table must be made by the transaction that writes its first receipt: what fails then
// leaves a SQLite file without it. Looks at all pages before: Error{File} when it is damaged. On a
// server it makes the table at once. Outside of a transaction.
[[nodiscard]] bool must_make_receipts(Database& database);
// Makes the table inside the open transaction.
void make_receipts(Database& database);
// True when the table is there. Reading only.
[[nodiscard]] bool has_receipts(Database& database);
// Inserts the receipt: inside the open transaction, or as the first statement of one that it
// begins. nullopt: it is ours and new; otherwise the receipt that was there already: the work has
// been done.
[[nodiscard]] std::optional<Receipt> insert_receipt(Database& database, const ReceiptScope& scope,
                                                    std::string_view key);
// Stores the result and the number of rows in the receipt that this transaction inserted, and
// commits.
void commit_receipt(Database& database, const ReceiptScope& scope, std::string_view key,
                    const std::optional<std::string>& result_json, std::int64_t rows);
// Writes the whole receipt as the last statement of the open transaction, and commits. False: one
// was there, the work has been done by another attempt; this transaction is to be rolled back.
[[nodiscard]] bool commit_with_receipt(Database& database, const ReceiptScope& scope,
                                       std::string_view key,
                                       const std::optional<std::string>& result_json,
                                       std::int64_t rows);
// Adds one batch: sums rows, counts; starts the receipt at the first one. In the open transaction.
void add_batch(Database& database, const ReceiptScope& scope, std::string_view key,
               std::int64_t rows, Timestamp started);

// Of a receipt that the database did not take: the one that is there. Error{Sql}: there is none.
[[nodiscard]] Receipt receipt_before(Database& database, const ReceiptScope& scope,
                                     std::string_view key);

// Looking up, without a transaction. An absent table reads as no receipts.
[[nodiscard]] std::optional<Receipt> find_receipt(Database& database, std::string_view run,
                                                  std::string_view scope, std::string_view key);
[[nodiscard]] std::vector<Receipt> receipts_of_run(Database& database, std::string_view run);

}  // namespace drydock::sql
