#include "engine/cli/action_words.h"

#include "engine/cli/step_words.h"
#include "engine/cli/text.h"
#include "engine/runbook/declaration.h"
#include "engine/runbook/effect.h"

namespace drydock::cli {
namespace {

const Value kNoParams{Value::Map{}};

std::string declaration_words(const runbook::Declaration& declared) {
    std::string words(runbook::type_name(declared.type));
    if (declared.of) words += " of " + std::string(runbook::type_name(declared.of->type));
    if (declared.default_value)
        words += ", default " + words_of(*declared.default_value, kNoParams);
    if (!declared.allowed.empty()) {
        words += ", one of";
        for (const runbook::Node& node : declared.allowed) words += " " + words_of(node, kNoParams);
    }
    if (!declared.description.empty()) words += ": " + declared.description;
    return words;
}

Value::Map to_map(const runbook::Declarations& declarations) {
    Value::Map map;
    for (const auto& [name, declared] : declarations)
        map.emplace(name, declaration_words(declared));
    return map;
}

// Something of the declared type, as it may stand in a flow map.
std::string placeholder(const std::string& name, const runbook::Declaration& declared) {
    if (!declared.allowed.empty()) return words_of(declared.allowed.front(), kNoParams);
    switch (declared.type) {
        case runbook::Type::Connection: return "app";
        case runbook::Type::Path: return "/srv/app/" + name;
        case runbook::Type::Source: return "./" + name;
        case runbook::Type::Sql: return "select 1";
        case runbook::Type::Integer:
        case runbook::Type::Number: return declared.min ? words_of(*declared.min, kNoParams) : "1";
        case runbook::Type::Boolean: return "true";
        case runbook::Type::Duration: return "30s";
        case runbook::Type::Size: return "1MiB";
        case runbook::Type::Timestamp: return "2026-11-21T02:00:00Z";
        case runbook::Type::Secret: return "\"${secrets.token}\"";
        case runbook::Type::List:
            return "[" + (declared.of ? placeholder(name, *declared.of) : "one") + "]";
        case runbook::Type::Map: break;
        default: return name;
    }
    std::string map;
    for (const auto& [field, one] : declared.fields) {
        if (!one.default_value)
            map += (map.empty() ? "" : ", ") + field + ": " + placeholder(field, one);
    }
    return "{" + map + "}";
}

void print_declarations(Output& output, std::string_view title,
                        const runbook::Declarations& declarations) {
    if (declarations.empty()) return;
    output.line("  " + std::string(title) + ":");
    std::size_t widest = 0;
    for (const auto& [name, declared] : declarations) widest = std::max(widest, columns(name));
    for (const auto& [name, declared] : declarations) {
        for (const std::string& line : wrapped("    " + padded(name, widest) + "  ",
                                               declaration_words(declared), output.width()))
            output.line(line);
    }
}

}  // namespace

runbook::Module load_module(Assembly& assembly, const std::string& name) {
    const auto found = assembly.modules().find(name, {});
    if (!found) {
        const std::string near = runbook::did_you_mean(name, assembly.modules().names());
        throw Error(ErrorCode::NotFound, "there is no module " + name,
                    near.empty() ? "drydock actions lists them" : "did you mean " + near + "?");
    }
    auto loaded = assembly.inspector().module(name, found->text);
    if (auto* module = std::get_if<runbook::Module>(&loaded)) {
        module->path = found->path;
        return std::move(*module);
    }
    const auto& problem = std::get<std::vector<runbook::ScriptProblem>>(loaded).front();
    throw Error(ErrorCode::Document,
                found->path + ":" + std::to_string(problem.line) + ": " + problem.message,
                problem.hint);
}

std::string if_killed(const runbook::Action& action) {
    if (action.effect == runbook::Effect::Transaction) return "receipt";
    if (action.effect == runbook::Effect::Read || action.idempotent) return "again";
    return action.has_probe ? "probe" : "asks";
}

std::vector<std::string> example_of(const std::string& name, const runbook::Action& action) {
    std::vector<std::string> lines{"- id: " + action.name, "  uses: " + name};
    std::string with;
    for (const auto& [param, declared] : action.params) {
        if (!declared.default_value)
            with += (with.empty() ? "" : ", ") + param + ": " + placeholder(param, declared);
    }
    if (!with.empty()) lines.push_back("  with: {" + with + "}");
    return lines;
}

void explain(Output& output, const std::string& name, const runbook::Action& action) {
    for (const std::string& line : wrapped(name + "  ", action.summary, output.width()))
        output.line(line);
    std::string facts = "effect: " + std::string(runbook::effect_name(action.effect));
    if (action.idempotent) facts += ", idempotent";
    facts += "; if killed: " + if_killed(action) + "; undo: " + (action.has_undo ? "yes" : "no");
    if (action.has_undo && action.undo_idempotent && !action.idempotent)
        facts += ", may be repeated";
    output.line("  " + facts);
    for (const std::string& command : action.needs_commands)
        output.line("  needs the program " + command);
    print_declarations(output, "with", action.params);
    print_declarations(output, "returns", action.returns);
    output.line("  for example:");
    for (const std::string& line : example_of(name, action)) output.line("    " + line);
}

Value::Map to_map(const std::string& name, const runbook::Action& action) {
    std::string example;
    for (const std::string& line : example_of(name, action)) example += line + "\n";
    return {{"action", name},
            {"summary", action.summary},
            {"effect", runbook::effect_name(action.effect)},
            {"idempotent", action.idempotent},
            {"probe", action.has_probe},
            {"undo", action.has_undo},
            {"undo_idempotent", action.has_undo && action.undo_idempotent},
            {"params", to_map(action.params)},
            {"returns", to_map(action.returns)},
            {"example", example}};
}

}  // namespace drydock::cli
