#include "engine/cli/step_words.h"

#include "engine/run/ids.h"

namespace drydock::cli {
namespace {

std::string trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

std::string expression_words(const runbook::Expression& expression, const Value& params) {
    const std::string text = trimmed(expression.text);
    constexpr std::string_view kParams = "params.";
    if (text.starts_with(kParams)) {
        const Value* value = params.member(std::string_view(text).substr(kParams.size()));
        if (value != nullptr) return to_text(*value);
    }
    return "${" + text + "}";
}

std::string first_line(const std::string& lua) {
    const std::string text = trimmed(lua);
    return text.substr(0, text.find('\n'));
}

// The arguments that tell most: which connection, which program.
std::string call_words(const runbook::ActionCall& call, const Value& params) {
    std::string words = call.action;
    for (const auto& [name, node] : call.with) {
        if (name == "connection" || name == "path" || name == "to" || name == "argv")
            words += " " + words_of(node, params);
    }
    return words;
}

}  // namespace

std::string words_of(const runbook::Template& written, const Value& params) {
    std::string words;
    for (const auto& piece : written.pieces) {
        if (const auto* text = std::get_if<std::string>(&piece.held)) words += *text;
        else words += expression_words(std::get<runbook::Expression>(piece.held), params);
    }
    return words;
}

std::string words_of(const runbook::Node& node, const Value& params) {
    if (const auto* scalar = std::get_if<runbook::Node::Scalar>(&node.held)) return scalar->text;
    if (const auto* written = std::get_if<runbook::Template>(&node.held))
        return words_of(*written, params);
    const auto* list = std::get_if<runbook::Node::List>(&node.held);
    if (list == nullptr) return "{…}";
    std::string words;
    for (const runbook::Node& item : *list)
        words += (words.empty() ? "" : " ") + words_of(item, params);
    return words;
}

std::string title_of(const runbook::Step& step, const Value& params) {
    return step.title ? words_of(*step.title, params) : step.id;
}

std::string deed_of(const runbook::Step& step, const Value& params) {
    if (step.title) return words_of(*step.title, params);
    if (const auto* call = std::get_if<runbook::ActionCall>(&step.body))
        return call_words(*call, params);
    if (const auto* lua = std::get_if<runbook::LuaBody>(&step.body)) return first_line(lua->text);
    if (const auto* gate = std::get_if<runbook::Gate>(&step.body))
        return "gate: " + words_of(gate->prompt, params);
    return "wait " + words_of(std::get<runbook::Wait>(step.body).until, params);
}

StepPosition find_step(const runbook::Runbook& runbook, std::string_view id) {
    for (const auto* steps : {&runbook.steps, &runbook.finally}) {
        for (std::size_t i = 0; i < steps->size(); ++i) {
            if ((*steps)[i].id == id)
                return {&(*steps)[i], i + 1, steps->size(), steps == &runbook.finally};
        }
    }
    return {};
}

std::string scope_words(std::string_view scope) {
    const run::ScopeParts parts = run::split_scope(scope);
    std::string words = parts.phase == "undo" ? "undo of " + parts.step : parts.step;
    if (parts.index > 0) words += " item " + std::to_string(parts.index);
    return words;
}

}  // namespace drydock::cli
