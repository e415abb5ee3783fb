// The command primitive of an attempt: what may be started, with what, and what it left.

#include <algorithm>
#include <utility>

#include "engine/config/redaction.h"
#include "engine/error.h"
#include "engine/execute/attempt_context.h"
#include "engine/json/json.h"
#include "engine/os/private_file.h"
#include "engine/os/process.h"
#include "engine/seam.h"

namespace drydock::execute {
namespace {

constexpr std::size_t kMaxArguments = 4096;

// Splits a stream of pieces into lines for the log; a line that never ends is cut.
class Lines {
  public:
    Lines(AttemptContext& context, LogLevel level) : context_(context), level_(level) {}

    void add(std::string_view piece) {
        held_ += piece;
        std::size_t begin = 0;
        for (std::size_t end = held_.find('\n'); end != std::string::npos;
             end = held_.find('\n', begin)) {
            context_.log(level_, std::string_view(held_).substr(begin, end - begin));
            begin = end + 1;
        }
        held_.erase(0, begin);
        if (held_.size() > kLongest) flush();
    }
    void flush() {
        if (!held_.empty()) context_.log(level_, held_);
        held_.clear();
    }

  private:
    static constexpr std::size_t kLongest = 8 << 10;
    AttemptContext& context_;
    LogLevel level_;
    std::string held_;
};

std::string text_of(const Value& value, std::string_view what) {
    if (const auto* secret = value.find<Secret>()) return secret->reveal();
    if (value.is_null()) return {};
    if (value.holds<Value::List>() || value.holds<Value::Map>()) {
        throw Error(ErrorCode::Lua, "command: " + std::string(what) + " wants text, not a " +
                                        std::string(value.kind()));
    }
    return to_text(value);
}

std::string_view result_of(os::CommandEnd::How how) {
    switch (how) {
        case os::CommandEnd::How::TimedOut: return "timeout";
        case os::CommandEnd::How::Stopped: return "killed";
        case os::CommandEnd::How::Signaled:
        case os::CommandEnd::How::NotStarted: return "error";
        case os::CommandEnd::How::Exited: break;
    }
    return "ok";
}

std::string last_line(const std::string& output) {
    const std::size_t end = output.find_last_not_of(" \r\n");
    if (end == std::string::npos) return {};
    const std::size_t before = output.rfind('\n', end);
    return output
        .substr(before == std::string::npos ? 0 : before + 1,
                end - (before == std::string::npos ? 0 : before + 1) + 1)
        .substr(0, 500);
}

}  // namespace

std::string AttemptContext::allowed_program(const std::string& name) const {
    std::vector<std::string> allowed = shop_.allowed_programs;
    if (about_.action != nullptr) {
        const std::vector<std::string>& needs = about_.action->needs_commands;
        allowed.insert(allowed.end(), needs.begin(), needs.end());
    }
    if (shop_.stand_ins.find) return shop_.stand_ins.find(name, allowed);
    return os::allowed_program(name, allowed);
}

sql::ProgramLogin AttemptContext::login_to(std::string_view connection) {
    if (is_redis(connection)) {
        throw Error(ErrorCode::Lua,
                    "command: login is for PostgreSQL, and " + std::string(connection) +
                        " is a Redis connection",
                    "give redis-cli its password as env: REDISCLI_AUTH");
    }
    return sql(connection).database().login();
}

os::CommandSpec AttemptContext::command_spec(
    const CommandRequest& request, const std::string& program,
    const std::vector<std::pair<std::string, std::string>>& login) const {
    os::CommandSpec spec;
    spec.program = program;
    spec.argv = request.argv;
    spec.directory = shop_.folders.working;
    if (!request.directory.empty()) {
        // By a name in it: what is looked at as a whole must be a file.
        const std::string within = shop_.files.checked_path(request.directory + "/.drydock", false);
        spec.directory = within.substr(0, within.rfind('/'));
    }
    spec.environment = shop_.base_environment;
    spec.environment.insert(spec.environment.end(), login.begin(), login.end());
    for (const auto& [name, value] : request.environment) {
        std::erase_if(spec.environment, [&](const auto& known) { return known.first == name; });
        spec.environment.emplace_back(name, text_of(value, "env." + name));
    }
    spec.input = text_of(request.input, "input");
    spec.boot_deadline = about_.deadline;
    return spec;
}

os::CommandEnd AttemptContext::run_command(const os::CommandSpec& spec) {
    Lines output(*this, LogLevel::Info), error(*this, LogLevel::Warn);
    os::CommandEnd end = shop_.commands.run(
        spec, shop_.cancel,
        [&](bool is_error, std::string_view piece) { (is_error ? error : output).add(piece); });
    output.flush();
    error.flush();
    if (end.output_bytes > static_cast<std::int64_t>(end.output.size())) {
        log(LogLevel::Warn, "the script sees the first " +
                                to_text(Size{static_cast<std::int64_t>(end.output.size())}) +
                                " of " + to_text(Size{end.output_bytes}) + " of output");
    }
    return end;
}

CommandAnswer AttemptContext::command(const CommandRequest& request) {
    if (request.argv.empty() || request.argv.size() > kMaxArguments) {
        throw Error(ErrorCode::Lua, "command needs a program and at most 4096 arguments",
                    "command{\"program\", \"argument\"}");
    }
    const std::string& name = request.argv.front();
    const std::string program = allowed_program(name);
    sql::ProgramLogin login;
    if (!request.login.empty()) login = login_to(request.login);
    // Lives until the program has ended.
    std::optional<os::PrivateFile> password;
    if (!login.password_file.empty()) {
        password.emplace(login.password_file);
        login.environment.emplace_back(login.password_variable, password->path());
    }
    os::CommandSpec spec = command_spec(request, program, login.environment);
    const bool reads = request.reads || about_.reading_commands;
    std::int64_t effect = 0;
    if (reads) {
        allow_read("command");
    } else {
        Value::List shown;
        for (const std::string& argument : request.argv) shown.emplace_back(argument);
        effect = begin_effect("command", program, Value(std::move(shown)));
    }
    if (shop_.stand_ins.stage) shop_.stand_ins.stage(spec);
    os::CommandEnd end = run_command(spec);
    kill_point("command.done");
    if (effect > 0) end_effect(effect, result_of(end.how), end.status);

    using How = os::CommandEnd::How;
    if (end.how == How::NotStarted)
        throw_errno(ErrorCode::Command, "cannot start " + program, end.status);
    if (end.how == How::TimedOut) {
        shop_.cancel.request(StopReason::Deadline);
        throw Stopped{StopReason::Deadline};
    }
    if (end.how == How::Stopped) {
        check_stop();
        throw Stopped{StopReason::Interrupt};
    }
    const std::string said = last_line(end.error.empty() ? end.output : end.error);
    if (end.how == How::Signaled) {
        throw Error(ErrorCode::Command, name + " was ended by signal " + std::to_string(end.status),
                    said, "signal " + std::to_string(end.status));
    }
    if (!request.any_exit && end.status != request.expect) {
        throw Error(ErrorCode::Command,
                    name + " ended with status " + std::to_string(end.status) + ", wanted " +
                        std::to_string(request.expect) +
                        (said.empty() ? "" : ": " + shop_.redactor.redact(said)),
                    "drydock logs shows all of its output", std::to_string(end.status));
    }
    return {end.status, std::move(end.output), std::move(end.error)};
}

}  // namespace drydock::execute
