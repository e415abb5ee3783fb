#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/migrate/migration.h"
#include "engine/migrate/record.h"
#include "engine/migrate/tool_history.h"

// How the migrations of a folder stand in a database: what both histories and the files say
// together. The tool's table decides what is applied, for the tool goes by it; the records tell
// when, by whom and with which file.
namespace drydock::migrate {

struct Standing {
    enum class Is : std::uint8_t {
        Applied,
        Pending,
        OutOfOrder,  // pending, while a later one is applied
        Changed,     // applied, and to be applied anew: a repeatable one with another text
        NoFile,      // applied, and the folder has no file for it
        Baseline,    // likewise, but it is at or below the baseline: that is as it should be
        Program,     // likewise, but it is that of a program in the folder, which its tool has run
    };
    // What is known of the file that was applied.
    enum class File : std::uint8_t { Unknown, Same, Edited };

    Is is = Is::Pending;
    File file_is = File::Unknown;
    const Migration* migration = nullptr;  // null for NoFile, Baseline and Program
    // For these: what a tool's row would be of, without statements.
    std::shared_ptr<const Migration> stand_in;
    std::string key;
    std::string version;
    std::string name;
    std::optional<Record> record;  // of how it was applied; absent: the tool did it, or nobody
    std::string at;                // as the tool's table says; may be empty
};
// "applied", "edited" (applied, with another file), "pending", "left out" (OutOfOrder), "changed",
// "no file", "baseline", "program".
[[nodiscard]] std::string_view word_for(const Standing& standing);
// "000012_add_tags".
[[nodiscard]] std::string called(std::string_view version, std::string_view name);

struct State {
    std::string history;              // "public.schema_migrations"
    Format format = Format::GolangMigrate;  // of the folder
    // In the order of the folder. What is below the baseline comes first, what has no file last.
    std::vector<Standing> standings;
    // What was begun and did not end.
    std::optional<Record> unfinished;      // of ours
    std::optional<std::string> dirty_key;  // the tool's own mark
    ToolState tool;
    std::vector<Record> records;  // all, from the oldest

    // Of the newest that is applied; null when none is.
    [[nodiscard]] const Standing* newest() const;
    [[nodiscard]] bool is_applied(std::string_view key) const;
    // The newest that is applied without a file because of a baseline; null: there is none.
    [[nodiscard]] const Standing* floor() const;
};

// The migration of a standing, or what stands in for it.
[[nodiscard]] const Migration& migration_of(const Standing& standing);
// One of which there is no file: a key, its version, and maybe a name.
[[nodiscard]] Migration without_file(std::string key, std::string version, std::string name);
// Whether the tool of that format applies `left` after `right`. Not for repeatable ones.
[[nodiscard]] bool comes_after(Format format, const Migration& left, const Migration& right);

// Those programs of the folder which no row of the history is of.
[[nodiscard]] std::vector<const CodeMigration*> programs_left(const State& state,
                                                              const Folder& folder);
// Of these, those that the tool of the folder runs itself, so that something is pending. Tools
// other than goose and Flyway run SQL only.
[[nodiscard]] std::vector<const CodeMigration*> programs_pending(const State& state,
                                                                 const Folder& folder);

// Reads only. `folder` outlives the state.
[[nodiscard]] State look(Records& records, ToolHistory& tool, const Folder& folder);

// The first line in which the text that was applied differs from the file now, from 1; nullopt when
// that text is not known.
[[nodiscard]] std::optional<std::uint32_t> first_changed_line(const Standing& standing);

}  // namespace drydock::migrate
