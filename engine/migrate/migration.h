#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/crypto/digest.h"
#include "engine/runbook/diagnostic.h"
#include "engine/sql/lexer.h"

// What a folder of migrations is: pure values, made by read_folder (folder.h) and not changed
// afterwards. They may be read by any number of threads.
//
//   Folder ── Migration ── up:   Script ── Statement, Statement …
//                       └─ down: Script     (maybe none)
//                                  └─ SourceFile (shared: one file may hold both scripts)
//
// Views (Statement::text, tokens, data) point into texts that the script keeps alive, wherever it
// is moved or copied.
namespace drydock::migrate {

// Whose folder it is. The name of a format is that of the tool which made it known.
enum class Format : std::uint8_t {
    GolangMigrate,  // 000001_x.up.sql, 000001_x.down.sql
    SqlMigrate,     // 001_x.sql, with -- +migrate Up, -- +migrate Down
    Goose,          // 00001_x.sql, with -- +goose Up, -- +goose Down
    Dbmate,         // 20240102030405_x.sql, with -- migrate:up, -- migrate:down
    Flyway,         // V1.2__x.sql, U1.2__x.sql, R__x.sql
    Diesel,         // 2024-01-02-030405_x/up.sql, …/down.sql
};
// "golang-migrate", "sql-migrate", "goose", "dbmate", "flyway", "diesel": stable.
[[nodiscard]] std::string_view format_name(Format format);
// Throws Error{Document} for a name that is none.
[[nodiscard]] Format format_named(std::string_view name);

// A file as it was read: well-formed UTF-8 without NUL.
struct SourceFile {
    std::string path;       // from the folder: "000001_x.up.sql", "2024-01-02_x/up.sql"
    std::string text;       // every byte, a byte order mark included
    crypto::Digest digest;  // SHA-256 of `text`
    std::vector<std::size_t> line_starts;  // the offset of each line's first byte; at least one

    // The line and column of a byte, both from 1; the byte order mark takes no column.
    [[nodiscard]] runbook::Place place_of(std::size_t offset) const;
    // The line `number` (from 1) without its line break and byte order mark.
    [[nodiscard]] std::string_view line(std::uint32_t number) const;
    // The byte after the byte order mark.
    [[nodiscard]] std::size_t begin() const;
};

// One statement as the server gets it: without its semicolon, and the comments around it.
struct Statement {
    std::string_view text;
    std::size_t offset = 0;  // of its first byte in the file
    runbook::Place place;    // of its first byte in the file: line and column, from 1
    std::vector<sql::Token> tokens;      // at least one
    std::optional<std::string_view> data;  // COPY … FROM STDIN: the lines after it, without \.
};

// `-- drydock: allow RULE reason`: lint passes over that rule, in the statement that begins on this
// line or next after it.
struct Waiver {
    std::string rule;
    std::string reason;      // not empty
    std::uint32_t line = 0;  // in the file
};

// What one direction of a migration does.
struct Script {
    std::shared_ptr<const SourceFile> file;
    // What statements with replaced variables point into; null when there are none.
    std::shared_ptr<const std::string> replaced;
    std::vector<Statement> statements;
    std::vector<Waiver> waivers;
    // False: the file asks to run outside of a transaction (goose's NO TRANSACTION, dbmate's
    // transaction:false, sql-migrate's notransaction, …).
    bool in_transaction = true;
    std::string irreversible_reason;  // of `-- drydock: irreversible REASON`; mostly empty
    std::uint32_t first_line = 1;  // of the part of the file that is this script
    std::uint32_t last_line = 1;

    // Indexes of the statements that begin, end or mark a transaction.
    [[nodiscard]] std::vector<std::size_t> transaction_control() const;
};

// How the history of a database knows a migration, and in which order it comes.
struct Version {
    std::string text;                  // as in the file name: "000012", "1_2"; "" for repeatable
    std::vector<std::uint64_t> parts;  // {12}, {1, 2}; no part: none that is a number

    // The only or first part; for the formats that have just one. A CHECK fails when it has none.
    [[nodiscard]] std::uint64_t number() const;
};

// What takes the migration back.
enum class Reverse : std::uint8_t {
    Script,        // `down`, with at least one statement
    Empty,         // a `down` without a statement: declared to change nothing
    Missing,       // nothing was said
    Irreversible,  // `-- drydock: irreversible REASON` in the file
};

struct Migration {
    enum class Kind : std::uint8_t { Versioned, Repeatable };

    Kind kind = Kind::Versioned;
    Version version;
    std::string name;         // "add_tags"; without version, direction and extension
    std::string description;  // of a line `-- Description: …` above the statements; may be empty
    // What the tool's own history table holds for it: "12" (golang-migrate, goose), the whole file
    // name (sql-migrate), the digits as written (dbmate, diesel), "1.2" (Flyway, which knows
    // repeatable ones by their description: "R__views" for "views").
    std::string key;
    Script up;
    std::optional<Script> down;
    Reverse reverse = Reverse::Missing;
    std::string irreversible_reason;  // not empty for Irreversible
    crypto::Digest digest;  // of the file that holds `up`
    // Flyway's own: of the lines, as newer releases write it, then of the bytes, as older did.
    // Empty for tools without a checksum.
    std::vector<std::int32_t> foreign_checksums;
};

// A migration that is a program in another language: Drydock cannot run it, and does not go past it
// in silence.
struct CodeMigration {
    Version version;
    std::string path;  // from the folder
};

// Numbers that are not there: `after` and `before` are, and nothing between them. A fact, no error.
struct Gap {
    std::uint64_t after = 0;
    std::uint64_t before = 0;
};

// What a reader saw that is allowed but worth telling.
using Note = runbook::Diagnostic;

struct Folder {
    std::string path;  // as the caller named it
    Format format = Format::GolangMigrate;
    std::vector<Migration> migrations;  // in the order in which the tool applies them
    std::vector<CodeMigration> code;    // likewise
    std::vector<std::string> beside;    // files that are no migrations: prerequisites.sql
    std::vector<Gap> gaps;
    std::vector<Note> notes;

    // By the version as written in a file name or by its number, "12" as well as "000012"; null
    // when there is none.
    [[nodiscard]] const Migration* find(std::string_view version) const;
};

}  // namespace drydock::migrate
