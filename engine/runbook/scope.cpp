#include "engine/runbook/scope.h"

#include <algorithm>
#include <array>

#include "engine/runbook/declaration.h"
#include "engine/runbook/fields.h"
#include "engine/runbook/template.h"

namespace drydock::runbook {
namespace {

// What expressions may name: values of the run and pure functions, no primitive.
const std::vector<std::string>& expression_globals() {
    static const std::vector<std::string> kNames{
        "duration", "index",  "ipairs", "item", "json",     "math",     "next",
        "null",     "pairs",  "params", "run",  "secrets",  "select",   "size",
        "steps",    "string", "table",  "time", "tonumber", "tostring", "type"};
    return kNames;
}
const std::vector<std::string>& reserved_fields() {
    static const std::vector<std::string> kNames{"status", "error", "seconds", "started", "items"};
    return kNames;
}
const std::vector<std::string>& run_fields() {
    static const std::vector<std::string> kNames{"id",         "short",   "starter", "environment",
                                                 "production", "started", "status"};
    return kNames;
}

template <class Named>
std::vector<std::string> keys(const std::vector<std::pair<std::string, Named>>& pairs) {
    std::vector<std::string> names;
    for (const auto& [name, value] : pairs) names.push_back(name);
    return names;
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string dotted(const std::vector<std::string>& path, std::size_t parts) {
    std::string text = path[0];
    for (std::size_t i = 1; i < std::min(parts, path.size()); ++i) text += "." + path[i];
    return text;
}

}  // namespace

NameChecker::NameChecker(const Bundle& bundle, ScriptInspector& inspector, Report& report)
    : bundle_(bundle), inspector_(inspector), report_(report) {
    for (const Step& step : bundle.runbook.steps) steps_.push_back(&step);
    for (const Step& step : bundle.runbook.finally) steps_.push_back(&step);
    for (std::size_t i = 0; i < steps_.size(); ++i) positions_.emplace(steps_[i]->id, i);
}

void NameChecker::expression(const Expression& expression, const Scope& scope) {
    const auto inspected = inspector_.expression(expression.text);
    if (const auto* problem = std::get_if<ScriptProblem>(&inspected)) {
        report_.add(place_in(expression.text, expression.place, false, problem->line, ""),
                    problem->message, problem->hint);
        return;
    }
    names(std::get<ScriptFacts>(inspected), {expression.text, expression.place, false}, scope);
}

std::optional<ScriptFacts> NameChecker::chunk(const LuaBody& body, const Scope& scope) {
    auto inspected = inspector_.chunk(body.text);
    if (const auto* problem = std::get_if<ScriptProblem>(&inspected)) {
        report_.add(place_in(body.text, body.place, true, problem->line, ""), problem->message,
                    problem->hint);
        return std::nullopt;
    }
    auto& facts = std::get<ScriptFacts>(inspected);
    names(facts, {body.text, body.place, true}, scope);
    return std::move(facts);
}

void NameChecker::connection(std::string_view name, Place place, std::size_t visible_steps) {
    known("connection", std::string(name), keys(bundle_.runbook.connections), place);
    not_before("the connection `" + std::string(name) + "`", connection_from(name), place,
               visible_steps);
}

Place NameChecker::place_in(std::string_view text, Place start, bool block, int line,
                            std::string_view word) {
    std::size_t begin = 0;
    for (int i = 1; i < line; ++i) {
        const std::size_t end = text.find('\n', begin);
        if (end == std::string_view::npos) break;
        begin = end + 1;
    }
    const std::string_view shown = text.substr(begin, text.find('\n', begin) - begin);
    std::size_t at = word.empty() ? std::string_view::npos : shown.find(word);
    if (at == std::string_view::npos) at = std::min(shown.find_first_not_of(' '), shown.size());
    const auto lines = static_cast<std::uint32_t>(
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
    const std::uint32_t base = lines == 0 || block ? start.column : 1;
    return {start.file, start.line + lines, base + static_cast<std::uint32_t>(at)};
}

void NameChecker::names(const ScriptFacts& facts, const Text& text, const Scope& scope) {
    for (const ScriptFacts::Name& found : facts.reads) name(found, text, scope);
    for (const ScriptFacts::Name& found : facts.calls) name(found, text, scope);
    for (const ScriptFacts::Name& found : facts.writes) {
        const Place place = place_in(text.text, text.start, text.block, found.line, found.path[0]);
        report_.add(place, "`" + found.path[0] + "` is not declared: a script sets no globals",
                    "write local " + found.path[0] + " = …");
    }
}

void NameChecker::name(const ScriptFacts::Name& found, const Text& text, const Scope& scope) {
    const Runbook& runbook = bundle_.runbook;
    const std::string& root = found.path[0];
    if (root == "?") return;  // a method of something that has no name
    const Place place =
        place_in(text.text, text.start, text.block, found.line, dotted(found.path, 2));
    const bool has_member =
        found.path.size() > 1 && found.path[1] != "?";  // "?": computed at run time
    if ((root == "item" || root == "index") && !scope.in_foreach) {
        report_.add(place, "`" + root + "` exists in steps with `foreach` only",
                    "add foreach: to the step, or name a param");
    } else if (root == "steps" && has_member) {
        step_name(found, place, scope);
    } else if (root == "params" && has_member) {
        known("param", found.path[1], names_of(runbook.params), place);
    } else if (root == "run" && has_member) {
        known("field of run", found.path[1], run_fields(), place);
    } else if (root == "secrets") {
        secret(found, place, scope);
    } else if (root == "connections" && scope.kind != Scope::Kind::Template) {
        if (has_member) connection(found.path[1], place, scope.visible_steps);
    } else {
        global(root, place, scope);
    }
}

void NameChecker::step_name(const ScriptFacts::Name& found, Place place, const Scope& scope) {
    const std::string& id = found.path[1];
    const auto position = positions_.find(id);
    if (position == positions_.end()) {
        std::vector<std::string> ids;
        for (const Step* step : steps_) ids.push_back(step->id);
        return known("step", id, ids, place);
    }
    if (position->second >= scope.visible_steps) {
        report_.add(place, "the step `" + id + "` has not run yet at this place",
                    "only earlier steps may be named: move one of the two");
        return;
    }
    if (found.path.size() > 2 && found.path[2] != "?")
        step_field(*steps_[position->second], found.path[2], place);
}

void NameChecker::step_field(const Step& step, const std::string& field, Place place) {
    if (contains(reserved_fields(), field)) return;
    const auto fields = fields_of(step);
    if (!fields || contains(*fields, field)) return;
    if (step.foreach) {
        report_.add(
            place,
            "the step `" + step.id + "` is repeated: it has no field `" + field + "` of its own",
            "read steps." + step.id + ".items, one output for each item");
        return;
    }
    std::vector<std::string> all = *fields;
    all.insert(all.end(), reserved_fields().begin(), reserved_fields().end());
    const bool lua = std::holds_alternative<LuaBody>(step.body);
    report_.add(
        place, "the step `" + step.id + "` has no field `" + field + "`",
        nearest_hint(field, all,
                     lua ? "declare what the step returns: returns: {" + field + ": string}" : ""));
}

const Declarations* NameChecker::returns_of(const Step& step) const {
    if (const auto* gate = std::get_if<Gate>(&step.body)) return &gate->form;
    if (const auto* call = std::get_if<ActionCall>(&step.body)) {
        const Action* action = bundle_.find_action(call->action);
        return action == nullptr ? nullptr : &action->returns;
    }
    return &step.returns;
}

std::optional<std::vector<std::string>> NameChecker::fields_of(const Step& step) const {
    if (step.foreach) return std::vector<std::string>();
    const Declarations* returns = returns_of(step);
    if (returns == nullptr) return std::nullopt;
    std::vector<std::string> fields = names_of(*returns);
    if (std::holds_alternative<Gate>(step.body)) fields.insert(fields.end(), {"by", "at"});
    return fields;
}

void NameChecker::secret(const ScriptFacts::Name& found, Place place, const Scope& scope) {
    if (!scope.secrets) {
        report_.add(place, "a secret may not go here",
                    "secrets go to connections and to parameters of type secret; in Lua to the "
                    "places of the handbook's list");
        return;
    }
    if (found.path.size() < 2 || found.path[1] == "?") return;
    known("secret", found.path[1], keys(bundle_.runbook.secrets), place);
    not_before("the secret `" + found.path[1] + "`", secret_from(found.path[1]), place,
               scope.visible_steps);
}

void NameChecker::global(const std::string& found, Place place, const Scope& scope) {
    std::vector<std::string> names =
        scope.kind == Scope::Kind::Template ? expression_globals() : inspector_.globals();
    if (scope.kind == Scope::Kind::SideChunk) names.insert(names.end(), {"output", "recorded"});
    if (contains(names, found)) return;
    if (scope.kind == Scope::Kind::Template && contains(inspector_.globals(), found)) {
        report_.add(place, "`" + found + "` cannot be used in an expression",
                    "do it in a step, and use what the step returns");
        return;
    }
    report_.add(place, "there is no `" + found + "` here",
                nearest_hint(found, names, "a name of your own is made with local"));
}

void NameChecker::known(std::string_view what, const std::string& word,
                        const std::vector<std::string>& words, Place place) {
    if (contains(words, word)) return;
    report_.add(place, "there is no " + std::string(what) + " `" + word + "`",
                nearest_hint(word, words, ""));
}

void NameChecker::not_before(std::string_view what, std::size_t from, Place place,
                             std::size_t visible_steps) {
    if (from <= visible_steps) return;
    report_.add(
        place,
        std::string(what) + " does not exist yet: it needs the step `" + steps_[from - 1]->id + "`",
        "use it in steps after `" + steps_[from - 1]->id + "`");
}

// A circle of secrets and connections cannot be: secrets name no secrets.
std::size_t NameChecker::secret_from(std::string_view name) {
    const auto known_from = secrets_from_.find(name);
    if (known_from != secrets_from_.end()) return known_from->second;
    std::size_t from = 0;
    for (const auto& [key, source] : bundle_.runbook.secrets) {
        if (key != name) continue;
        secrets_from_.emplace(key, 0);
        from = from_of(source.source);
        secrets_from_[key] = from;
    }
    return from;
}

std::size_t NameChecker::connection_from(std::string_view name) {
    const auto known_from = connections_from_.find(name);
    if (known_from != connections_from_.end()) return known_from->second;
    std::size_t from = 0;
    for (const auto& [key, connection] : bundle_.runbook.connections) {
        if (key != name) continue;
        for (const auto& [setting, node] : connection.settings)
            from = std::max(from, from_of(node));
        connections_from_.emplace(key, from);
    }
    return from;
}

std::size_t NameChecker::from_of(const Node& node) {
    std::size_t from = 0;
    for_each_expression(node, [&](const Expression& expression) {
        const auto inspected = inspector_.expression(expression.text);
        const auto* facts = std::get_if<ScriptFacts>(&inspected);
        if (facts == nullptr) return;
        for (const ScriptFacts::Name& found : facts->reads) {
            if (found.path.size() < 2) continue;
            const auto position = positions_.find(found.path[1]);
            if (found.path[0] == "steps" && position != positions_.end())
                from = std::max(from, position->second + 1);
            if (found.path[0] == "secrets") from = std::max(from, secret_from(found.path[1]));
        }
    });
    return from;
}

}  // namespace drydock::runbook
