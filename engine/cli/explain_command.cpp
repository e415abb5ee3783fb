// explain: what a word means, of whatever kind it is.

#include <algorithm>

#include "engine/cli/action_words.h"
#include "engine/cli/commands.h"
#include "engine/cli/text.h"
#include "engine/handbook/word.h"
#include "engine/runbook/diagnostic.h"
#include "runbooks/shipped.h"

namespace drydock::cli {
namespace {

using handbook::Word;

std::string kind_of(const Word& word) {
    if (word.topic == "key")
        return "key of `" + word.of + "`" + (word.required ? ", required" : "");
    if (word.topic == "status") return "status of a " + word.of;
    if (word.topic == "error") return "kind of an error";
    if (word.topic == "exit") return "exit status";
    return word.topic;
}

Value::Map facts_of(const Word& word) {
    Value::List keys(word.inner.begin(), word.inner.end());
    return {{"topic", word.topic}, {"word", word.name},        {"of", word.of},
            {"form", word.form},   {"text", word.text},        {"example", word.example},
            {"keys", keys},        {"required", word.required}};
}

void print_items(Output& output, const std::string& lead, const std::vector<std::string>& items) {
    for (const std::string& line : laid_out(lead, items, " ", output.width())) output.line(line);
}

void print_wrapped(Output& output, const std::string& lead, const std::string& text) {
    for (const std::string& line : wrapped(lead, text, output.width())) output.line(line);
}

// "retry.times", "retry.for", …: one paragraph for each place.
void print_inner(Output& output, const std::vector<std::string>& inner) {
    for (std::size_t i = 0; i < inner.size();) {
        const std::string place = inner[i].substr(0, inner[i].find('.'));
        std::vector<std::string> names;
        for (; i < inner.size() && inner[i].starts_with(place + "."); ++i)
            names.push_back(inner[i].substr(place.size() + 1));
        print_items(output, "  keys of " + place + ": ", names);
    }
}

void explain(Output& output, const Word& word) {
    output.line(output.styled(Style::Bold, word.name) + "  " + kind_of(word));
    if (!word.form.empty()) print_wrapped(output, "  ", word.form);
    print_wrapped(output, "  ", word.text);
    print_inner(output, word.inner);
    if (word.example.empty()) return;
    output.line("  for example:");
    for (const std::string& line : lines_in(word.example)) output.line("    " + line);
}

// What stands at the head of a list of words.
std::string heading_of(const Word& word) {
    if (word.topic == "key" || word.topic == "status")
        return (word.topic == "key" ? "keys of " : "status of ") + word.of;
    if (word.topic == "exit") return "exit status";
    return word.topic + "s";
}

void print_overview(Assembly& assembly) {
    Output& output = assembly.output();
    const std::vector<Word>& all = handbook::words();
    for (std::size_t i = 0; i < all.size();) {
        const std::string heading = heading_of(all[i]);
        std::vector<std::string> names;
        for (; i < all.size() && heading_of(all[i]) == heading; ++i) names.push_back(all[i].name);
        print_items(output, padded(heading, 22), names);
    }
    print_items(output, padded("actions of", 22), assembly.modules().names());
    print_wrapped(output, "",
                  "drydock explain WORD says more; PLACE.KEY means one of several: step.timeout.");
}

// The actions of that name: one, all of a module, or none.
bool explain_actions(Assembly& assembly, const std::string& name) {
    const std::size_t dot = name.rfind('.');
    const std::string module_name = name.substr(0, dot);
    if (!assembly.modules().find(module_name, {})) return false;
    const runbook::Module module = load_module(assembly, module_name);
    bool found = false;
    for (const auto& [short_name, action] : module.actions) {
        if (dot != std::string::npos && short_name != name.substr(dot + 1)) continue;
        const std::string full = module_name + "." + short_name;
        if (assembly.output().json())
            assembly.output().json_line(to_map(full, action));
        else if (dot != std::string::npos)
            explain(assembly.output(), full, action);
        else
            print_wrapped(assembly.output(), full + "  ", action.summary);
        found = true;
    }
    return found;
}

[[noreturn]] void refuse(Assembly& assembly, const std::string& name) {
    std::vector<std::string> candidates = handbook::word_names();
    for (const std::string& module_name : assembly.modules().names()) {
        candidates.push_back(module_name);
        for (const auto& [short_name, action] : load_module(assembly, module_name).actions)
            candidates.push_back(module_name + "." + short_name);
    }
    const std::string near = runbook::did_you_mean(name, candidates);
    throw Error(ErrorCode::NotFound, "there is no word " + name,
                near.empty() ? "drydock explain lists all of them" : "did you mean " + near + "?");
}

}  // namespace

int explain_command(Assembly& assembly, const Arguments& arguments) {
    Output& output = assembly.output();
    if (arguments.subjects.empty()) {
        if (!output.json())
            print_overview(assembly);
        else
            for (const Word& word : handbook::words()) output.json_line(facts_of(word));
        return 0;
    }
    const std::string& name = arguments.subjects.front();
    const std::vector<const Word*> found = handbook::find_words(name);
    for (const Word* word : found) {
        if (output.json())
            output.json_line(facts_of(*word));
        else
            explain(output, *word);
    }
    const std::vector<const Word*> keys = handbook::keys_of(name);
    if (!keys.empty() && !output.json()) {
        Table table{.head = {"keys of " + name, "what it does"}, .rows = {}, .flexible = 1};
        for (const Word* word : keys) table.rows.push_back({word->name, word->text});
        for (const std::string& line : lines_of(table, output.width())) output.line(line);
    }
    // A word of ours is explained also where drydock.yaml cannot be read.
    const bool shipped = std::ranges::any_of(
        runbooks::shipped_modules(), [&](const auto& module) { return module.name == name; });
    if (!(found.empty() && keys.empty()) && !shipped) return 0;
    if (!explain_actions(assembly, name) && found.empty() && keys.empty()) refuse(assembly, name);
    return 0;
}

}  // namespace drydock::cli
