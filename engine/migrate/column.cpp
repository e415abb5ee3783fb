#include <algorithm>
#include <array>
#include <charconv>

#include "engine/migrate/deed.h"

namespace drydock::migrate {
namespace {

constexpr std::array<std::string_view, 16> kAfterType{
    "not",   "null",       "default",   "primary", "unique", "references",  "check", "constraint",
    "generated", "collate", "using",    "storage", "compression", "as", "deferrable", "on"};

struct Alias {
    std::string_view written;
    std::string_view name;
};
constexpr std::array kAliases{
    Alias{"character varying", "varchar"}, Alias{"char varying", "varchar"},
    Alias{"character", "char"},            Alias{"bpchar", "char"},
    Alias{"int", "integer"},               Alias{"int4", "integer"},
    Alias{"int8", "bigint"},               Alias{"int2", "smallint"},
    Alias{"decimal", "numeric"},           Alias{"bool", "boolean"},
    Alias{"serial4", "serial"},            Alias{"serial8", "bigserial"},
    Alias{"timestamp with time zone", "timestamptz"},
    Alias{"timestamp without time zone", "timestamp"},
    Alias{"bit varying", "varbit"},
};

bool ends_type(const TokenWalk& walk) {
    return std::ranges::any_of(kAfterType, [&](std::string_view word) { return walk.at(word); });
}

// Where the default ends: at the next thing that can be said of a column.
Tokens take_default(TokenWalk& walk) {
    const Tokens from = walk.rest();
    const std::size_t begin = walk.position();
    constexpr std::array<std::string_view, 9> kAfter{"not",   "null",       "primary",
                                                     "unique", "references", "check",
                                                     "constraint", "generated", "collate"};
    if (!walk.at_end()) walk.skip();
    while (!walk.at_end() && std::ranges::none_of(kAfter, [&](auto word) { return walk.at(word); }))
        walk.skip();
    const Tokens found = from.first(walk.position() - begin);
    return found.size() == 1 && found.front().is("null") ? Tokens{} : found;
}

void take_property(TokenWalk& walk, Column& column) {
    if (walk.take("not", "null")) {
        column.not_null = true;
    } else if (walk.take("unique")) {
        column.unique = true;
    } else if (walk.take("primary", "key")) {
        column.primary_key = true;
    } else if (walk.take("references")) {
        column.references = true;
    } else if (walk.take("check")) {
        column.check = true;
    } else if (walk.take("default")) {
        column.fallback = take_default(walk);
    } else if (walk.take("identity")) {
        column.identity = true;
    } else if (walk.take("stored")) {
        column.stored = true;
    } else if (walk.take("on")) {  // on delete set null, set default
        walk.skip();
        if (walk.take("set")) walk.skip();
    } else {
        walk.skip();
    }
}

// x of `check (x is not null)`.
std::string never_null(Tokens check) {
    TokenWalk walk(check);
    while (walk.at_symbol('(')) {
        check = walk.take_parentheses();
        if (!walk.at_end()) return {};
        walk = TokenWalk(check);
    }
    if (walk.at_end()) return {};
    std::string name = folded(walk.token());
    walk.skip();
    return walk.take("is", "not", "null") && walk.at_end() ? name : std::string();
}

}  // namespace

ColumnType take_type(TokenWalk& walk) {
    ColumnType type;
    while (!walk.at_end() && !ends_type(walk)) {
        if (walk.at_symbol('(')) {
            for (const sql::Token& one : walk.take_parentheses()) {
                int size = 0;
                const char* const end = one.text.data() + one.text.size();
                if (std::from_chars(one.text.data(), end, size).ec == std::errc())
                    type.sizes.push_back(size);
            }
        } else if (walk.at_symbol('[') || walk.at("array")) {
            type.array = true;
            walk.skip();
        } else if (walk.at_symbol(']') || walk.at_symbol(',')) {
            walk.skip();
        } else {
            if (!type.name.empty() && !walk.at_symbol('.') && !type.name.ends_with('.'))
                type.name += ' ';
            // "char" is not char(1): it is one byte, and the catalog's own.
            const bool own = walk.token().text == "\"char\"";
            type.name += own ? std::string(walk.token().text) : folded(walk.token());
            walk.skip();
        }
    }
    if (type.name.starts_with("pg_catalog.")) type.name.erase(0, 11);
    const auto* const alias = std::ranges::find(kAliases, type.name, &Alias::written);
    if (alias != kAliases.end()) type.name = alias->name;
    return type;
}

Column column_of(Tokens tokens) {
    TokenWalk walk(tokens);
    Column column{.at = &tokens.front(), .name = folded(walk.token())};
    walk.skip();
    column.type = take_type(walk);
    while (!walk.at_end()) take_property(walk, column);
    return column;
}

bool begins_constraint(TokenWalk walk) {
    if (walk.take("constraint")) return true;
    return walk.take("primary", "key") || walk.take("foreign", "key") ||
           ((walk.take("unique") || walk.take("check")) &&
            (walk.at_symbol('(') || walk.at("using") || walk.at("nulls"))) ||
           (walk.take("exclude") && (walk.at("using") || walk.at_symbol('(')));
}

Constraint constraint_of(Tokens tokens) {
    using Kind = Constraint::Kind;
    TokenWalk walk(tokens);
    Constraint constraint{.at = &tokens.front()};
    if (walk.take("constraint")) constraint.name = walk.take_name();
    if (walk.take("primary", "key")) {
        constraint.kind = Kind::PrimaryKey;
    } else if (walk.take("foreign", "key")) {
        constraint.kind = Kind::ForeignKey;
        walk.skip();
        if (walk.take("references")) constraint.references = walk.take_name();
    } else if (walk.take("unique")) {
        constraint.kind = Kind::Unique;
    } else if (walk.take("exclude")) {
        constraint.kind = Kind::Exclude;
    } else if (walk.take("not", "null")) {
        constraint.kind = Kind::NotNull;
        constraint.never_null = walk.take_name();
    } else if (walk.take("check")) {
        constraint.never_null = never_null(walk.take_parentheses());
    }
    constraint.using_index = constraint.kind != Kind::Exclude && walk.take("using", "index");
    while (!walk.at_end() && !constraint.not_valid) {
        constraint.not_valid = walk.take("not", "valid");
        if (!constraint.not_valid) walk.skip();
    }
    return constraint;
}

}  // namespace drydock::migrate
