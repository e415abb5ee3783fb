#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/journal/journal.h"

// An export: the events of runs as JSON lines, to be kept and verified where the journal is not.
//
//   {"drydock_export":1,"journal":UUID}
//   {"body":"…","line":"…","run":RUN,"salt":BASE64,"seq":1}      one per event, a run's together
//   …
//   {"drydock_export_end":1,"events":N,"sha256":HEX}             over every byte before this line
//
// `line` and `body` are the stored bytes as JSON strings; body and salt are left out when there is
// none. A line is written in one way only, so that a reader may compare it byte by byte; the last
// one shows that nothing was cut off and binds the last event of each run, which no other names.
namespace drydock::audit {

inline constexpr std::int64_t kExportVersion = 1;

struct ExportHeader {
    std::string journal;
};
struct ExportedEvent {
    std::string run;
    journal::StoredEvent event;
};
struct ExportEnd {
    std::int64_t events = 0;
    std::string sha256;
};
using ExportLine = std::variant<ExportHeader, ExportedEvent, ExportEnd>;

// Without the newline.
[[nodiscard]] std::string to_line(const ExportHeader& header);
[[nodiscard]] std::string to_line(const std::string& run, const journal::StoredEvent& event);
[[nodiscard]] std::string to_line(const ExportEnd& end);

// Throws Error{Integrity} for what to_line() would not have written.
[[nodiscard]] ExportLine from_line(std::string_view line);

}  // namespace drydock::audit
