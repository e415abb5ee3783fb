#include <algorithm>

#include "engine/runbook/convert.h"
#include "engine/runbook/declaration.h"
#include "engine/runbook/effect.h"
#include "engine/runbook/fields.h"
#include "engine/runbook/rules.h"
#include "engine/runbook/scope.h"
#include "engine/runbook/template.h"

namespace drydock::runbook {
namespace {

std::string module_of(const std::string& action) { return action.substr(0, action.rfind('.')); }

const Declaration* inner_of(const Declaration* declared, const std::string& key) {
    if (declared == nullptr || declared->type != Type::Map) return nullptr;
    const Declaration* field = find_declaration(declared->fields, key);
    return field != nullptr ? field : declared->of.get();
}

// A whole map may be handed over as well when its values may be secrets.
bool may_be_secret(const Declaration& declared) {
    return declared.type == Type::Secret ||
           (declared.of != nullptr && declared.of->type == Type::Secret);
}

}  // namespace

void ActionRules::check(const ActionCall& call, const Where& where) {
    const Action* action = input_.bundle.find_action(call.action);
    if (action == nullptr) {
        unknown_action(call);
    } else {
        for (Problem& problem : literal_problems(call, *action)) {
            report_.add(problem.place, std::move(problem.message), std::move(problem.hint));
        }
        connection_kind(call, *action);
        if (where.reading && action->effect != Effect::Read) {
            report_.add(call.place,
                        "`" + call.action + "` can change something: here only reading is allowed",
                        "use an action with the effect read");
        }
    }
    for (const auto& [name, node] : call.with) {
        const Declaration* declared =
            action == nullptr ? nullptr : find_declaration(action->params, name);
        parameter(node, declared, action != nullptr, where);
    }
}

// Each missing action once per file: ten steps that use it are one mistake.
void ActionRules::unknown_action(const ActionCall& call) {
    const std::size_t dot = call.action.rfind('.');
    if (dot == std::string::npos) return;  // no name at all: the reader said so
    if (std::find(missing_.begin(), missing_.end(), call.action) != missing_.end()) return;
    missing_.push_back(call.action);
    const std::string name = module_of(call.action);
    const auto module = input_.bundle.modules.find(name);
    if (module == input_.bundle.modules.end()) {
        const bool beside = name.starts_with("./");
        report_.add(call.place,
                    "there is no action `" + call.action + "`: no module `" + name + "` is known",
                    nearest_hint(
                        name, input_.module_names,
                        beside ? "the file " + name.substr(2) + ".lua must stand beside the runbook"
                               : "drydock actions lists what there is; own modules stand in the "
                                 "`actions:` folders of drydock.yaml"));
        return;
    }
    std::vector<std::string> actions;
    for (const auto& [key, action] : module->second.actions) actions.push_back(key);
    if (actions.empty()) return;  // the file does not load: said at the file
    const std::string nearest = did_you_mean(call.action.substr(dot + 1), actions);
    report_.add(call.place,
                "the module `" + name + "` has no action `" + call.action.substr(dot + 1) + "`",
                nearest.empty() ? "drydock actions lists what there is"
                                : "did you mean `" + name + "." + nearest + "`?");
}

void ActionRules::parameter(const Node& node, const Declaration* declared, bool action_known,
                            const Where& where) {
    if (const auto* list = std::get_if<Node::List>(&node.held)) {
        const Declaration* of =
            declared != nullptr && declared->type == Type::List ? declared->of.get() : nullptr;
        for (const Node& item : *list) parameter(item, of, action_known, where);
    } else if (const auto* map = std::get_if<Node::Map>(&node.held)) {
        for (const auto& [key, item] : *map)
            parameter(item, inner_of(declared, key), action_known, where);
    } else if (const auto* written = std::get_if<Template>(&node.held)) {
        const Scope scope{
            .kind = Scope::Kind::Template,
            .visible_steps = where.visible_steps,
            .in_foreach = where.in_foreach,
            .secrets = !action_known || (declared != nullptr && may_be_secret(*declared))};
        for_each_expression(
            *written, [&](const Expression& expression) { names_.expression(expression, scope); });
    } else if (declared != nullptr) {
        scalar(node, *declared, where);
    }
}

void ActionRules::scalar(const Node& node, const Declaration& declared, const Where& where) {
    const auto& text = std::get<Node::Scalar>(node.held);
    if (declared.type == Type::Connection && !(text.plain && text.text == "null")) {
        names_.connection(text.text, node.place, where.visible_steps);
    }
    if (declared.type != Type::Sql || !input_.sql_problem) return;
    if (const auto problem = input_.sql_problem(text.text)) {
        report_.add(node.place, *problem,
                    "the engine begins and ends transactions itself, with their receipt");
    }
}

// Actions of sqlite.*, postgres.* and redis.* want a connection of that kind.
void ActionRules::connection_kind(const ActionCall& call, const Action& action) {
    // postgres_upkeep.* are postgres.* too.
    const std::string whole = module_of(call.action);
    const std::string module = whole.substr(0, whole.find('_'));
    const auto kind = module == "sqlite"     ? std::optional(Connection::Kind::Sqlite)
                      : module == "postgres" ? std::optional(Connection::Kind::Postgres)
                      : module == "redis"    ? std::optional(Connection::Kind::Redis)
                                             : std::nullopt;
    if (!kind) return;
    for (const auto& [name, node] : call.with) {
        const Declaration* declared = find_declaration(action.params, name);
        const auto* text = std::get_if<Node::Scalar>(&node.held);
        if (declared == nullptr || declared->type != Type::Connection || text == nullptr) continue;
        for (const auto& [key, connection] : input_.bundle.runbook.connections) {
            if (key != text->text || connection.kind == *kind) continue;
            report_.add(node.place,
                        "`" + call.action + "` needs a connection of the kind " + module + ", `" +
                            key + "` is none",
                        "name another connection");
        }
    }
}

}  // namespace drydock::runbook
