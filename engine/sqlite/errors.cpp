#include "engine/sqlite/errors.h"

#include <sqlite3.h>

#include <array>
#include <string>

namespace drydock::sqlite {
namespace {

struct Named {
    int code;
    std::string_view name;
};

// Those that a user meets or that our code asks for; every other one shows its primary name.
constexpr std::array kNames{
    Named{SQLITE_ERROR, "SQLITE_ERROR"},
    Named{SQLITE_INTERNAL, "SQLITE_INTERNAL"},
    Named{SQLITE_PERM, "SQLITE_PERM"},
    Named{SQLITE_ABORT, "SQLITE_ABORT"},
    Named{SQLITE_ABORT_ROLLBACK, "SQLITE_ABORT_ROLLBACK"},
    Named{SQLITE_BUSY, "SQLITE_BUSY"},
    Named{SQLITE_BUSY_RECOVERY, "SQLITE_BUSY_RECOVERY"},
    Named{SQLITE_BUSY_SNAPSHOT, "SQLITE_BUSY_SNAPSHOT"},
    Named{SQLITE_BUSY_TIMEOUT, "SQLITE_BUSY_TIMEOUT"},
    Named{SQLITE_LOCKED, "SQLITE_LOCKED"},
    Named{SQLITE_NOMEM, "SQLITE_NOMEM"},
    Named{SQLITE_READONLY, "SQLITE_READONLY"},
    Named{SQLITE_READONLY_CANTINIT, "SQLITE_READONLY_CANTINIT"},
    Named{SQLITE_READONLY_CANTLOCK, "SQLITE_READONLY_CANTLOCK"},
    Named{SQLITE_READONLY_DBMOVED, "SQLITE_READONLY_DBMOVED"},
    Named{SQLITE_READONLY_DIRECTORY, "SQLITE_READONLY_DIRECTORY"},
    Named{SQLITE_READONLY_RECOVERY, "SQLITE_READONLY_RECOVERY"},
    Named{SQLITE_READONLY_ROLLBACK, "SQLITE_READONLY_ROLLBACK"},
    Named{SQLITE_INTERRUPT, "SQLITE_INTERRUPT"},
    Named{SQLITE_IOERR, "SQLITE_IOERR"},
    Named{SQLITE_IOERR_READ, "SQLITE_IOERR_READ"},
    Named{SQLITE_IOERR_SHORT_READ, "SQLITE_IOERR_SHORT_READ"},
    Named{SQLITE_IOERR_WRITE, "SQLITE_IOERR_WRITE"},
    Named{SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC"},
    Named{SQLITE_IOERR_DIR_FSYNC, "SQLITE_IOERR_DIR_FSYNC"},
    Named{SQLITE_IOERR_TRUNCATE, "SQLITE_IOERR_TRUNCATE"},
    Named{SQLITE_IOERR_FSTAT, "SQLITE_IOERR_FSTAT"},
    Named{SQLITE_IOERR_LOCK, "SQLITE_IOERR_LOCK"},
    Named{SQLITE_IOERR_CLOSE, "SQLITE_IOERR_CLOSE"},
    Named{SQLITE_IOERR_SHMOPEN, "SQLITE_IOERR_SHMOPEN"},
    Named{SQLITE_IOERR_SHMSIZE, "SQLITE_IOERR_SHMSIZE"},
    Named{SQLITE_IOERR_SHMMAP, "SQLITE_IOERR_SHMMAP"},
    Named{SQLITE_CORRUPT, "SQLITE_CORRUPT"},
    Named{SQLITE_CORRUPT_INDEX, "SQLITE_CORRUPT_INDEX"},
    Named{SQLITE_CORRUPT_SEQUENCE, "SQLITE_CORRUPT_SEQUENCE"},
    Named{SQLITE_NOTFOUND, "SQLITE_NOTFOUND"},
    Named{SQLITE_FULL, "SQLITE_FULL"},
    Named{SQLITE_CANTOPEN, "SQLITE_CANTOPEN"},
    Named{SQLITE_CANTOPEN_ISDIR, "SQLITE_CANTOPEN_ISDIR"},
    Named{SQLITE_PROTOCOL, "SQLITE_PROTOCOL"},
    Named{SQLITE_SCHEMA, "SQLITE_SCHEMA"},
    Named{SQLITE_TOOBIG, "SQLITE_TOOBIG"},
    Named{SQLITE_CONSTRAINT, "SQLITE_CONSTRAINT"},
    Named{SQLITE_CONSTRAINT_CHECK, "SQLITE_CONSTRAINT_CHECK"},
    Named{SQLITE_CONSTRAINT_FOREIGNKEY, "SQLITE_CONSTRAINT_FOREIGNKEY"},
    Named{SQLITE_CONSTRAINT_NOTNULL, "SQLITE_CONSTRAINT_NOTNULL"},
    Named{SQLITE_CONSTRAINT_PRIMARYKEY, "SQLITE_CONSTRAINT_PRIMARYKEY"},
    Named{SQLITE_CONSTRAINT_ROWID, "SQLITE_CONSTRAINT_ROWID"},
    Named{SQLITE_CONSTRAINT_TRIGGER, "SQLITE_CONSTRAINT_TRIGGER"},
    Named{SQLITE_CONSTRAINT_UNIQUE, "SQLITE_CONSTRAINT_UNIQUE"},
    Named{SQLITE_MISMATCH, "SQLITE_MISMATCH"},
    Named{SQLITE_MISUSE, "SQLITE_MISUSE"},
    Named{SQLITE_NOLFS, "SQLITE_NOLFS"},
    Named{SQLITE_AUTH, "SQLITE_AUTH"},
    Named{SQLITE_RANGE, "SQLITE_RANGE"},
    Named{SQLITE_NOTADB, "SQLITE_NOTADB"},
};

const Named* find_name(int code) {
    for (const Named& one : kNames) {
        if (one.code == code) return &one;
    }
    return nullptr;
}

ErrorCode kind_of(int primary) {
    switch (primary) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL: return ErrorCode::Busy;
        case SQLITE_PERM:
        case SQLITE_READONLY:
        case SQLITE_AUTH: return ErrorCode::Permission;
        case SQLITE_IOERR:
        case SQLITE_FULL:
        case SQLITE_CANTOPEN:
        case SQLITE_NOLFS:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return ErrorCode::File;
        case SQLITE_INTERRUPT: return ErrorCode::Interrupted;
        default: return ErrorCode::Sql;
    }
}

std::string hint_for(int primary) {
    switch (primary) {
        case SQLITE_BUSY:
        case SQLITE_PROTOCOL:
            return "let the program that holds it finish, or give this connection a longer "
                   "busy_timeout";
        case SQLITE_READONLY:
        case SQLITE_PERM:
            return "SQLite must be able to write the file and its folder: look at owner and mode "
                   "with ls -ld";
        case SQLITE_FULL: return "make room on the file system of the database, then run it again";
        case SQLITE_IOERR:
            return "look at the kernel's log for that disk (dmesg) before anything is written "
                   "again";
        case SQLITE_CANTOPEN:
            return "look at the path, and at owner and mode of the file and its folder";
        case SQLITE_CORRUPT:
            return "change nothing in this file: keep a copy of it, then salvage or go back to a "
                   "backup";
        case SQLITE_NOTADB:
            return "look at the path: this is another kind of file, or an encrypted one";
        default: return {};
    }
}

}  // namespace

std::string_view code_name(int extended_code) {
    const Named* named = find_name(extended_code);
    if (named == nullptr) named = find_name(extended_code & 0xff);
    return named == nullptr ? std::string_view("SQLITE_ERROR") : named->name;
}

Error last_error(sqlite3* connection, int code, std::string_view what) {
    int extended = connection == nullptr ? code : sqlite3_extended_errcode(connection);
    // The connection tells of its last call, which is not always the one that failed.
    const bool tells = (extended & 0xff) == (code & 0xff);
    if (!tells) extended = code;
    const bool has_text = connection != nullptr && tells;
    std::string message = has_text ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
    if (!what.empty()) message = std::string(what) + ": " + message;
    const int primary = extended & 0xff;
    return {kind_of(primary), std::move(message), hint_for(primary),
            std::string(code_name(extended))};
}

bool is_damage(const Error& error) {
    return error.code_text().starts_with("SQLITE_CORRUPT") || error.code_text() == "SQLITE_NOTADB";
}

}  // namespace drydock::sqlite
