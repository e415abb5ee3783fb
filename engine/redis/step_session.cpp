#include "engine/redis/step_session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/error.h"
#include "engine/redis/commands.h"
#include "engine/redis/errors.h"
#include "engine/redis/info.h"
#include "engine/seam.h"

namespace drydock::redis {
namespace {

constexpr std::string_view kBatch = "1000";  // keys that SCAN looks at in one go
constexpr std::string_view kTokens = "drydock:{";
// Lua on the server unpacks them onto its stack.
constexpr std::size_t kMostKeyedWords = 4000;
constexpr int kKeyedTries = 3;

// The token is written first: when it cannot be (no memory, a replica), nothing has happened, and
// once a script has written, the server takes the rest of its writes. A command that fails has
// done nothing, and leaves no token.
constexpr std::string_view kOnce = R"(
local seen = redis.call('hget', KEYS[1], ARGV[1])
if seen then return cmsgpack.unpack(seen) end
redis.call('hset', KEYS[1], ARGV[1], cmsgpack.pack(false))
local answer = redis.pcall(unpack(ARGV, 2))
if type(answer) == 'table' and answer.err then
  redis.call('hdel', KEYS[1], ARGV[1])
  return answer
end
redis.call('hset', KEYS[1], ARGV[1], cmsgpack.pack(answer))
return answer
)";

// Settings that are passwords, or hold one.
constexpr std::array<std::string_view, 5> kPasswords{
    "requirepass", "masterauth", "tls-key-file-pass", "tls-client-key-file-pass", "aclfile-pass"};

bool is_password(std::string_view setting) {
    return std::ranges::any_of(kPasswords,
                               [&](std::string_view one) { return upper(setting) == upper(one); });
}

std::string primitive_of(const Words& words) {
    return "redis " + command_name(words);
}

}  // namespace

std::string token_hash(std::string_view run) {
    return std::string(kTokens) + std::string(run) + "}";
}

std::int64_t token_count(Server& server, std::string_view run, std::string_view scope) {
    const std::string prefix = std::string(scope) + " ";
    try {
        const Reply fields = server.call({"HKEYS", token_hash(run)});
        return std::ranges::count_if(
            fields.items, [&](const Reply& field) { return field.text.starts_with(prefix); });
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Permission) throw;
        return 0;
    }
}

StepSession::StepSession(Scope scope, Server& server, SessionHooks hooks, CancelToken& cancel)
    : scope_(std::move(scope)),
      server_(server),
      hooks_(std::move(hooks)),
      waker_(cancel, [&server] { server.interrupt(); }) {}

// --- what may be -----------------------------------------------------------------------------

void StepSession::require_allowed(const Words& words) const {
    if (words.empty() || words.front().empty())
        throw Error(ErrorCode::Lua, "a command has no name", "command(\"NAME\", argument, …)");
    if (command_kind(words) != CommandKind::OfSession) return;
    throw Error(ErrorCode::Lua,
                command_name(words) + " changes the session itself and is not for scripts",
                "each connection has its own login and database; :pipeline sends many commands "
                "at once");
}

void StepSession::require_writable(const Words& words) const {
    if (!server_.read_only()) return;
    throw Error(
        ErrorCode::Permission,
        command_name(words) + ": the connection " + scope_.connection + " is declared read_only",
        "use another connection, or remove read_only");
}

// Name and key: values may be anybody's business.
Value StepSession::shown(const Words& words) {
    Value::List told{command_name(words)};
    const std::size_t key = server_.facts(words).key;
    if (key > 0 && key < words.size()) told.emplace_back(words[key].substr(0, 256));
    return told;
}

template <class Work>
auto StepSession::as_effect(const std::string& primitive, const Value& arguments,
                            const Work& work) {
    const std::int64_t effect = hooks_.begin_effect(primitive, scope_.connection, arguments);
    try {
        auto answer = work();
        kill_point("redis.done");
        hooks_.end_effect(effect, "ok");
        return answer;
    } catch (const Error&) {
        hooks_.end_effect(effect, server_.last_in_doubt() ? "lost" : "error");
        throw;
    }
}

// The script's own name in the message says nothing to whoever wrote the command.
Error StepSession::error_of_keyed(const Error& error, const Words& words) {
    constexpr std::string_view kScript = "EVAL";
    std::string message = error.message();
    if (message.starts_with(kScript)) message.replace(0, kScript.size(), command_name(words));
    if (const std::size_t at = message.find(" script: "); at != std::string::npos)
        message.erase(at);
    return {error.code(), std::move(message), error.hint(), error.code_text()};
}

// --- commands ----------------------------------------------------------------------------------

Reply StepSession::command(const Words& words) {
    require_allowed(words);
    hooks_.allow_read(primitive_of(words));
    if (server_.facts(words).reads) return server_.call(words);
    require_writable(words);
    return as_effect(primitive_of(words), shown(words), [&] { return server_.call(words); });
}

Reply StepSession::query(const Words& words) {
    require_allowed(words);
    hooks_.allow_read(primitive_of(words));
    if (server_.facts(words).reads) return server_.call(words);
    throw Error(ErrorCode::Lua, command_name(words) + " may change something",
                "use :command(…), which is an unsafe effect, or transaction{key = …}");
}

std::vector<Reply> StepSession::pipeline(const std::vector<Words>& commands) {
    hooks_.allow_read("redis pipeline");
    std::string text;
    Value::List writes;
    for (const Words& words : commands) {
        require_allowed(words);
        append_command(text, words);
        if (server_.facts(words).reads) continue;
        require_writable(words);
        writes.emplace_back(shown(words));
    }
    const auto send = [&] {
        std::vector<Reply> answers;
        answers.reserve(commands.size());
        server_.exchange(text, commands.size(),
                         [&](Reply&& reply) { answers.push_back(std::move(reply)); });
        for (std::size_t i = 0; i < answers.size(); ++i) {
            if (!answers[i].is_error()) continue;
            throw error_from(answers[i], commands[i])
                .in("command " + std::to_string(i + 1) + " of " + std::to_string(answers.size()));
        }
        return answers;
    };
    if (commands.empty()) return {};
    if (writes.empty()) return send();
    const std::size_t count = writes.size();
    constexpr std::size_t kShown = 20;
    if (count > kShown) {
        writes.resize(kShown);
        writes.emplace_back("and " + std::to_string(count - kShown) + " more");
    }
    return as_effect("redis pipeline", writes, send);
}

Words StepSession::script_call(const std::string& hash, const std::string& field,
                               const Words& words) {
    Words call{"EVAL", std::string(kOnce), "1", hash, field};
    call.insert(call.end(), words.begin(), words.end());
    return call;
}

Reply StepSession::keyed(std::string_view key, const Words& words) {
    require_allowed(words);
    require_writable(words);
    if (words.size() > kMostKeyedWords) {
        throw Error(ErrorCode::Lua, "transaction: a command of more than 4000 words",
                    "write fewer keys at once, each with a key of its own");
    }
    if (const std::string why = server_.why_not_kept(); !why.empty()) {
        try {
            return command(words);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Lua) throw;
            throw Error(ErrorCode::Lua, error.message() + " (" + why + ", so it is unsafe here)",
                        error.hint());
        }
    }
    hooks_.allow_keyed(primitive_of(words));
    const Words call =
        protected_by(Protection::Token)
            ? script_call(token_hash(scope_.run), scope_.scope + " " + std::string(key), words)
            : words;
    for (int attempt = 1;; ++attempt) {
        try {
            Reply answer = server_.call(call);
            kill_point("redis.token_written");
            hooks_.committed(scope_.connection, key);
            return answer;
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Connection || !server_.last_in_doubt())
                throw error_of_keyed(error, words);
            // Whether it was done the token knows: asking again cannot do it twice.
            hooks_.check_stop();
            if (attempt == kKeyedTries) throw;
        }
    }
}

// --- many keys -----------------------------------------------------------------------------------

namespace {

Words scan_call(const std::string& cursor, const std::string& pattern) {
    return {"SCAN", cursor, "MATCH", pattern, "COUNT", std::string(kBatch)};
}

struct Page {
    std::string cursor;
    std::vector<std::string> keys;
};

Page page_from(Reply&& reply) {
    Page page;
    if (reply.kind != Reply::Kind::List || reply.items.size() != 2)
        throw Error(ErrorCode::Redis, "SCAN: the server's answer has another form than expected");
    page.cursor = std::move(reply.items[0].text);
    for (Reply& key : reply.items[1].items) page.keys.push_back(std::move(key.text));
    return page;
}

}  // namespace

void StepSession::scan(const std::string& pattern,
                       const std::function<bool(const std::string&)>& sink) {
    std::string cursor = "0";
    do {
        hooks_.allow_read("redis SCAN");
        Page page = page_from(server_.call(scan_call(cursor, pattern)));
        cursor = std::move(page.cursor);
        for (const std::string& key : page.keys) {
            if (!sink(key)) return;
        }
    } while (cursor != "0");
}

std::int64_t StepSession::unlink(const std::string& pattern) {
    hooks_.allow_read("redis unlink");
    require_writable({"UNLINK"});
    return as_effect("redis unlink", Value::List{pattern}, [&] { return unlink_all(pattern); });
}

// The next page is asked for together with the removal of this one: the server never waits for us.
std::int64_t StepSession::unlink_all(const std::string& pattern) {
    std::int64_t removed = 0;
    Page page{.cursor = "0", .keys = {}};
    bool first = true;
    while (first || page.cursor != "0" || !page.keys.empty()) {
        hooks_.check_stop();
        const bool more = first || page.cursor != "0";
        first = false;
        std::erase_if(page.keys, [](const std::string& key) { return key.starts_with(kTokens); });
        const std::size_t going = page.keys.size();
        std::string commands;
        if (going > 0) {
            page.keys.insert(page.keys.begin(), "UNLINK");
            append_command(commands, page.keys);
        }
        if (more) append_command(commands, scan_call(page.cursor, pattern));
        if (commands.empty()) break;
        std::optional<Page> next;
        bool unlinking = going > 0;
        server_.exchange(commands, (going > 0 ? 1U : 0U) + (more ? 1U : 0U), [&](Reply&& reply) {
            const bool removes = std::exchange(unlinking, false);
            if (reply.is_error()) throw error_from(reply, {removes ? "UNLINK" : "SCAN"});
            if (removes)
                removed += reply.integer;
            else
                next = page_from(std::move(reply));
        });
        page = next ? *std::move(next) : Page{.cursor = "0", .keys = {}};
        hooks_.progress(removed, 0, "keys removed");
    }
    return removed;
}

Snapshot StepSession::save_snapshot(const std::string& path) {
    hooks_.allow_read("redis SYNC");
    return redis::save_snapshot(server_, path, [this](std::int64_t bytes) {
        hooks_.check_stop();
        hooks_.progress(bytes, 0, "bytes of the snapshot");
    });
}

// --- settings ------------------------------------------------------------------------------------

Value::Map StepSession::info(const std::string& section) {
    Words words{"INFO"};
    if (!section.empty()) words.push_back(section);
    hooks_.allow_read("redis INFO");
    return parse_info(server_.call(words).text);
}

Value::Map StepSession::config_get(const std::string& pattern) {
    hooks_.allow_read("redis CONFIG GET");
    const Reply said = server_.call({"CONFIG", "GET", pattern});
    Value::Map found;
    for (std::size_t i = 0; i + 1 < said.items.size(); i += 2) {
        if (!is_password(said.items[i].text))
            found.emplace(said.items[i].text, said.items[i + 1].text);
    }
    return found;
}

Value::Map StepSession::config_set(const std::map<std::string, std::string>& values) {
    hooks_.allow_read("redis CONFIG SET");
    require_writable({"CONFIG", "SET"});
    Value::Map before;
    Value::List names;
    for (const auto& [name, value] : values) {
        if (is_password(name)) {
            throw Error(ErrorCode::Lua, "a password may not be set by config_set",
                        "it would be recorded; set it in the server's own configuration");
        }
        const Value::Map was = config_get(name);
        const auto found = was.find(name);
        if (found == was.end()) {
            throw Error(ErrorCode::Redis, "CONFIG SET: the server has no setting " + name,
                        "CONFIG GET * lists them");
        }
        before.emplace(name, found->second);
        names.emplace_back(name);
    }
    if (values.empty()) return before;
    return as_effect("redis CONFIG SET", names, [&] {
        // One by one: servers before 7 take no more at once.
        for (const auto& [name, value] : values) (void)server_.call({"CONFIG", "SET", name, value});
        return before;
    });
}

}  // namespace drydock::redis
