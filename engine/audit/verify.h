#pragma once

#include <optional>
#include <string>

#include "engine/audit/audit_check.h"
#include "engine/journal/journal.h"

// Recomputes what a journal or an export claims, offline: of each run the numbers, the chain of the
// lines and the digest of every body; of the ledger its tree, and each seal against the chain that
// it seals; the signed heads against the tree. Reading only; nothing is repaired. Memory is that of
// one page of events and of the ledger's seals (ledger_check.h).
namespace drydock::audit {

// A journal, beside whoever is writing it.
[[nodiscard]] Verified verify_journal(journal::JournalReader& journal,
                                      const VerifyOptions& options = {});
// A file made by export_journal(). Throws Error{File} when it cannot be read.
[[nodiscard]] Verified verify_export(const std::string& path, const VerifyOptions& options = {});

// What is looked at before anything is started in a journal: the ledger, where it is short, and the
// newest runs, some thousand events. A small journal is verified whole by that. The first thing
// that is wrong, or nothing.
[[nodiscard]] std::optional<Finding> look(journal::JournalReader& journal);

}  // namespace drydock::audit
