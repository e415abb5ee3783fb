#include "engine/runbook/convert.h"

#include <algorithm>
#include <regex>
#include <utility>

#include "engine/error.h"
#include "engine/runbook/declaration.h"
#include "engine/runbook/fields.h"
#include "engine/runbook/numbers.h"
#include "engine/runbook/scalar.h"

namespace drydock::runbook {
namespace {

// std::regex recurses once per character: a pattern is for names, not for documents.
constexpr std::size_t kLongestMatched = 4096;

// Walks a node and its declaration side by side. Without an evaluator it only checks what is
// literal, and templates count as right.
class Converter final {
  public:
    Converter(const Evaluator* evaluator, const Folders* folders)
        : evaluator_(evaluator), folders_(folders) {}

    Value node(const Node& written, const Declaration* declared, const std::string& what) {
        if (const auto* text = std::get_if<Template>(&written.held))
            return from_template(*text, declared, what);
        if (declared != nullptr && declared->type != Type::Any)
            return typed(written, *declared, what);
        Value value = untyped(written, what);
        return declared == nullptr ? value
                                   : bounded(std::move(value), *declared, written.place, what);
    }

    Value value(const Value& given, const Declaration& declared, Place place,
                const std::string& what) {
        if (given.is_null()) return absent(declared, place, what);
        std::optional<Value> made = from_value(given, declared, place, what);
        if (!made) return {};
        return bounded(*std::move(made), declared, place, what);
    }

    // Named values with their declarations: parameters, fields.
    Value members(const Node::Map& given, const Declarations& declared, const Declaration* others,
                  Place place, const std::string& what) {
        Value::Map made;
        for (const auto& [name, item] : given) {
            const Declaration* one = find_declaration(declared, name);
            if (one == nullptr) one = others;
            if (one == nullptr) {
                problem(item.place, what + " has no `" + name + "`",
                        nearest_hint(name, names_of(declared), ""));
                continue;
            }
            made[name] = node(item, one, "`" + name + "` of " + what);
        }
        fill(made, declared, place, what);
        return made;
    }

    void problem(Place place, std::string message, std::string hint = {}) {
        problems_.push_back({place, std::move(message), std::move(hint)});
    }
    [[nodiscard]] std::vector<Problem>& problems() { return problems_; }

  private:
    void fill(Value::Map& made, const Declarations& declared, Place place,
              const std::string& what) {
        for (const auto& [name, one] : declared) {
            if (!made.contains(name)) made[name] = absent(one, place, "`" + name + "` of " + what);
        }
    }

    Value absent(const Declaration& declared, Place place, const std::string& what) {
        if (declared.default_value) {
            if (is_null(*declared.default_value)) return {};
            return node(*declared.default_value, &declared, what);
        }
        std::string hint = declared.description.empty() ? "" : "it is: " + declared.description;
        problem(place, what + " must be given", std::move(hint));
        return {};
    }

    Value from_template(const Template& text, const Declaration* declared,
                        const std::string& what) {
        if (evaluator_ == nullptr) return {};
        const Value found = text.whole() ? (*evaluator_)(std::get<Expression>(text.pieces[0].held))
                                         : evaluate(text, *evaluator_);
        return declared == nullptr ? found : value(found, *declared, text.place, what);
    }

    Value untyped(const Node& written, const std::string& what) {
        if (const auto* scalar = std::get_if<Node::Scalar>(&written.held))
            return read_core(*scalar);
        if (const auto* list = std::get_if<Node::List>(&written.held)) {
            Value::List made;
            for (const Node& item : *list) made.push_back(node(item, nullptr, what));
            return made;
        }
        Value::Map made;
        for (const auto& [key, item] : std::get<Node::Map>(written.held))
            made[key] = node(item, nullptr, what);
        return made;
    }

    Value typed(const Node& written, const Declaration& declared, const std::string& what) {
        if (is_null(written)) return absent(declared, written.place, what);
        if (const auto* list = std::get_if<Node::List>(&written.held)) {
            if (declared.type == Type::Map && list->empty())
                return members({}, declared.fields, nullptr, written.place, what);
            if (declared.type != Type::List) return wrong(written.place, declared, what, "a list");
            return items(*list, declared, written.place, what);
        }
        if (const auto* map = std::get_if<Node::Map>(&written.held)) {
            if (declared.type == Type::List && map->empty()) return Value::List();
            if (declared.type != Type::Map) return wrong(written.place, declared, what, "a map");
            return bounded(map_value(*map, declared, written.place, what), declared, written.place,
                           what);
        }
        return value(Value(std::get<Node::Scalar>(written.held).text), declared, written.place,
                     what);
    }

    Value items(const Node::List& list, const Declaration& declared, Place place,
                const std::string& what) {
        Value::List made;
        for (std::size_t i = 0; i < list.size(); ++i) {
            made.push_back(
                node(list[i], declared.of.get(), what + "[" + std::to_string(i + 1) + "]"));
        }
        return bounded(std::move(made), declared, place, what);
    }

    Value map_value(const Node::Map& map, const Declaration& declared, Place place,
                    const std::string& what) {
        static const Declaration kAny;
        const bool free = declared.fields.empty() && declared.of == nullptr;
        return members(map, declared.fields, free ? &kAny : declared.of.get(), place, what);
    }

    Value wrong(Place place, const Declaration& declared, const std::string& what,
                std::string_view found) {
        problem(place,
                what + " is of type " + std::string(type_name(declared.type)) + ", here stands " +
                    std::string(found),
                std::string(example_of(declared.type)));
        return {};
    }

    // A value that is not null, of the declared type, or nullopt after a problem.
    std::optional<Value> from_value(const Value& given, const Declaration& declared, Place place,
                                    const std::string& what) {
        if (given.contains_secret() && !may_hold_secret(declared)) {
            problem(place, "a secret may not go to " + what,
                    "secrets go to connections, to parameters of type secret, and nowhere else");
            return std::nullopt;
        }
        if (const auto* text = given.find<std::string>())
            return from_text(*text, declared, place, what);
        if (given.holds<Value::List>() || given.holds<Value::Map>())
            return from_nested(given, declared, place, what);
        if (auto made = scalar_from_value(given, declared.type)) return made;
        wrong(place, declared, what,
              given.holds<Secret>() ? given.kind()
                                    : "the " + std::string(given.kind()) + " " + to_text(given));
        return std::nullopt;
    }

    static bool may_hold_secret(const Declaration& declared) {
        if (declared.type == Type::Secret) return true;
        if (declared.of != nullptr && may_hold_secret(*declared.of)) return true;
        return std::any_of(declared.fields.begin(), declared.fields.end(),
                           [](const auto& field) { return may_hold_secret(field.second); });
    }

    std::optional<Value> from_nested(const Value& given, const Declaration& declared, Place place,
                                     const std::string& what) {
        if (declared.type == Type::Any) return given;
        const auto* list = given.find<Value::List>();
        const auto* map = given.find<Value::Map>();
        // In Lua an empty table is an empty list as much as an empty map.
        const bool empty = list != nullptr ? list->empty() : map->empty();
        if (declared.type == Type::List && (list != nullptr || empty)) {
            Value::List made;
            if (list == nullptr) return Value(std::move(made));
            for (std::size_t i = 0; i < list->size(); ++i) {
                made.push_back(inner((*list)[i], declared.of.get(), place,
                                     what + "[" + std::to_string(i + 1) + "]"));
            }
            return Value(std::move(made));
        }
        if (declared.type == Type::Map && (map != nullptr || empty)) {
            static const Value::Map kEmpty;
            return inner_map(map == nullptr ? kEmpty : *map, declared, place, what);
        }
        wrong(place, declared, what, list != nullptr ? "a list" : "a map");
        return std::nullopt;
    }

    Value inner(const Value& given, const Declaration* declared, Place place,
                const std::string& what) {
        return declared == nullptr ? given : value(given, *declared, place, what);
    }

    Value inner_map(const Value::Map& given, const Declaration& declared, Place place,
                    const std::string& what) {
        Value::Map made;
        for (const auto& [name, item] : given) {
            const Declaration* one = find_declaration(declared.fields, name);
            if (one == nullptr && !declared.fields.empty() && declared.of == nullptr) {
                problem(place, what + " has no `" + name + "`",
                        nearest_hint(name, names_of(declared.fields), ""));
                continue;
            }
            made[name] = inner(item, one != nullptr ? one : declared.of.get(), place,
                               "`" + name + "` of " + what);
        }
        fill(made, declared.fields, place, what);
        return made;
    }

    std::optional<Value> from_text(const std::string& text, const Declaration& declared,
                                   Place place, const std::string& what) {
        std::optional<Value> made = scalar_from_text(text, declared.type, folders_);
        if (made && made->is_null()) {  // a quantity out of its range
            problem(place, what + " is " + text + ", out of range",
                    declared.type == Type::Size ? "0B to 10GiB" : "0s, or 50ms to 365d");
            return std::nullopt;
        }
        if (!made) wrong(place, declared, what, text.size() > 80 ? "a text" : "`" + text + "`");
        return made;
    }

    // The rest of a declaration: enum, pattern, min, max.
    Value bounded(Value made, const Declaration& declared, Place place, const std::string& what) {
        if (made.is_null()) return made;
        const auto* text = made.find<std::string>();
        if (text != nullptr && declared.pattern) {
            const bool fits = text->size() <= kLongestMatched &&
                              std::regex_match(*text, std::regex(*declared.pattern));
            if (!fits)
                problem(place,
                        what + " is `" + *text + "`, which does not match " + *declared.pattern);
        }
        Declaration plain;
        plain.type = declared.type;
        if (declared.min && magnitude(made) < magnitude(node(*declared.min, &plain, what))) {
            problem(place, what + " is " + to_text(made) + ", at least " +
                               std::get<Node::Scalar>(declared.min->held).text + " is wanted");
        }
        if (declared.max && magnitude(made) > magnitude(node(*declared.max, &plain, what))) {
            problem(place, what + " is " + to_text(made) + ", at most " +
                               std::get<Node::Scalar>(declared.max->held).text + " is wanted");
        }
        if (!declared.allowed.empty()) check_allowed(made, declared, plain, place, what);
        return made;
    }

    void check_allowed(const Value& made, const Declaration& declared, const Declaration& plain,
                       Place place, const std::string& what) {
        std::vector<std::string> words;
        std::string all;
        for (const Node& allowed : declared.allowed) {
            const Value one = node(allowed, &plain, what);
            if (one == made) return;
            words.push_back(to_text(one));
            all += (all.empty() ? "" : ", ") + words.back();
        }
        problem(place, what + " is `" + to_text(made) + "`, not one of " + all,
                nearest_hint(to_text(made), words, ""));
    }

    static bool is_null(const Node& node) {
        const auto* scalar = std::get_if<Node::Scalar>(&node.held);
        return scalar != nullptr && scalar->plain && scalar->text == "null";
    }

    const Evaluator* evaluator_;
    const Folders* folders_;
    std::vector<Problem> problems_;
};

void raise_first(Converter& converter) {
    if (converter.problems().empty()) return;
    Problem& first = converter.problems().front();
    const std::string line =
        first.place.line > 0 ? "line " + std::to_string(first.place.line) + ": " : "";
    throw Error(ErrorCode::Document, line + first.message, first.hint);
}

}  // namespace

Value resolve(const Node& node, const Declaration* declared, const Evaluator& evaluator,
              const Folders& folders, std::string_view what) {
    Converter converter(&evaluator, &folders);
    Value made = converter.node(node, declared, std::string(what));
    raise_first(converter);
    return made;
}

Value resolve_with(const ActionCall& call, const Action& action, const Evaluator& evaluator,
                   const Folders& folders) {
    Converter converter(&evaluator, &folders);
    Value made = converter.members(call.with, action.params, nullptr, call.place, call.action);
    raise_first(converter);
    return made;
}

Value resolve(const Template& written, const Evaluator& evaluator) {
    return evaluate(written, evaluator);
}

Value convert(const Value& value, const Declaration& declared, const Folders& folders,
              std::string_view what) {
    Converter converter(nullptr, &folders);
    Value made = converter.value(value, declared, {}, std::string(what));
    raise_first(converter);
    return made;
}

Value convert_returns(const Value& output, const Declarations& returns) {
    if (!output.is_null() && !output.holds<Value::Map>() && !returns.empty()) {
        throw Error(
            ErrorCode::Document,
            "the step returned a " + std::string(output.kind()) + ", not its declared fields",
            "return a table: return {" + returns.front().first + " = …}");
    }
    Converter converter(nullptr, nullptr);
    Value::Map made;
    for (const auto& [name, declared] : returns) {
        const Value* field = output.member(name);
        const bool given = field != nullptr && !field->is_null();
        made[name] =
            given ? converter.value(*field, declared, {}, "the returned field `" + name + "`")
                  : Value();
    }
    raise_first(converter);
    return made;
}

std::vector<Problem> literal_problems(const Node& node, const Declaration& declared,
                                      std::string_view what) {
    Converter converter(nullptr, nullptr);
    (void)converter.node(node, &declared, std::string(what));
    return std::move(converter.problems());
}

std::vector<Problem> literal_problems(const ActionCall& call, const Action& action) {
    Converter converter(nullptr, nullptr);
    (void)converter.members(call.with, action.params, nullptr, call.place, call.action);
    return std::move(converter.problems());
}

}  // namespace drydock::runbook
