#include "engine/runbook/template.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "engine/error.h"

namespace drydock::runbook {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

struct RawPiece {
    bool is_expression = false;
    std::string text;
    std::size_t offset = 0;  // of its text within the whole
};
struct Problem {
    std::size_t offset = 0;
    std::string message;
    std::string hint;
};
using Split = std::variant<std::vector<RawPiece>, Problem>;

// After a `[`: the end of a long bracket that opens there, `at` when none does, kNone when it is
// never closed.
std::size_t skip_long_bracket(std::string_view text, std::size_t at) {
    std::size_t equals = at + 1;
    while (equals < text.size() && text[equals] == '=') ++equals;
    if (equals >= text.size() || text[equals] != '[') return at;
    const std::string closing = "]" + std::string(equals - at - 1, '=') + "]";
    const std::size_t end = text.find(closing, equals + 1);
    return end == kNone ? kNone : end + closing.size();
}

std::size_t skip_string(std::string_view text, std::size_t at) {
    const char quote = text[at];
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == quote) {
            return i + 1;
        }
    }
    return kNone;
}

std::size_t skip_comment(std::string_view text, std::size_t at) {
    if (at + 2 < text.size() && text[at + 2] == '[') {
        const std::size_t end = skip_long_bracket(text, at + 2);
        if (end != at + 2) return end;
    }
    return text.find('\n', at);
}

// The offset of the } that closes the expression beginning at `at`, or kNone.
std::size_t end_of_expression(std::string_view text, std::size_t at) {
    int depth = 0;
    while (at < text.size()) {
        const char c = text[at];
        std::size_t next = at + 1;
        if (c == '"' || c == '\'') {
            next = skip_string(text, at);
        } else if (c == '[') {
            next = std::max(skip_long_bracket(text, at), at + 1);
        } else if (c == '-' && text.substr(at, 2) == "--") {
            next = skip_comment(text, at);
        } else if (c == '{') {
            ++depth;
        } else if (c == '}' && depth-- == 0) {
            return at;
        }
        if (next == kNone) return kNone;
        at = next;
    }
    return kNone;
}

Split split(std::string_view text) {
    std::vector<RawPiece> pieces;
    std::string literal;
    const auto flush = [&] {
        if (!literal.empty()) pieces.push_back({.text = std::exchange(literal, {})});
    };
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t dollar = std::min(text.find('$', at), text.size());
        literal += text.substr(at, dollar - at);
        at = dollar;
        if (text.substr(at, 3) == "$${") {
            literal += "${";
            at += 3;
        } else if (text.substr(at, 2) == "${") {
            const std::size_t end = end_of_expression(text, at + 2);
            if (end == kNone) {
                return Problem{at, "this ${ is never closed",
                               "close it with }, or write $${ for a literal ${"};
            }
            const std::string_view expression = text.substr(at + 2, end - at - 2);
            if (expression.find_first_not_of(" \t\r\n") == kNone) {
                return Problem{at, "this ${} is empty",
                               "write a Lua expression in it, or $${ for a literal ${"};
            }
            flush();
            pieces.push_back({true, std::string(expression), at + 2});
            at = end + 1;
        } else if (at < text.size()) {
            literal += text[at++];
        }
    }
    flush();
    return pieces;
}

Template assemble(std::vector<RawPiece> pieces, Place place,
                  const std::function<Place(std::size_t)>& place_of) {
    Template made;
    made.place = place;
    for (RawPiece& piece : pieces) {
        if (piece.is_expression) {
            made.pieces.push_back({Expression{std::move(piece.text), place_of(piece.offset)}});
        } else {
            made.pieces.push_back({std::move(piece.text)});
        }
    }
    return made;
}

Place advance(Place start, std::string_view before) {
    const std::size_t line = before.rfind('\n');
    if (line == kNone)
        return {start.file, start.line, start.column + static_cast<std::uint32_t>(before.size())};
    const auto lines = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
    return {start.file, start.line + lines, static_cast<std::uint32_t>(before.size() - line)};
}

// A scalar without an expression is plain text, with its $${ written out.
Node scalar_node(const SourceNode& source, const Declaration* declared, Report& report) {
    Node node;
    node.place = source.style == ScalarStyle::Literal ? source.text_place : source.place;
    const bool plain = source.style == ScalarStyle::Plain;
    if (declared != nullptr && declared->type == Type::Sql) {
        if (has_expression(source.text)) {
            report.add(
                source.place_of(source.text.find("${")),
                "no ${…} in SQL: values are never pasted into a statement",
                "write :name (or :\"name\" for an identifier) and give the value under `args`");
        }
        node.held = Node::Scalar{source.text, plain};
        return node;
    }
    Template written = read_template(source, report);
    if (written.pieces.empty()) {
        node.held = Node::Scalar{"", plain};
    } else if (written.pieces.size() == 1 && !written.whole()) {
        node.held = Node::Scalar{std::move(std::get<std::string>(written.pieces[0].held)), plain};
    } else {
        node.held = std::move(written);
    }
    return node;
}

const Declaration* field_of(const Declaration* declared, const std::string& key) {
    if (declared == nullptr || declared->type != Type::Map) return nullptr;
    for (const auto& [name, field] : declared->fields) {
        if (name == key) return &field;
    }
    return declared->of.get();
}

}  // namespace

Template parse_template(std::string_view text, Place start) {
    Split found = split(text);
    if (const auto* problem = std::get_if<Problem>(&found)) {
        const Place place = advance(start, text.substr(0, problem->offset));
        throw Error(ErrorCode::Document,
                    "line " + std::to_string(place.line) + ", column " +
                        std::to_string(place.column) + ": " + problem->message,
                    problem->hint);
    }
    return assemble(std::get<std::vector<RawPiece>>(std::move(found)), start,
                    [&](std::size_t offset) { return advance(start, text.substr(0, offset)); });
}

Template read_template(const SourceNode& scalar, Report& report) {
    Split found = split(scalar.text);
    if (const auto* problem = std::get_if<Problem>(&found)) {
        report.add(scalar.place_of(problem->offset), problem->message, problem->hint);
        return {{{scalar.text}}, scalar.place};
    }
    return assemble(std::get<std::vector<RawPiece>>(std::move(found)), scalar.place,
                    [&](std::size_t offset) { return scalar.place_of(offset); });
}

Node to_node(const SourceNode& source, const Declaration* declared, Report& report) {
    if (source.is_scalar()) return scalar_node(source, declared, report);
    Node node;
    node.place = source.place;
    if (source.is_list()) {
        const Declaration* of =
            declared != nullptr && declared->type == Type::List ? declared->of.get() : nullptr;
        Node::List list;
        for (const SourceNode& item : source.items) list.push_back(to_node(item, of, report));
        node.held = std::move(list);
    } else {
        Node::Map map;
        for (const SourceNode::Member& member : source.members) {
            map.emplace_back(member.key,
                             to_node(member.value, field_of(declared, member.key), report));
        }
        node.held = std::move(map);
    }
    return node;
}

Node to_literal_node(const SourceNode& source) {
    Node node;
    node.place = source.style == ScalarStyle::Literal ? source.text_place : source.place;
    if (source.is_scalar()) {
        node.held = Node::Scalar{source.text, source.style == ScalarStyle::Plain};
    } else if (source.is_list()) {
        Node::List list;
        for (const SourceNode& item : source.items) list.push_back(to_literal_node(item));
        node.held = std::move(list);
    } else {
        Node::Map map;
        for (const auto& member : source.members)
            map.emplace_back(member.key, to_literal_node(member.value));
        node.held = std::move(map);
    }
    return node;
}

Value evaluate(const Template& written, const Evaluator& evaluator) {
    std::string text;
    std::string secret_name;
    for (const Template::Piece& piece : written.pieces) {
        if (const auto* literal = std::get_if<std::string>(&piece.held)) {
            text += *literal;
            continue;
        }
        const Value value = evaluator(std::get<Expression>(piece.held));
        if (const auto* secret = value.find<Secret>()) {
            text += secret->reveal();
            if (secret_name.empty()) secret_name = secret->name();
        } else {
            text += to_text(value);
        }
    }
    if (!secret_name.empty()) return Secret(std::move(secret_name), std::move(text));
    return text;
}

bool has_expression(std::string_view text) {
    for (std::size_t at = text.find("${"); at != kNone; at = text.find("${", at + 2)) {
        if (at == 0 || text[at - 1] != '$') return true;
    }
    return false;
}

void for_each_expression(const Template& written,
                         const std::function<void(const Expression&)>& visit) {
    for (const Template::Piece& piece : written.pieces) {
        if (const auto* expression = std::get_if<Expression>(&piece.held)) visit(*expression);
    }
}

void for_each_expression(const Node& node, const std::function<void(const Expression&)>& visit) {
    if (const auto* written = std::get_if<Template>(&node.held)) {
        for_each_expression(*written, visit);
    } else if (const auto* list = std::get_if<Node::List>(&node.held)) {
        for (const Node& item : *list) for_each_expression(item, visit);
    } else if (const auto* map = std::get_if<Node::Map>(&node.held)) {
        for (const auto& [key, item] : *map) for_each_expression(item, visit);
    }
}

}  // namespace drydock::runbook
