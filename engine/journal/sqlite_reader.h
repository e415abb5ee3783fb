#pragma once

#include <memory>
#include <string>

#include "engine/journal/journal.h"
#include "engine/journal/sqlite_reads.h"
#include "engine/sqlite/connection.h"

namespace drydock::journal {

// Reads a SQLite journal beside its owner: opened read-only, takes no lock of ours, and keeps no
// statement open between two calls. Errors as JournalReader says.
class SqliteReader final : public JournalReader {
  public:
    explicit SqliteReader(const std::string& path);
    ~SqliteReader() override;

    [[nodiscard]] const JournalInfo& info() const override { return info_; }
    [[nodiscard]] std::vector<RunRow> list(const RunFilter& filter) override;
    [[nodiscard]] std::vector<RunRow> find(std::string_view prefix, std::size_t limit) override;
    [[nodiscard]] std::optional<RunRow> newest(std::string_view starter) override;
    [[nodiscard]] std::optional<RunRow> row(std::int64_t n) override;
    [[nodiscard]] std::vector<StoredEvent> events(std::int64_t n, std::int64_t after_seq,
                                                  std::size_t limit) override;
    [[nodiscard]] std::map<std::string, std::string> parts(std::int64_t n) override;
    [[nodiscard]] std::vector<Request> requests(std::int64_t n) override;
    [[nodiscard]] std::optional<Owner> owner(std::int64_t n) override;
    [[nodiscard]] std::optional<LockHolder> lock_holder(std::string_view name) override;
    [[nodiscard]] std::vector<StoredLedgerLine> ledger(std::int64_t from_idx,
                                                       std::size_t limit) override;
    [[nodiscard]] std::optional<StoredLedgerLine> last_seal(std::int64_t n) override;
    [[nodiscard]] std::optional<Tip> tip() override;
    [[nodiscard]] std::vector<Head> heads() override;
    [[nodiscard]] std::string log_folder(std::string_view run) const override {
        return reads_.log_folder(run);
    }

  private:
    template <class Read>
    auto reading(Read read) -> decltype(read());

    std::string path_;
    sqlite::Connection connection_;
    SqliteReads reads_;
    JournalInfo info_;
};

}  // namespace drydock::journal
