#include "engine/runbook/rules.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "engine/error.h"
#include "engine/runbook/convert.h"
#include "engine/runbook/declaration.h"
#include "engine/runbook/effect.h"
#include "engine/runbook/fields.h"
#include "engine/runbook/scope.h"
#include "engine/runbook/template.h"

namespace drydock::runbook {
namespace {

bool is_sql_method(const std::string& method) {
    static const std::set<std::string, std::less<>> kMethods{
        "query", "row", "value", "each", "exec", "batches", "explain", "exec_alone"};
    return kMethods.contains(method);
}

// As it stands in the script: connections.app:exec, fs.write, or the method alone.
std::string shown_name(const ScriptFacts::Name& name) {
    if (name.path[0] == "?") return name.path.back();
    std::string shown = name.path[0];
    for (std::size_t i = 1; i < name.path.size(); ++i) shown += (i == 2 ? ":" : ".") + name.path[i];
    return shown;
}

class Rules final {
  public:
    Rules(const RuleInput& input, Report& report)
        : input_(input),
          runbook_(input.bundle.runbook),
          report_(report),
          names_(input.bundle, input.inspector, report),
          actions_(input, names_, report) {}

    void check() {
        check_ids();
        check_declared();
        std::size_t position = 0;
        for (const Step& one : runbook_.steps) step(one, position++, false);
        for (const Step& one : runbook_.finally) step(one, names_.step_count(), true);
        for (const auto& [name, node] : runbook_.outputs) expressions(node, anywhere());
    }

  private:
    static constexpr bool kSecrets = true;

    [[nodiscard]] Scope anywhere(bool secrets = false) const {
        return {.kind = Scope::Kind::Template,
                .visible_steps = names_.step_count(),
                .secrets = secrets};
    }

    void expressions(const Node& node, const Scope& scope) {
        for_each_expression(node, [&](const Expression& one) { names_.expression(one, scope); });
    }
    void expressions(const std::optional<Node>& node, const Scope& scope) {
        if (node) expressions(*node, scope);
    }
    void expressions(const std::optional<Template>& written, const Scope& scope) {
        if (!written) return;
        for_each_expression(*written,
                            [&](const Expression& one) { names_.expression(one, scope); });
    }

    void check_ids() {
        std::map<std::string, Place, std::less<>> seen;
        for (const auto* list : {&runbook_.steps, &runbook_.finally}) {
            for (const Step& one : *list) {
                if (one.id.empty()) continue;
                const auto [first, fresh] = seen.emplace(one.id, one.place);
                if (fresh) continue;
                report_.add(one.place,
                            "the id `" + one.id + "` is taken by the step of line " +
                                std::to_string(first->second.line),
                            "ids are unique in a runbook: name one of them differently");
            }
        }
    }

    // What stands above the steps. Params may name the params before them and the run.
    void check_declared() {
        const Scope before = {.kind = Scope::Kind::Template, .visible_steps = 0};
        for (const auto& [name, declared] : runbook_.params) {
            expressions(declared.default_value, before);
            if (declared.default_value) check_order(name, *declared.default_value);
        }
        for (const auto& [name, secret] : runbook_.secrets) expressions(secret.source, anywhere());
        for (const auto& [name, connection] : runbook_.connections) {
            for (const auto& [key, node] : connection.settings)
                expressions(node, anywhere(kSecrets));
        }
        for (const auto& [name, contact] : runbook_.contacts) expressions(contact.after, before);
        for (const auto* list : {&runbook_.files, &runbook_.commands, &runbook_.locks}) {
            for (const Node& node : *list) expressions(node, before);
        }
        if (!runbook_.window) return;
        expressions(runbook_.window->lasts, before);
        expressions(runbook_.window->reserve, before);
    }

    void check_order(const std::string& param, const Node& node) {
        std::set<std::string, std::less<>> earlier;
        for (const auto& [name, declared] : runbook_.params) {
            if (name == param) break;
            earlier.insert(name);
        }
        for_each_expression(node, [&](const Expression& expression) {
            const auto inspected = input_.inspector.expression(expression.text);
            const auto* facts = std::get_if<ScriptFacts>(&inspected);
            if (facts == nullptr) return;
            for (const ScriptFacts::Name& found : facts->reads) {
                if (found.path[0] != "params" || found.path.size() < 2 ||
                    earlier.contains(found.path[1]))
                    continue;
                if (find_declaration(runbook_.params, found.path[1]) == nullptr) continue;
                report_.add(expression.place,
                            "the default of `" + param + "` names `" + found.path[1] +
                                "`, which comes later",
                            "a default may name the params before it: move one of the two");
            }
        });
    }

    // --- steps ---

    void step(const Step& one, std::size_t visible, bool finally) {
        const Scope plain{.kind = Scope::Kind::Template, .visible_steps = visible};
        Scope item = plain;
        item.in_foreach = one.foreach.has_value();
        expressions(one.title, item);
        expressions(one.help, item);
        if (one.when) names_.expression(*one.when, plain);
        expressions(one.foreach, plain);
        expressions(one.timeout, item);
        contact(one);
        body(one, item);
        side_bodies(one, item);
        retry(one, item);
        if (finally && one.undo) {
            report_.add(one.place, "a step of `finally` is never undone", "remove its `undo`");
        }
    }

    void contact(const Step& one) {
        if (one.contact.empty()) return;
        std::vector<std::string> known;
        for (const auto& [name, contact] : runbook_.contacts) known.push_back(name);
        if (std::find(known.begin(), known.end(), one.contact) != known.end()) return;
        report_.add(one.place, "there is no contact `" + one.contact + "`",
                    nearest_hint(one.contact, known, "declare it under `contacts:`"));
    }

    void body(const Step& one, const Scope& scope) {
        if (const auto* call = std::get_if<ActionCall>(&one.body)) {
            actions_.check(*call, {scope.visible_steps, scope.in_foreach, false});
        } else if (const auto* lua = std::get_if<LuaBody>(&one.body)) {
            chunk(*lua, scope, Scope::Kind::Chunk, one.declared_effect);
        } else if (const auto* asked = std::get_if<Gate>(&one.body)) {
            gate(*asked, one, scope);
        } else {
            expressions(std::get<Wait>(one.body).until, scope);
        }
    }

    void chunk(const LuaBody& lua, Scope scope, Scope::Kind kind, std::optional<Effect> bound) {
        scope.kind = kind;
        scope.secrets = true;
        const auto facts = names_.chunk(lua, scope);
        if (!facts) return;
        if (bound) check_bound(lua, *facts, *bound);
        check_sql(lua, *facts);
    }

    void check_bound(const LuaBody& lua, const ScriptFacts& facts, Effect bound) {
        for (const WritingName& writing : writing_names(facts, runbook_)) {
            if (writing.effect <= bound || writing.told_by_call) continue;
            const std::string shown = shown_name(writing.name);
            const Place place =
                NameChecker::place_in(lua.text, lua.place, true, writing.name.line, shown);
            report_.add(place,
                        "`" + shown + "` is of effect " + std::string(effect_name(writing.effect)) +
                            ", here at most " + std::string(effect_name(bound)) + " is allowed",
                        bound == Effect::Read
                            ? "read only, or move it into a step that may change something"
                            : "declare effect: " + std::string(effect_name(writing.effect)));
        }
    }

    // SQL in a script is a constant text beside a call on a connection: on its line, or up to its
    // end.
    void check_sql(const LuaBody& lua, const ScriptFacts& facts) {
        if (!input_.sql_problem) return;
        for (const auto& [text, line] : facts.strings) {
            const int last = line + static_cast<int>(std::count(text.begin(), text.end(), '\n'));
            const auto beside = [&](const ScriptFacts::Name& call) {
                return (call.path[0] == "connections" || call.path[0] == "?") &&
                       is_sql_method(call.path.back()) && call.line >= line - 1 &&
                       call.line <= last + 1;
            };
            const bool given = std::any_of(facts.calls.begin(), facts.calls.end(), beside);
            // What must run alone is right there, and a blank joins other texts.
            const bool alone = std::any_of(
                facts.calls.begin(), facts.calls.end(), [&](const ScriptFacts::Name& call) {
                    return beside(call) && call.path.back() == "exec_alone";
                });
            const bool blank = text.find_first_not_of(" \t\r\n") == std::string::npos;
            if (!given || alone || blank) continue;
            if (const auto problem = input_.sql_problem(text)) {
                report_.add(NameChecker::place_in(lua.text, lua.place, true, line,
                                                  text.substr(0, text.find('\n'))),
                            *problem,
                            "the engine begins and ends transactions itself: use "
                            ":transaction(function() … end)");
            }
        }
    }

    void gate(const Gate& asked, const Step& one, const Scope& scope) {
        expressions(std::optional(asked.prompt), scope);
        if (!asked.by.empty() && input_.roles &&
            std::find(input_.roles->begin(), input_.roles->end(), asked.by) ==
                input_.roles->end()) {
            report_.add(
                one.place, "there is no role `" + asked.by + "`",
                nearest_hint(asked.by, *input_.roles, "add it to `roles:` in drydock.yaml"));
        }
        for (const ChecklistItem& item : asked.checklist) {
            expressions(item.text, scope);
            if (const auto* call = std::get_if<ActionCall>(&item.body)) {
                actions_.check(*call, {scope.visible_steps, scope.in_foreach, true});
            } else if (const auto* lua = std::get_if<LuaBody>(&item.body)) {
                chunk(*lua, scope, Scope::Kind::Chunk, Effect::Read);
            }
        }
    }

    void side_bodies(const Step& one, const Scope& scope) {
        if (one.probe) side_body(*one.probe, scope, true);
        if (one.undo) side_body(*one.undo, scope, false);
    }
    void side_body(const SideBody& side, const Scope& scope, bool reading) {
        if (const auto* call = std::get_if<ActionCall>(&side)) {
            actions_.check(*call, {scope.visible_steps, scope.in_foreach, reading});
        } else {
            // A probe may ask programs: their word that they only read is given at run time.
            chunk(std::get<LuaBody>(side), scope, Scope::Kind::SideChunk, std::nullopt);
        }
    }

    // What may be repeated after a failure may be repeated after a crash, and the reverse.
    void retry(const Step& one, const Scope& scope) {
        if (!one.retry) return;
        for (const auto* node :
             {&one.retry->times, &one.retry->limit, &one.retry->every, &one.retry->up_to})
            expressions(*node, scope);
        const auto* call = std::get_if<ActionCall>(&one.body);
        if (call != nullptr && input_.bundle.find_action(call->action) == nullptr) return;
        if (effect_of(one, input_.bundle, input_.inspector) != Effect::Unsafe ||
            is_repeatable(one, input_.bundle))
            return;
        report_.add(one.retry->place,
                    "`retry` on a step whose effect cannot be taken twice: nobody knows whether "
                    "the first attempt worked",
                    "say idempotent: true if doing it twice does no harm, effect: read if it "
                    "changes nothing, or give a probe");
    }

    const RuleInput& input_;
    const Runbook& runbook_;
    Report& report_;
    NameChecker names_;
    ActionRules actions_;
};

}  // namespace

void check_rules(const RuleInput& input, Report& report) { Rules(input, report).check(); }

void refuse_journal_as_target(std::string_view connection, const std::string& path,
                              const std::string& journal_path) {
    struct stat target {};
    struct stat journal {};
    const bool same_name = std::filesystem::path(path).lexically_normal() ==
                           std::filesystem::path(journal_path).lexically_normal();
    const bool same_file = ::stat(path.c_str(), &target) == 0 &&
                           ::stat(journal_path.c_str(), &journal) == 0 &&
                           target.st_dev == journal.st_dev && target.st_ino == journal.st_ino;
    if (!same_name && !same_file) return;
    throw Error(ErrorCode::Refused,
                "the connection " + std::string(connection) + " is drydock's own journal",
                "name another database, or another journal with --journal");
}

}  // namespace drydock::runbook
