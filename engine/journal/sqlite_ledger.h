#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/journal/ledger.h"
#include "engine/sqlite/connection.h"

namespace drydock::journal {

// Appends to the ledger of a SQLite journal and keeps its tip: the size, the root and the right
// edge of the tree. Everything within the caller's transaction, so that a seal is durable exactly
// when the event is that it seals. Throws what sqlite/ throws, and Error{Integrity} for a ledger
// whose tip is not its own.
class SqliteLedger final {
  public:
    explicit SqliteLedger(sqlite::Connection& connection) : connection_(connection) {}

    // The first line, and a seal for each run that was there before: of a version that had no
    // ledger.
    void begin(const std::string& uuid, std::int64_t schema, std::int64_t time);
    // entry.idx is the ledger's own business. `body` is what entry.body is the digest of.
    void append(LedgerEntry entry, std::string_view salt = {},
                const std::optional<std::string>& body = {});

  private:
    sqlite::Connection& connection_;
};

}  // namespace drydock::journal
