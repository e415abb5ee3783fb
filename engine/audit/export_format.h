#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/journal/journal.h"

// An export: the events of runs as JSON lines, with the ledger that seals them, to be kept and
// verified where the journal is not.
//
//   {"drydock_export":2,"journal":UUID,"ledger":M}                "run":RUN when it is of one run
//   {"head":NOTE}                                                 signed heads, by size
//   {"ledger":LINE}                                               M lines, from the first one on
//   {"body":BODY,"line":LINE,"salt":BASE64}          events, a run's together, by number
//   {"drydock_export_end":2,"events":E,"heads":H,"ledger":M,"sha256":HEX}
//
// Lines, bodies and notes are the stored bytes as JSON strings; a line of the ledger may have body
// and salt too, what is not there is left out. Keys are sorted and nothing is blank, so that each
// line can be written in one way only. The last one has the digest of every byte before it.
namespace drydock::audit {

inline constexpr std::int64_t kExportVersion = 2;

struct ExportHeader {
    std::string journal;
    std::string run;  // empty: all
    std::int64_t ledger = 0;
};
struct ExportHead {
    std::string note;
};
// A line of the ledger, or of an event.
struct ExportRecord {
    bool of_ledger = false;
    std::string line, salt;
    std::optional<std::string> body;
};
struct ExportEnd {
    std::int64_t events = 0, heads = 0, ledger = 0;
    std::string sha256;
};
using ExportLine = std::variant<ExportHeader, ExportHead, ExportRecord, ExportEnd>;

// Without the newline.
[[nodiscard]] std::string to_line(const ExportHeader& header);
[[nodiscard]] std::string to_line(const ExportHead& head);
[[nodiscard]] std::string to_line(const journal::StoredEvent& event);
[[nodiscard]] std::string to_line(const journal::StoredLedgerLine& line);
[[nodiscard]] std::string to_line(const ExportEnd& end);

// Reads into `line`, whose memory is used again. Throws Error{Integrity} for what to_line() would
// not have written.
void from_line(std::string_view text, ExportLine& line);

}  // namespace drydock::audit
