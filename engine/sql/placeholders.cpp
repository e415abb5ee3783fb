#include "engine/sql/placeholders.h"

#include <charconv>
#include <map>

#include "engine/error.h"

namespace drydock::sql {
namespace {

std::string undoubled(std::string_view quoted) {
    std::string name;
    for (std::size_t i = 0; i < quoted.size(); ++i) {
        name += quoted[i];
        if (quoted[i] == '"') ++i;
    }
    return name;
}

const Value& named(std::string_view name, std::string_view shown, const Arguments& arguments) {
    const auto found = arguments.named.find(name);
    if (found == arguments.named.end()) {
        throw Error(ErrorCode::Lua, "no value is given for " + std::string(shown),
                    "give it by name: {" + std::string(name) + " = …}");
    }
    return found->second;
}

const Value& positional(std::size_t index, std::string_view shown, const Arguments& arguments) {
    if (index >= arguments.positional.size()) {
        throw Error(ErrorCode::Lua,
                    "no value is given for " + std::string(shown) + ": there are " +
                        std::to_string(arguments.positional.size()),
                    "give one value after the statement for each parameter");
    }
    return arguments.positional[index];
}

// The name given for :"name".
const std::string& identifier_for(const Token& token, const Arguments& arguments) {
    const std::string name = undoubled(token.text.substr(2, token.text.size() - 3));
    const Value& value = named(name, token.text, arguments);
    const auto* identifier = value.find<std::string>();
    if (identifier != nullptr) return *identifier;
    throw Error(ErrorCode::Lua,
                "the identifier " + std::string(token.text) + " is a " + std::string(value.kind()),
                "give the name of a table or column as a string");
}

}  // namespace

std::string with_identifiers(const ScriptStatement& statement, const Arguments& arguments,
                             Dialect dialect) {
    std::string text;
    const char* from = statement.text.data();
    for (const Token& token : statement.tokens) {
        if (token.kind != Token::Kind::NameParameter) continue;
        text.append(from, token.text.data());
        text += quoted_identifier(identifier_for(token, arguments), dialect);
        from = token.text.data() + token.text.size();
    }
    text.append(from, statement.text.data() + statement.text.size());
    return text;
}

NumberedStatement numbered(const ScriptStatement& statement, const Arguments& arguments) {
    NumberedStatement made;
    std::map<std::string_view, std::size_t> numbers;
    const char* from = statement.text.data();
    for (const Token& token : statement.tokens) {
        const bool name = token.kind == Token::Kind::NameParameter;
        if (!name && token.kind != Token::Kind::Parameter) continue;
        made.text.append(from, token.text.data());
        from = token.text.data() + token.text.size();
        if (name) {
            made.text += quoted_identifier(identifier_for(token, arguments), Dialect::Postgres);
            continue;
        }
        const auto [known, is_new] = numbers.emplace(token.text, numbers.size() + 1);
        if (is_new) made.values.push_back(&argument_for(token.text, 0, arguments));
        made.text += '$' + std::to_string(known->second);
    }
    made.text.append(from, statement.text.data() + statement.text.size());
    return made;
}

const Value& argument_for(std::string_view parameter, std::size_t bare_index,
                          const Arguments& arguments) {
    if (parameter.empty() || parameter == "?") return positional(bare_index, "?", arguments);
    const std::string_view rest = parameter.substr(1);
    const bool may_count = parameter[0] == '$' || parameter[0] == '?';
    std::size_t number = 0;
    const auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (may_count && failed == std::errc() && end == rest.data() + rest.size()) {
        // ?0 does not exist; positional() says so for the largest number.
        return positional(number - 1, parameter, arguments);
    }
    return named(rest, parameter, arguments);
}

std::string quoted_identifier(std::string_view name, Dialect dialect) {
    if (name.empty() || name.find('\0') != std::string_view::npos) {
        throw Error(ErrorCode::Lua, "an identifier is empty or holds a NUL",
                    "give the name of a table or column");
    }
    const char quote = dialect == Dialect::Sqlite ? '`' : '"';
    std::string quoted(1, quote);
    for (const char c : name) {
        if (c == quote) quoted += quote;
        quoted += c;
    }
    return quoted + quote;
}

}  // namespace drydock::sql
