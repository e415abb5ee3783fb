#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "engine/runbook/convert.h"
#include "engine/runbook/declaration.h"
#include "engine/runbook/reader.h"

namespace drydock::runbook {
namespace {

using Settings = std::map<std::string, Declaration, std::less<>>;

constexpr std::array<std::string_view, 3> kKinds{"postgres", "sqlite", "redis"};

Declaration of_type(Type type) {
    Declaration declared;
    declared.type = type;
    return declared;
}

// Texts of a connection are of type secret: any of them may come from one.
Settings settings_of(Connection::Kind kind) {
    Settings made;
    made["read_only"] = of_type(Type::Boolean);
    made["min_version"] = of_type(Type::String);
    made["lock_timeout"] = of_type(Type::Duration);
    made["statement_timeout"] = of_type(Type::Duration);
    Declaration connect = of_type(Type::Map);
    connect.fields = {{"every", of_type(Type::Duration)}, {"for", of_type(Type::Duration)}};
    made["connect"] = std::move(connect);
    if (kind == Connection::Kind::Sqlite) {
        made["sqlite"] = of_type(Type::Path);
        made["busy_timeout"] = of_type(Type::Duration);
        return made;
    }
    const bool postgres = kind == Connection::Kind::Postgres;
    made[postgres ? "postgres" : "redis"] = of_type(Type::Secret);
    made["port"] = of_type(Type::Integer);
    made["ca"] = of_type(Type::Path);
    for (const char* text : {"database", "user", "password", "tls"}) {
        made[text] = of_type(Type::Secret);
        // A secret that may be missing leaves the setting out.
        made[text].default_value = Node{.held = Node::Scalar{"null", true}, .place = {}};
    }
    if (postgres) {
        made["role"] = of_type(Type::Secret);
        made["receipts"] = of_type(Type::String);
    }
    return made;
}

const Settings& settings(Connection::Kind kind) {
    static const std::array<Settings, 3> kAll{settings_of(Connection::Kind::Postgres),
                                              settings_of(Connection::Kind::Sqlite),
                                              settings_of(Connection::Kind::Redis)};
    return kAll[static_cast<std::size_t>(kind)];
}

// Reads connections by name, those first that others are like.
class ConnectionsReader final {
  public:
    ConnectionsReader(const SourceNode& all, Report& report) : all_(all), report_(report) {}

    std::vector<std::pair<std::string, Connection>> read() {
        std::vector<std::pair<std::string, Connection>> made;
        for (const SourceNode::Member& member : all_.members) {
            if (!is_name(member.key, "_")) {
                report_.add(member.key_place, "`" + member.key + "` is no name of a connection",
                            "small letters, digits and `_`");
            }
            const Connection* one = connection(member.key);
            if (one != nullptr) made.emplace_back(member.key, *one);
        }
        return made;
    }

  private:
    // The connection `name`, read once; null when it is wrong.
    const Connection* connection(const std::string& name) {
        const auto found = read_.find(name);
        if (found != read_.end()) return &found->second;
        const SourceNode* node = all_.find(name);
        if (node == nullptr || !open_.insert(name).second) return nullptr;
        std::optional<Connection> made = read_one(*node, name);
        open_.erase(name);
        if (!made) return nullptr;
        return &read_.emplace(name, *std::move(made)).first->second;
    }

    std::optional<Connection> read_one(const SourceNode& node, const std::string& name) {
        if (!node.is_map()) {
            report_.add(
                node.place,
                "the connection `" + name + "` is a map, here stands " +
                    std::string(shape_of(node)),
                "write {sqlite: path}, {postgres: host, …}, {redis: host, …} or {like: OTHER, …}");
            return std::nullopt;
        }
        Connection made;
        made.place = node.place;
        if (!read_kind(node, name, made)) return std::nullopt;
        read_settings(node, name, made);
        return made;
    }

    bool read_kind(const SourceNode& node, const std::string& name, Connection& made) {
        const SourceNode* like = node.find("like");
        int kinds = 0;
        for (std::size_t i = 0; i < kKinds.size(); ++i) {
            if (node.find(kKinds[i]) == nullptr) continue;
            ++kinds;
            made.kind = static_cast<Connection::Kind>(i);
        }
        if (like != nullptr) {
            const Connection* other = likened(*like, name);
            if (other == nullptr) return false;
            if (kinds == 1 && made.kind != other->kind) {
                report_.add(
                    node.place,
                    "the connection `" + name + "` is of another kind than the one it is like",
                    "remove `like`");
                return false;
            }
            made.kind = other->kind;
            made.settings = other->settings;
        }
        if (kinds > 1 || (kinds == 0 && like == nullptr)) {
            report_.add(node.place, "the connection `" + name + "` must be of one kind",
                        "one of postgres, sqlite, redis, or like: OTHER");
            return false;
        }
        return true;
    }

    const Connection* likened(const SourceNode& like, const std::string& name) {
        std::vector<std::string> names;
        for (const SourceNode::Member& member : all_.members) names.push_back(member.key);
        const SourceNode* other = like.is_scalar() ? all_.find(like.text) : nullptr;
        if (other == nullptr) {
            report_.add(like.place, "`like` names no connection",
                        nearest_hint(like.text, names, "name another connection of this runbook"));
            return nullptr;
        }
        if (open_.contains(like.text)) {
            report_.add(like.place, "the connection `" + name + "` is like itself",
                        "one of them must say what it is");
            return nullptr;
        }
        return connection(like.text);  // null: what is wrong with it was said there
    }

    void read_settings(const SourceNode& node, const std::string& name, Connection& made) {
        const std::string what = "the connection `" + name + "`";
        std::vector<std::string> known{"like"};
        for (const auto& [key, declared] : settings(made.kind)) known.push_back(key);
        for (const SourceNode::Member& member : node.members) {
            if (member.key == "like") continue;
            const Declaration* declared = connection_setting(made.kind, member.key);
            if (declared == nullptr) {
                report_.add(
                    member.key_place, what + " has no key `" + member.key + "`",
                    nearest_hint(member.key, known,
                                 "see the keys of a " +
                                     std::string(kKinds[static_cast<std::size_t>(made.kind)]) +
                                     " connection in the handbook"));
                continue;
            }
            Node value = to_node(member.value, declared, report_);
            for (Problem& problem :
                 literal_problems(value, *declared, "`" + member.key + "` of " + what)) {
                report_.add(problem.place, std::move(problem.message), std::move(problem.hint));
            }
            if (made.kind == Connection::Kind::Redis) check_redis_setting(member, what);
            set(made, member.key, std::move(value));
        }
    }

    // What can be told without a server, of values that are written out.
    void check_redis_setting(const SourceNode::Member& member, const std::string& what) {
        const std::string& text = member.value.text;
        if (!member.value.is_scalar() || text.find("${") != std::string::npos) return;
        static constexpr std::array<std::string_view, 4> kModes{"disable", "require", "verify-ca",
                                                                "verify-full"};
        if (member.key == "tls" && std::ranges::find(kModes, text) == kModes.end()) {
            report_.add(member.value.place, "`tls` of " + what + " has no value `" + text + "`",
                        nearest_hint(text, {kModes.begin(), kModes.end()},
                                     "disable, require, verify-ca or verify-full"));
        }
        const bool number = !text.empty() && std::ranges::all_of(text, [](char c) {
            return c >= '0' && c <= '9';
        });
        if (member.key == "database" && !number) {
            report_.add(member.value.place, "`database` of " + what + " is no number",
                        "Redis numbers its databases, from 0");
        }
    }

    static void set(Connection& made, const std::string& key, Node value) {
        for (auto& [name, old] : made.settings) {
            if (name == key) {
                old = std::move(value);
                return;
            }
        }
        made.settings.emplace_back(key, std::move(value));
    }

    const SourceNode& all_;
    Report& report_;
    std::map<std::string, Connection> read_;
    std::set<std::string> open_;  // being read: a name met again is a circle
};

SecretSource read_secret(const SourceNode& node, const std::string& name, Report& report) {
    SecretSource made;
    made.place = node.place;
    const std::string what = "the secret `" + name + "`";
    Fields fields(node, what, secret_keys(), report);
    if (!fields.is_map()) return made;
    static constexpr std::array<std::string_view, 4> kSources{"env", "file", "command",
                                                              "credential"};
    int sources = 0;
    for (std::size_t i = 0; i < kSources.size(); ++i) {
        const SourceNode* source = fields.take(kSources[i]);
        if (source == nullptr) continue;
        ++sources;
        made.kind = static_cast<SecretSource::Kind>(i);
        const bool argv = made.kind == SecretSource::Kind::Command;
        made.source = read_typed(*source, argv ? Type::List : Type::String,
                                 "`" + std::string(kSources[i]) + "` of " + what, report);
        if (argv && source->is_list() && source->items.empty())
            report.add(source->place, "`command` of " + what + " is empty",
                       "write command: [program, argument]");
    }
    if (sources != 1)
        report.add(node.place, what + " must come from one place",
                   "one of env, file, command, credential");
    if (const SourceNode* value = fields.take("default")) {
        made.has_null_default = value->is_null();
        if (!value->is_null())
            report.add(value->place, "the default of a secret can only be null",
                       "a secret never stands in a runbook");
    }
    if (const SourceNode* flag = fields.take("may_change"))
        made.may_change = read_boolean(*flag, "`may_change`", report).value_or(false);
    fields.finish();
    return made;
}

}  // namespace

std::vector<std::pair<std::string, Connection>> read_connections(const SourceNode& node,
                                                                 Report& report) {
    if (!node.is_map()) {
        report.add(node.place,
                   "`connections` is a map of names, here stands " + std::string(shape_of(node)));
        return {};
    }
    return ConnectionsReader(node, report).read();
}

std::vector<std::pair<std::string, SecretSource>> read_secrets(const SourceNode& node,
                                                               Report& report) {
    std::vector<std::pair<std::string, SecretSource>> made;
    if (!node.is_map()) {
        report.add(node.place, "`secrets` is a map of names to sources, here stands " +
                                   std::string(shape_of(node)));
        return made;
    }
    for (const SourceNode::Member& member : node.members) {
        if (!is_name(member.key, "_"))
            report.add(member.key_place, "`" + member.key + "` is no name of a secret",
                       "small letters, digits and `_`");
        made.emplace_back(member.key, read_secret(member.value, member.key, report));
    }
    return made;
}

const Declaration* connection_setting(Connection::Kind kind, std::string_view key) {
    const Settings& known = settings(kind);
    const auto found = known.find(key);
    return found == known.end() ? nullptr : &found->second;
}

std::vector<std::string> connection_settings(Connection::Kind kind) {
    std::vector<std::string> names;
    for (const auto& [name, declared] : settings(kind)) names.push_back(name);
    return names;
}

}  // namespace drydock::runbook
