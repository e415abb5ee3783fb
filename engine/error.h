#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace drydock {

// What kind of thing went wrong. The names (error_name) are stable: scripts, the journal and the
// JSON output carry them. The second half is what Lua sees as `kind`.
enum class ErrorCode : std::uint8_t {
    Usage,       // the command line asks for something that cannot be meant
    Document,    // a runbook, settings file or parameter is wrong
    NotFound,    // no such run, runbook, action
    Refused,     // a lock, a policy, another owner
    Integrity,   // the chain, a checksum, a journal behind its target
    Journal,     // the journal cannot be read or written
    Interrupted, // stopped at the operator's wish

    Check,      // a check() of a step did not hold
    Busy,       // the world is in use by somebody else
    Connection, // the world does not answer
    Timeout,    // it did not answer in time
    Permission, // it says we may not
    Sql,        // the database says that the statement is wrong
    Command,    // a program failed
    Redis,      // the Redis server says that the command is wrong
    Http,       // a server answered with something else
    File,       // a file operation failed
    Lua,        // the script itself is wrong
};

// The stable lower-case name of `code`, for example "busy".
[[nodiscard]] std::string_view error_name(ErrorCode code);
// The code of a stable name; ErrorCode::Lua for a name that is none (scripts make their own kinds).
[[nodiscard]] ErrorCode error_code_from_name(std::string_view name);
// The exit status of a process that ends because of `code` (docs/operating.md).
[[nodiscard]] int exit_status(ErrorCode code);

// "Machinery broke, or the world said no": what is thrown. A message is lower case without a full
// stop; the hint says what to do next and may be empty; `code_text` is the world's own code
// (SQLSTATE, "SQLITE_BUSY", an exit status) and may be empty.
class Error final : public std::exception {
  public:
    Error(ErrorCode code, std::string message, std::string hint = {}, std::string code_text = {});

    [[nodiscard]] ErrorCode code() const noexcept { return code_; }
    [[nodiscard]] const std::string& message() const noexcept { return message_; }
    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }
    [[nodiscard]] const std::string& code_text() const noexcept { return code_text_; }
    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

    // Where in the statement the database sees the mistake: its byte, from 1; 0: it does not say.
    [[nodiscard]] std::size_t position() const noexcept { return position_; }

    // The same error, its message prefixed with what was being done: "opening app.db: …".
    [[nodiscard]] Error in(std::string_view what) const;
    // The same error, with that position.
    [[nodiscard]] Error at(std::size_t position) const;

  private:
    ErrorCode code_;
    std::string message_;
    std::string hint_;
    std::string code_text_;
    std::size_t position_ = 0;
};

// Throws Error(code, "<what>: <strerror(errno_value)>"), with a hint where one is known.
[[noreturn]] void throw_errno(ErrorCode code, std::string_view what, int errno_value);

}  // namespace drydock
