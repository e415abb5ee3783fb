#include "engine/handbook/form.h"

#include <algorithm>

#include "engine/check.h"

namespace drydock::handbook {
namespace {

// A text is written with or without quotes; a number or a truth value there is read as its text.
constexpr std::string_view kText = R"({"type":["string","number","boolean"]})";
// Where a duration, a number or a truth value may be computed, a template stands for it.
#define DRYDOCK_OR_TEMPLATE(schema) \
    R"({"anyOf":[)" schema R"(,{"type":"string","pattern":"\\$\\{"}]})"
#define DRYDOCK_DURATION R"({"type":"string","pattern":"^([0-9]+(\\.[0-9]+)?(us|ms|s|m|h|d|w))+$"})"

constexpr Shape kShapes[] = {
    {"text", "a text", kText},
    {"words", "a text, which may hold ${…}", kText},
    {"lua", "Lua; write it with |", kText},
    {"expression", "a Lua expression, without ${}",
     R"({"type":["string","number","boolean"],"not":{"type":"string","pattern":"\\$\\{"}})"},
    {"runbook_name", "a name: small letters, digits and -",
     R"({"type":"string","pattern":"^[a-z][a-z0-9-]{0,63}$"})"},
    {"step_name", "a name: small letters, digits and _",
     R"({"type":"string","pattern":"^[a-z][a-z0-9_]{0,63}$"})"},
    {"action_name", "module.action, or ./file.action",
     R"({"type":"string","pattern":"^(?!.*\\$\\{).+\\.[^.]+$"})"},
    {"words_list", "a list of texts", R"({"type":"array","minItems":1})"},
    {"exit_status", "a number from 0 to 255", R"({"type":"integer","minimum":0,"maximum":255})"},
    {"http_status", "a number from 100 to 599",
     R"({"type":"integer","minimum":100,"maximum":599})"},
    {"length", "a duration (50ms, 30s, 1h30m, 90d)", DRYDOCK_DURATION},
    {"request", "a method and an address: GET http://host/**",
     R"({"type":"string","pattern":"^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|\\*) "})"},
    {"signs", "all, a number, or a list of numbers",
     R"({"anyOf":[{"const":"all"},{"type":"integer"},)"
     R"({"type":"array","items":{"type":"integer"}}]})"},
    {"flag", "true or false", R"({"type":"boolean"})"},
    {"boolean", "true or false, or ${…}", DRYDOCK_OR_TEMPLATE(R"({"type":"boolean"})")},
    {"integer", "a whole number, or ${…}", DRYDOCK_OR_TEMPLATE(R"({"type":"integer"})")},
    {"people", "a number from 1 to 100", R"({"type":"integer","minimum":1,"maximum":100})"},
    {"duration", "a duration (50ms, 30s, 1h30m, 90d), or ${…}",
     DRYDOCK_OR_TEMPLATE(DRYDOCK_DURATION)},
    {"wait", "a duration (1h), a timestamp (2026-11-21T02:00:00Z), or ${…}",
     R"({"type":"string","pattern":"\\$\\{|^[0-9]"})"},
    {"opening", "\"Sun 02:00\", or \"02:00\" for every day",
     R"({"type":"string","pattern":)"
     R"("^((Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?([01][0-9]|2[0-3]):[0-5][0-9]$"})"},
    {"list_or_template", "a list, or one ${…} that gives one",
     R"({"anyOf":[{"type":"array"},{"type":"string","pattern":"^\\$\\{[\\s\\S]*\\}$"}]})"},
    {"scalar", "a value of the declared type", kText},
    {"values", "a list of values", R"({"type":"array","minItems":1})"},
    {"arguments", "a list: the program and its arguments",
     DRYDOCK_OR_TEMPLATE(R"({"type":"array","minItems":1})")},
    {"nothing", "null", R"({"type":"null"})"},
    {"value", "a value, which may hold ${…}", "true"},
    {"type", "the name of a type",
     R"({"enum":["string","integer","number","boolean","duration","size","timestamp","path",)"
     R"("source","connection","list","map","sql","any"]})"},
    {"journal", "sqlite:PATH",
     R"({"type":"string","pattern":"^(postgres(ql)?://.*|sqlite:.+|[^:]+)$"})"},
};
#undef DRYDOCK_OR_TEMPLATE
#undef DRYDOCK_DURATION

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

bool take(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) return false;
    text.remove_prefix(word.size());
    return true;
}

Form read_alternative(std::string_view text) {
    CHECK(!text.empty());
    if (text.front() == '\'')
        return {.kind = Form::Kind::Word, .name = text.substr(1, text.size() - 2)};
    const auto* shape = std::ranges::find(kShapes, text, &Shape::name);
    if (shape == std::end(kShapes)) return {.kind = Form::Kind::Table, .name = text};
    return {.kind = Form::Kind::Shape, .name = text, .shape = shape};
}

}  // namespace

// `list of` and `map of` take everything to their right.
Form read_form(std::string_view text) {
    text = trimmed(text);
    if (take(text, "list of ")) return {.kind = Form::Kind::List, .inner = {read_form(text)}};
    if (take(text, "map of ")) return {.kind = Form::Kind::Map, .inner = {read_form(text)}};
    if (text.find('|') == std::string_view::npos) return read_alternative(text);
    Form form{.kind = Form::Kind::OneOf};
    while (!text.empty()) {
        text = trimmed(text);
        if (text.starts_with("list of ") || text.starts_with("map of ")) {
            form.inner.push_back(read_form(text));
            break;
        }
        const std::size_t bar = std::min(text.find('|'), text.size());
        form.inner.push_back(read_alternative(trimmed(text.substr(0, bar))));
        text.remove_prefix(std::min(bar + 1, text.size()));
    }
    return form;
}

std::string in_words(const Form& form) {
    switch (form.kind) {
        case Form::Kind::Shape: return std::string(form.shape->words);
        case Form::Kind::Table: return "the keys of `" + std::string(form.name) + "`";
        case Form::Kind::Word: return std::string(form.name);
        case Form::Kind::List: return "a list, each: " + in_words(form.inner.front());
        case Form::Kind::Map: return "a map, each name: " + in_words(form.inner.front());
        case Form::Kind::OneOf: break;
    }
    std::string words;
    for (std::size_t i = 0; i < form.inner.size(); ++i) {
        if (i > 0) words += i + 1 == form.inner.size() ? " or " : ", ";
        words += in_words(form.inner[i]);
    }
    return words;
}

std::vector<std::string_view> tables_in(const Form& form) {
    std::vector<std::string_view> found;
    if (form.kind == Form::Kind::Table) found.push_back(form.name);
    for (const Form& inner : form.inner) {
        for (const std::string_view name : tables_in(inner)) found.push_back(name);
    }
    return found;
}

}  // namespace drydock::handbook
