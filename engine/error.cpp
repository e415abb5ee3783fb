#include "engine/error.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace drydock {
namespace {

struct Declared {
    ErrorCode code;
    std::string_view name;
    int exit;
};

constexpr std::array<Declared, 18> kDeclared{{
    {ErrorCode::Usage, "usage", 2},
    {ErrorCode::Document, "document", 2},
    {ErrorCode::NotFound, "not_found", 2},
    {ErrorCode::Refused, "refused", 5},
    {ErrorCode::Integrity, "integrity", 8},
    {ErrorCode::Journal, "journal", 9},
    {ErrorCode::Interrupted, "interrupted", 3},
    {ErrorCode::Check, "check", 1},
    {ErrorCode::Busy, "busy", 1},
    {ErrorCode::Connection, "connection", 1},
    {ErrorCode::Timeout, "timeout", 1},
    {ErrorCode::Permission, "permission", 1},
    {ErrorCode::Sql, "sql", 1},
    {ErrorCode::Command, "command", 1},
    {ErrorCode::Redis, "redis", 1},
    {ErrorCode::Http, "http", 1},
    {ErrorCode::File, "file", 1},
    {ErrorCode::Lua, "lua", 1},
}};

const Declared& declared(ErrorCode code) {
    for (const Declared& one : kDeclared) {
        if (one.code == code) return one;
    }
    return kDeclared.back();
}

std::string hint_for(int errno_value) {
    switch (errno_value) {
        case ENOSPC:
        case EDQUOT: return "make room on that file system, then run the command again";
        case EACCES:
        case EPERM:
            return "look at owner and mode with ls -l; drydock needs no more than its own user's "
                   "rights";
        case EROFS: return "the file system is mounted read-only";
        default: return {};
    }
}

}  // namespace

std::string_view error_name(ErrorCode code) { return declared(code).name; }

ErrorCode error_code_from_name(std::string_view name) {
    for (const Declared& one : kDeclared) {
        if (one.name == name) return one.code;
    }
    return ErrorCode::Lua;
}

int exit_status(ErrorCode code) { return declared(code).exit; }

Error::Error(ErrorCode code, std::string message, std::string hint, std::string code_text)
    : code_(code),
      message_(std::move(message)),
      hint_(std::move(hint)),
      code_text_(std::move(code_text)) {}

Error Error::in(std::string_view what) const {
    Error same = *this;
    same.message_ = std::string(what) + ": " + message_;
    return same;
}

Error Error::at(std::size_t position) const {
    Error same = *this;
    same.position_ = position;
    return same;
}

void throw_errno(ErrorCode code, std::string_view what, int errno_value) {
    throw Error(code, std::string(what) + ": " + std::strerror(errno_value), hint_for(errno_value));
}

}  // namespace drydock
