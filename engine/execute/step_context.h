#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cancel.h"
#include "engine/clock.h"
#include "engine/execute/names.h"
#include "engine/fetch/request.h"
#include "engine/files/confined.h"
#include "engine/redis/step_session.h"
#include "engine/runbook/runbook.h"
#include "engine/sql/step_session.h"
#include "engine/value.h"

namespace drydock::execute {

// The attempt must end now: deadline, cancel, interrupt, or work that was done already. Thrown
// through the script; the Lua guard makes it uncatchable. Not a drydock::Error on purpose.
struct Stopped {
    StopReason reason = StopReason::Interrupt;
};

struct CommandRequest {
    std::vector<std::string> argv;
    std::string directory;                                   // empty: the working folder
    std::vector<std::pair<std::string, Value>> environment;  // texts and secrets
    Value input;                                             // null, text or secret
    std::string login;  // connection that it can log in to by its environment; empty: none
    std::int64_t expect = 0;
    bool any_exit = false;  // `expect = "any"`
    bool reads = false;     // the author's word that it changes nothing
};
struct CommandAnswer {
    std::int64_t exit = 0;
    std::string output;
    std::string error;
};

struct HttpRequest {
    fetch::Request request;
    std::vector<std::int64_t> expect = {};  // statuses that are no failure; none: 200 to 299
    bool any_status = false;                // `expect = "any"`
    // Of a GET or HEAD: how often it is tried in all while nobody answers, or 502, 503 or 504; the
    // pause doubles each time, up to half a minute.
    std::int64_t times = 1;
    Microseconds retry_every{1'000'000};
};
using HttpAnswer = fetch::Answer;

enum class LogLevel : std::uint8_t { Debug, Info, Warn, Error };

// Everything that one attempt of a step may do, and the only way to do it: it decides (effect
// bound, uncommitted writes, limits), journals what must be journaled before it happens, and acts.
// The bindings translate; they decide nothing. Lives for one attempt, on the attempt's thread.
class StepContext {
  public:
    virtual ~StepContext() = default;

    [[nodiscard]] virtual const Names& names() const = 0;
    [[nodiscard]] virtual runbook::Effect bound() const = 0;
    // Throws Stopped when the attempt must end. Cheap; called from the Lua hook.
    virtual void check_stop() = 0;
    // When the attempt's time is over, on the boot clock.
    [[nodiscard]] virtual Microseconds deadline() const = 0;
    [[nodiscard]] virtual Clock& clock() = 0;

    // The session of a SQL connection; opens it at first use. Throws Error{NotFound} when there is
    // no such connection, Error{Lua} when it is not SQL.
    virtual sql::StepSession& sql(std::string_view connection) = 0;
    // The session of a Redis connection; connects with the first command.
    virtual redis::StepSession& redis(std::string_view connection) = 0;
    [[nodiscard]] virtual bool is_redis(std::string_view connection) const = 0;
    [[nodiscard]] virtual std::vector<std::string> connection_names() const = 0;
    // Settings of a connection that the engines need: the file behind a SQLite one.
    [[nodiscard]] virtual std::string sqlite_path(std::string_view connection) const = 0;
    // Where a connection leads, without opening it, user and password: the path of a SQLite file,
    // "postgres://host:5432/app", "redis://host:6379/0".
    [[nodiscard]] virtual std::string address(std::string_view connection) const = 0;
    // Closes a session so that its file may be replaced; the next sql() opens it anew.
    virtual void close_connection(std::string_view connection) = 0;
    // The database behind `connection` was replaced on purpose (TargetBound{replaces}).
    virtual void target_replaced(std::string_view connection) = 0;

    // once(): the value recorded under `key` in this scope, also by an earlier attempt.
    [[nodiscard]] virtual std::optional<Value> recorded(std::string_view key) const = 0;
    [[nodiscard]] virtual Value all_recorded() const = 0;  // a map
    // Durable when it returns. Covers the effects that ended since begin_once().
    virtual void begin_once(std::string_view key) = 0;
    virtual void record(std::string_view key, const Value& value) = 0;

    // What may be recorded of `value`: a program can print a secret that it was given, and a script
    // can read it back as a plain text, so every text is looked through and secrets are masked.
    [[nodiscard]] virtual Value recordable(const Value& value) const = 0;

    // An unsafe effect: durable before it begins. Raises above the bound, inside a transaction
    // closure and while bare writes are uncommitted. Returns its number. `subject` and `arguments`
    // come without secrets.
    virtual std::int64_t begin_effect(std::string_view primitive, std::string_view subject,
                                      const Value& arguments) = 0;
    // `result`: "ok" "error" "timeout" "killed" "lost".
    virtual void end_effect(std::int64_t effect, std::string_view result, std::int64_t code) = 0;

    // Reading primitives are always allowed, but not in the middle of a transaction closure:
    // raises Error{Lua} with the name of the primitive.
    virtual void allow_read(std::string_view primitive) = 0;
    // Called before each changing fs primitive: one EffectBegan covers all of them until the next
    // recorded value.
    virtual void begin_file_change(std::string_view primitive, std::string_view path) = 0;
    [[nodiscard]] virtual files::Confined& files() = 0;

    virtual CommandAnswer command(const CommandRequest& request) = 0;
    // GET, HEAD and OPTIONS read; every other method is an unsafe effect, in doubt unless the
    // server itself has answered. Throws Error{Http, Connection, Timeout, Lua}.
    virtual HttpAnswer http(const HttpRequest& request) = 0;

    // What is frozen behind a `source` parameter: bytes of the file at this absolute path.
    [[nodiscard]] virtual std::string source_text(std::string_view path) const = 0;
    // The same of a folder: the files in it by their path from there.
    using Files = std::map<std::string, std::string, std::less<>>;
    [[nodiscard]] virtual Files source_files(std::string_view folder) const = 0;
    // Evaluates the ${…} of a text with this attempt's names (file.render). A Secret when one went
    // in.
    [[nodiscard]] virtual Value render(std::string_view template_text, std::string_view name) = 0;

    // Both are redacted and bounded. log goes to the attempt's log file and the observer.
    virtual void log(LogLevel level, std::string_view text) = 0;
    virtual void progress(std::int64_t done, std::int64_t total, std::string_view text) = 0;
    // Random bytes, for crypto.random.
    [[nodiscard]] virtual std::string random_bytes(std::size_t count) = 0;
};

}  // namespace drydock::execute
