#include "engine/runbook/effect.h"

#include <algorithm>
#include <array>
#include <span>

namespace drydock::runbook {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 4> kSqlWriters{"exec", "transaction", "batches", "copy"};
constexpr std::array<std::string_view, 3> kSqlAlone{"exec_alone", "backup", "copy_out"};
constexpr std::array<std::string_view, 7> kSqlReaders{"query",   "row",       "value", "each",
                                                      "explain", "savepoint", "lock"};
constexpr std::array<std::string_view, 9> kRedisReaders{
    "get", "hget", "hgetall", "exists", "ttl", "scan", "info", "config_get", "query"};
constexpr std::array<std::string_view, 12> kRedisWriters{
    "set",  "del",     "unlink",   "expire", "incr",       "hset",
    "hdel", "command", "pipeline", "eval",   "config_set", "save_rdb"};
constexpr std::array<std::string_view, 8> kFileWriters{"write", "copy",     "move",       "remove",
                                                       "mkdir", "compress", "decompress", "temp"};
// The engines that scripts can call, by what only reads.
constexpr std::array<std::string_view, 4> kMigrateReaders{"at", "status", "validate", "lint"};
constexpr std::array<std::string_view, 3> kBackupReaders{"latest", "list", "verify"};

bool contains(Names names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

const Connection* find_connection(const Runbook& runbook, std::string_view name) {
    for (const auto& [key, connection] : runbook.connections) {
        if (key == name) return &connection;
    }
    return nullptr;
}

Effect effect_of_method(const Connection* connection, std::string_view method) {
    if (connection != nullptr && connection->kind == Connection::Kind::Redis) {
        if (contains(kRedisReaders, method)) return Effect::Read;
        return method == "transaction" ? Effect::Transaction : Effect::Unsafe;
    }
    if (contains(kSqlReaders, method)) return Effect::Read;
    return contains(kSqlWriters, method) ? Effect::Transaction : Effect::Unsafe;
}

// A method of something whose name the inspector lost, in a branch or as an argument: by the
// method's own name, so that no way of writing is missed.
Effect effect_of_unknown(std::string_view method, const Runbook& runbook) {
    if (contains(kSqlWriters, method)) return Effect::Transaction;
    if (contains(kSqlAlone, method)) return Effect::Unsafe;
    const bool redis =
        std::any_of(runbook.connections.begin(), runbook.connections.end(),
                    [](const auto& one) { return one.second.kind == Connection::Kind::Redis; });
    return redis && contains(kRedisWriters, method) ? Effect::Unsafe : Effect::Read;
}

Effect effect_of_name(const ScriptFacts::Name& name, const Runbook& runbook) {
    const std::string& root = name.path[0];
    const std::string_view member =
        name.path.size() > 1 ? std::string_view(name.path[1]) : std::string_view();
    if (root == "?") return effect_of_unknown(member, runbook);
    if (root == "connections") {
        // A connection that is only handed on writes nothing: what is called on it is a name too.
        return name.path.size() < 3
                   ? Effect::Read
                   : effect_of_method(find_connection(runbook, name.path[1]), name.path[2]);
    }
    if (root == "command" || root == "http") return Effect::Unsafe;
    if (root == "fs")
        return member.empty() || contains(kFileWriters, member) ? Effect::Unsafe : Effect::Read;
    if (root == "migrate")
        return contains(kMigrateReaders, member) ? Effect::Read : Effect::Transaction;
    if (root == "backup") return contains(kBackupReaders, member) ? Effect::Read : Effect::Unsafe;
    if (root == "seed") return Effect::Transaction;
    return Effect::Read;
}

Effect effect_of_chunk(const LuaBody& body, const Bundle& bundle, ScriptInspector& inspector) {
    const auto inspected = inspector.chunk(body.text);
    const auto* facts = std::get_if<ScriptFacts>(&inspected);
    if (facts == nullptr) return Effect::Unsafe;
    Effect most = Effect::Read;
    for (const WritingName& writing : writing_names(*facts, bundle.runbook))
        most = std::max(most, writing.effect);
    return most;
}

Effect effect_of_call(const ActionCall& call, const Bundle& bundle) {
    const Action* action = bundle.find_action(call.action);
    return action == nullptr ? Effect::Unsafe : action->effect;
}

}  // namespace

std::string_view effect_name(Effect effect) {
    static constexpr std::array<std::string_view, 3> kNames{"read", "transaction", "unsafe"};
    return kNames[static_cast<std::size_t>(effect)];
}

std::vector<WritingName> writing_names(const ScriptFacts& facts, const Runbook& runbook) {
    std::vector<WritingName> found;
    const auto add = [&](const ScriptFacts::Name& name) {
        const Effect effect = effect_of_name(name, runbook);
        if (effect != Effect::Read) found.push_back({name, effect, name.path[0] == "http"});
    };
    for (const ScriptFacts::Name& name : facts.reads) add(name);
    for (const ScriptFacts::Name& name : facts.calls) add(name);
    return found;
}

Effect effect_of(const Step& step, const Bundle& bundle, ScriptInspector& inspector) {
    if (step.declared_effect) return *step.declared_effect;
    if (const auto* call = std::get_if<ActionCall>(&step.body))
        return effect_of_call(*call, bundle);
    if (const auto* lua = std::get_if<LuaBody>(&step.body))
        return effect_of_chunk(*lua, bundle, inspector);
    return Effect::Read;
}

Effect effect_of(const SideBody& body, const Bundle& bundle, ScriptInspector& inspector) {
    if (const auto* call = std::get_if<ActionCall>(&body)) return effect_of_call(*call, bundle);
    return effect_of_chunk(std::get<LuaBody>(body), bundle, inspector);
}

bool is_repeatable(const Step& step, const Bundle& bundle) {
    if (step.idempotent || step.probe) return true;
    const auto* call = std::get_if<ActionCall>(&step.body);
    const Action* action = call == nullptr ? nullptr : bundle.find_action(call->action);
    return action != nullptr && (action->idempotent || action->has_probe);
}

}  // namespace drydock::runbook
