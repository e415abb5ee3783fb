#include "engine/runbook/declaration.h"

#include <array>
#include <regex>

#include "engine/runbook/convert.h"
#include "engine/runbook/fields.h"
#include "engine/runbook/template.h"

namespace drydock::runbook {
namespace {

struct NamedType {
    std::string_view name;
    Type type;
};
constexpr std::array<NamedType, 15> kTypes{{{"string", Type::String},
                                            {"integer", Type::Integer},
                                            {"number", Type::Number},
                                            {"boolean", Type::Boolean},
                                            {"duration", Type::Duration},
                                            {"size", Type::Size},
                                            {"timestamp", Type::Timestamp},
                                            {"path", Type::Path},
                                            {"source", Type::Source},
                                            {"secret", Type::Secret},
                                            {"connection", Type::Connection},
                                            {"list", Type::List},
                                            {"map", Type::Map},
                                            {"sql", Type::Sql},
                                            {"any", Type::Any}}};

std::vector<std::string> type_names() {
    std::vector<std::string> names;
    for (const NamedType& one : kTypes) names.emplace_back(one.name);
    return names;
}

bool is_ordered(Type type) {
    return type == Type::Integer || type == Type::Number || type == Type::Duration ||
           type == Type::Size || type == Type::Timestamp || type == Type::Any;
}

class DeclarationReader final {
  public:
    DeclarationReader(DeclarationUse use, Report& report) : use_(use), report_(report) {}

    Declarations all(const SourceNode& node, std::string_view what, bool outermost) {
        Declarations found;
        if (!node.is_map()) {
            report_.add(node.place,
                        std::string(what) + " is a map of names and types, here stands " +
                            std::string(shape_of(node)),
                        "write `name: string` lines");
            return found;
        }
        for (const SourceNode::Member& member : node.members) {
            if (!is_field_name(member.key)) {
                report_.add(member.key_place, "`" + member.key + "` is no name for a value",
                            "letters, digits and `_`, beginning with a letter");
            }
            found.emplace_back(member.key, one(member.value, "`" + member.key + "`", outermost));
        }
        return found;
    }

  private:
    static bool is_field_name(std::string_view text) {
        const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
        if (text.empty() || !letter(text[0])) return false;
        for (const char c : text) {
            if (!letter(c) && !(c >= '0' && c <= '9') && c != '_') return false;
        }
        return true;
    }

    Declaration one(const SourceNode& node, const std::string& what, bool outermost) {
        Declaration made;
        made.place = node.place;
        if (node.is_scalar()) {
            set_type(made, node, what);
            return made;
        }
        const bool param = use_ == DeclarationUse::Param && outermost;
        Fields fields(node, what, param ? param_keys() : field_keys(), report_);
        if (!fields.is_map()) return made;
        if (const SourceNode* type =
                fields.require("type", "write `type: string`, or another type")) {
            set_type(made, *type, what);
        }
        read_shape(made, fields, what);
        read_bounds(made, fields, what);
        if (const SourceNode* text = fields.take("description")) {
            made.description = read_text(*text, "`description` of " + what, report_).value_or("");
        }
        if (param) {
            if (const SourceNode* name = fields.take("env")) {
                made.env = read_text(*name, "`env` of " + what, report_).value_or("");
            }
        }
        const SourceNode* given = fields.take("default");
        fields.finish();
        if (given != nullptr) set_default(made, *given, what);
        return made;
    }

    void set_type(Declaration& made, const SourceNode& node, const std::string& what) {
        const auto index = read_word(node, "the type of " + what, type_names(), report_);
        if (!index) return;
        made.type = kTypes[*index].type;
        if (made.type != Type::Secret || use_ == DeclarationUse::ActionParam) return;
        const bool param = use_ == DeclarationUse::Param;
        report_.add(node.place,
                    what + (param ? " cannot be a secret: params are recorded"
                                  : " cannot be a secret: results are recorded"),
                    param ? "declare it under `secrets:`, with the place where it comes from" : "");
    }

    void read_shape(Declaration& made, Fields& fields, const std::string& what) {
        if (const SourceNode* of = fields.take("of")) {
            if (made.type != Type::List && made.type != Type::Map) {
                report_.add(of->place, "`of` belongs to lists and maps, " + what + " is of type " +
                                           std::string(type_name(made.type)));
            }
            made.of = std::make_shared<const Declaration>(one(*of, "`of` of " + what, false));
        }
        if (const SourceNode* inner = fields.take("fields")) {
            if (made.type != Type::Map) {
                report_.add(inner->place, "`fields` belongs to maps, " + what + " is of type " +
                                              std::string(type_name(made.type)));
            }
            made.fields = all(*inner, "`fields` of " + what, false);
        }
    }

    void read_bounds(Declaration& made, Fields& fields, const std::string& what) {
        if (const SourceNode* pattern = fields.take("pattern")) read_pattern(made, *pattern, what);
        for (const std::string_view key : {"min", "max"}) {
            const SourceNode* bound = fields.take(key);
            if (bound == nullptr) continue;
            if (!is_ordered(made.type)) {
                report_.add(bound->place,
                            "`" + std::string(key) +
                                "` belongs to numbers, durations, sizes and timestamps");
                continue;
            }
            (key == "min" ? made.min : made.max) =
                literal(*bound, made, "`" + std::string(key) + "` of " + what);
        }
        const SourceNode* allowed = fields.take("enum");
        if (allowed == nullptr) return;
        if (!allowed->is_list() || allowed->items.empty()) {
            report_.add(allowed->place, "`enum` of " + what + " is a list of the values allowed",
                        "write enum: [one, two]");
            return;
        }
        for (const SourceNode& item : allowed->items)
            made.allowed.push_back(literal(item, made, "`enum` of " + what));
    }

    void read_pattern(Declaration& made, const SourceNode& node, const std::string& what) {
        const auto text = read_text(node, "`pattern` of " + what, report_);
        if (!text) return;
        if (made.type != Type::String) {
            report_.add(node.place, "`pattern` belongs to texts, " + what + " is of type " +
                                        std::string(type_name(made.type)));
            return;
        }
        try {
            const std::regex compiled(*text);
            made.pattern = *text;
        } catch (const std::regex_error& error) {
            report_.add(node.place, "`pattern` of " + what + " is no regular expression",
                        error.what());
        }
    }

    // A bound or an enum value: of the declared type, without templates.
    Node literal(const SourceNode& node, const Declaration& made, const std::string& what) {
        Declaration plain;
        plain.type = made.type;
        Node found = to_literal_node(node);
        check(found, plain, what);
        return found;
    }

    void set_default(Declaration& made, const SourceNode& node, const std::string& what) {
        const Node given =
            use_ == DeclarationUse::Param ? to_node(node, &made, report_) : to_literal_node(node);
        if (!node.is_null()) check(given, made, "the default of " + what);
        made.default_value = given;
    }

    void check(const Node& node, const Declaration& declared, const std::string& what) {
        for (Problem& problem : literal_problems(node, declared, what)) {
            report_.add(problem.place, std::move(problem.message), std::move(problem.hint));
        }
    }

    DeclarationUse use_;
    Report& report_;
};

// A value from Lua as if it had been written in YAML.
SourceNode source_of(const Value& value) {
    SourceNode node;
    if (const auto* map = value.find<Value::Map>()) {
        node.kind = SourceNode::Kind::Map;
        for (const auto& [key, item] : *map) node.members.push_back({key, {}, source_of(item)});
    } else if (const auto* list = value.find<Value::List>()) {
        node.kind = SourceNode::Kind::List;
        for (const Value& item : *list) node.items.push_back(source_of(item));
    } else {
        const Node scalar = node_of(value);
        const auto& held = std::get<Node::Scalar>(scalar.held);
        node.text = held.text;
        node.style = held.plain ? ScalarStyle::Plain : ScalarStyle::Quoted;
    }
    return node;
}

}  // namespace

std::string_view type_name(Type type) {
    for (const NamedType& one : kTypes) {
        if (one.type == type) return one.name;
    }
    return "any";
}

std::optional<Type> type_from_name(std::string_view name) {
    for (const NamedType& one : kTypes) {
        if (one.name == name) return one.type;
    }
    return std::nullopt;
}

Declarations read_declarations(const SourceNode& node, std::string_view what, DeclarationUse use,
                               Report& report) {
    return DeclarationReader(use, report).all(node, what, true);
}

std::variant<Declarations, std::vector<ScriptProblem>> declarations_from_value(
    const Value& table, std::string_view what, DeclarationUse use) {
    Report report(std::string(what), "");
    SourceNode source = source_of(table);
    // In Lua an empty table is an empty list as much as an empty map.
    if (source.is_list() && source.items.empty()) source.kind = SourceNode::Kind::Map;
    Declarations found = read_declarations(source, what, use, report);
    if (report.empty()) return found;
    std::vector<ScriptProblem> problems;
    for (const Diagnostic& one : report.take()) {
        problems.push_back({std::string(what) + ": " + one.message, 0, one.hint});
    }
    return problems;
}

const Declaration* find_declaration(const Declarations& declarations, std::string_view name) {
    for (const auto& [key, declaration] : declarations) {
        if (key == name) return &declaration;
    }
    return nullptr;
}

std::vector<std::string> names_of(const Declarations& declarations) {
    std::vector<std::string> names;
    for (const auto& [key, declaration] : declarations) names.push_back(key);
    return names;
}

Node node_of(const Value& value) {
    Node node;
    if (const auto* map = value.find<Value::Map>()) {
        Node::Map members;
        for (const auto& [key, item] : *map) members.emplace_back(key, node_of(item));
        node.held = std::move(members);
    } else if (const auto* list = value.find<Value::List>()) {
        Node::List items;
        for (const Value& item : *list) items.push_back(node_of(item));
        node.held = std::move(items);
    } else if (const auto* size = value.find<Size>()) {
        node.held = Node::Scalar{std::to_string(size->bytes) + "B", true};  // to_text rounds
    } else {
        node.held = Node::Scalar{to_text(value), !value.holds<std::string>()};
    }
    return node;
}

}  // namespace drydock::runbook
