#include "engine/runbook/effect.h"

#include <algorithm>
#include <array>
#include <span>

namespace drydock::runbook {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 4> kSqlWriters{"exec", "transaction", "batches", "copy"};
constexpr std::array<std::string_view, 6> kSqlReaders{"query", "row", "value", "each", "explain", "savepoint"};
constexpr std::array<std::string_view, 7> kRedisReaders{"get", "hget", "hgetall", "hexists", "scan", "info", "config_get"};
constexpr std::array<std::string_view, 8> kFileWriters{"write", "copy", "move", "remove", "mkdir", "compress", "decompress", "temp"};
// The engines that scripts can call, by what only reads.
constexpr std::array<std::string_view, 4> kMigrateReaders{"at", "status", "validate", "lint"};
constexpr std::array<std::string_view, 3> kBackupReaders{"latest", "list", "verify"};

bool contains(Names names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); }

const Connection* find_connection(const Runbook& runbook, std::string_view name) {
    for (const auto& [key, connection] : runbook.connections) {
        if (key == name) return &connection;
    }
    return nullptr;
}

Effect most_of(const Connection* connection) {
    return connection != nullptr && connection->kind != Connection::Kind::Redis ? Effect::Transaction : Effect::Unsafe;
}

Effect effect_of_method(const Connection* connection, std::string_view method) {
    if (connection != nullptr && connection->kind == Connection::Kind::Redis) {
        return contains(kRedisReaders, method) ? Effect::Read : Effect::Unsafe;
    }
    if (contains(kSqlReaders, method)) return Effect::Read;
    return contains(kSqlWriters, method) ? Effect::Transaction : Effect::Unsafe;
}

// connections, connections.NAME, connections.NAME:method.
Effect effect_of_connection(const ScriptFacts::Name& name, const Runbook& runbook) {
    if (name.path.size() == 1) {
        Effect most = Effect::Read;
        for (const auto& [key, connection] : runbook.connections) most = std::max(most, most_of(&connection));
        return most;
    }
    const Connection* connection = find_connection(runbook, name.path[1]);
    return name.path.size() == 2 ? most_of(connection) : effect_of_method(connection, name.path[2]);
}

Effect effect_of_name(const ScriptFacts::Name& name, const Runbook& runbook) {
    const std::string& root = name.path[0];
    const std::string_view member = name.path.size() > 1 ? std::string_view(name.path[1]) : std::string_view();
    if (root == "connections") return effect_of_connection(name, runbook);
    if (root == "command" || root == "http") return Effect::Unsafe;
    if (root == "fs") return member.empty() || contains(kFileWriters, member) ? Effect::Unsafe : Effect::Read;
    if (root == "migrate") return contains(kMigrateReaders, member) ? Effect::Read : Effect::Transaction;
    if (root == "backup") return contains(kBackupReaders, member) ? Effect::Read : Effect::Unsafe;
    if (root == "seed") return Effect::Transaction;
    return Effect::Read;
}

bool is_connection(const ScriptFacts::Name& name) { return name.path.size() == 2 && name.path[0] == "connections"; }

// connections.NAME is read once for each method called on it; one more, and it went elsewhere.
bool only_called(const ScriptFacts::Name& name, const ScriptFacts& facts) {
    const auto same = [&](const ScriptFacts::Name& other) {
        return other.path.size() >= 2 && other.path[0] == name.path[0] && other.path[1] == name.path[1];
    };
    const auto calls = std::count_if(facts.calls.begin(), facts.calls.end(), same);
    const auto reads = std::count_if(facts.reads.begin(), facts.reads.end(),
                                     [&](const ScriptFacts::Name& other) { return is_connection(other) && same(other); });
    return reads <= calls;
}

Effect effect_of_chunk(const LuaBody& body, const Bundle& bundle, ScriptInspector& inspector) {
    const auto inspected = inspector.chunk(body.text);
    const auto* facts = std::get_if<ScriptFacts>(&inspected);
    if (facts == nullptr) return Effect::Unsafe;
    Effect most = Effect::Read;
    for (const WritingName& writing : writing_names(*facts, bundle.runbook)) most = std::max(most, writing.effect);
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
        if (effect != Effect::Read) found.push_back({name, effect});
    };
    for (const ScriptFacts::Name& name : facts.reads) {
        if (is_connection(name) && only_called(name, facts)) continue;
        add(name);
    }
    for (const ScriptFacts::Name& name : facts.calls) {
        if (name.path.size() > 2) add(name);
    }
    return found;
}

Effect effect_of(const Step& step, const Bundle& bundle, ScriptInspector& inspector) {
    if (step.declared_effect) return *step.declared_effect;
    if (const auto* call = std::get_if<ActionCall>(&step.body)) return effect_of_call(*call, bundle);
    if (const auto* lua = std::get_if<LuaBody>(&step.body)) return effect_of_chunk(*lua, bundle, inspector);
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
