#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/sqlite/connection.h"

namespace drydock::journal {

// The reading verbs over one connection, for the journal that writes and for readers. Each call is
// its own short read: no statement stays open between calls, so a reader that prints slowly never
// keeps the WAL from being checkpointed. Throws what sqlite/ throws.
class SqliteReads final {
  public:
    SqliteReads(sqlite::Connection& connection, std::string folder);

    [[nodiscard]] JournalInfo read_info(const std::string& place);
    [[nodiscard]] std::vector<RunRow> list(const RunFilter& filter);
    [[nodiscard]] std::vector<RunRow> find(std::string_view prefix, std::size_t limit);
    [[nodiscard]] std::optional<RunRow> newest(std::string_view starter);
    [[nodiscard]] std::optional<RunRow> row(std::int64_t n);
    [[nodiscard]] std::vector<StoredEvent> events(std::int64_t n, std::int64_t after_seq,
                                                  std::size_t limit);
    [[nodiscard]] std::map<std::string, std::string> parts(std::int64_t n);
    [[nodiscard]] std::vector<Request> requests(std::int64_t n);
    [[nodiscard]] std::optional<Owner> owner(std::int64_t n);
    [[nodiscard]] std::optional<LockHolder> lock_holder(std::string_view name);
    [[nodiscard]] std::vector<StoredLedgerLine> ledger(std::int64_t from_idx, std::size_t limit);
    [[nodiscard]] std::optional<StoredLedgerLine> last_seal(std::int64_t n);
    [[nodiscard]] std::optional<Tip> tip();
    [[nodiscard]] std::vector<Head> heads();
    [[nodiscard]] std::string log_folder(std::string_view run) const;
    [[nodiscard]] std::string owners_path() const { return folder_ + "/owners.lock"; }

  private:
    // Compiled once: a verifier asks for each run of a journal.
    sqlite::Statement& often(std::optional<sqlite::Statement>& slot, std::string_view sql);

    sqlite::Connection& connection_;
    std::optional<sqlite::Statement> one_run_, events_;
    std::string folder_;
    std::int64_t schema_ = 0;  // a reader meets journals that were not upgraded yet
};

// The `owner` column: who claimed a run last. "host pid since".
[[nodiscard]] std::string to_column(const Owner& owner);

}  // namespace drydock::journal
