// What cases name must be there: params, secrets, connections, steps, gates, programs, people.

#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/cases/reader.h"
#include "engine/cases/setting.h"
#include "engine/error.h"
#include "engine/runbook/convert.h"
#include "engine/runbook/declaration.h"
#include "engine/runbook/fields.h"

namespace drydock::cases {
namespace {

using runbook::Place;
using Words = std::vector<std::string>;

std::string last_part(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

class NamesCheck final {
  public:
    NamesCheck(const Suite& suite, const ReadInput& input, runbook::Report& report)
        : suite_(suite), book_(suite.bundle.runbook), input_(input), report_(report) {
        for (const auto* list : {&book_.steps, &book_.finally}) {
            for (const runbook::Step& step : *list) {
                steps_.push_back(step.id);
                if (const auto* gate = std::get_if<runbook::Gate>(&step.body))
                    gates_.emplace(step.id, gate);
            }
        }
        for (const auto& [name, connection] : book_.connections) connections_.push_back(name);
        for (const auto& [name, people] : suite.roles)
            people_.insert(people_.end(), people.begin(), people.end());
        for (const Case& one : suite.list) people_.push_back(one.starter);
        read_programs();
    }

    void check() {
        for (const Case& one : suite_.list) check_case(one);
    }

  private:
    // Reports a name once, although what a file says is part of each of its cases.
    void unknown(Place place, std::string_view what, const std::string& word, const Words& words) {
        if (!seen_.insert({place.line, place.column}).second) return;
        report_.add(place, "the runbook has no " + std::string(what) + " `" + word + "`",
                    runbook::nearest_hint(word, words, known(what, words)));
    }
    static std::string known(std::string_view what, const Words& words) {
        std::string text;
        for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
        return text.empty() ? "it has none" : "its " + std::string(what) + "s: " + text;
    }
    void problem(Place place, const std::string& message, const std::string& hint) {
        if (seen_.insert({place.line, place.column}).second) report_.add(place, message, hint);
    }
    static bool has(const Words& words, const std::string& word) {
        return std::ranges::find(words, word) != words.end();
    }
    void step(Place place, const std::string& id) {
        if (!has(steps_, id)) unknown(place, "step", id, steps_);
    }

    void check_case(const Case& one) {
        check_params(one);
        check_secrets(one);
        for (const auto& [name, fixture] : one.connections) {
            if (!has(connections_, name)) unknown(fixture.place, "connection", name, connections_);
            check_file(fixture);
        }
        for (const auto& [path, fixture] : one.files) check_file(fixture);
        for (const Answer& answer : one.answers) check_question(answer.question, answer.place);
        for (const GateAnswer& answer : one.people) check_person(answer, one);
        for (const auto& [id, script] : one.after) {
            step(script.place, id);
            check_script(script, input_.inspector.chunk(script.text));
        }
        check_expectation(one.expect);
    }

    void check_params(const Case& one) {
        const Words names = runbook::names_of(book_.params);
        for (const auto& [name, node] : one.params) {
            const runbook::Declaration* declared = runbook::find_declaration(book_.params, name);
            if (declared == nullptr) {
                unknown(node.place, "param", name, names);
                continue;
            }
            for (const runbook::Problem& found :
                 runbook::literal_problems(node, *declared, "the param `" + name + "`"))
                problem(found.place, found.message, found.hint);
        }
        for (const auto& [name, declared] : book_.params) {
            const bool given = std::ranges::any_of(
                one.params, [&](const auto& param) { return param.first == name; });
            if (given || declared.default_value || is_private_path(suite_.bundle, name)) continue;
            problem(one.place, "nothing gives the param `" + name + "`, which has no default",
                    "write it under params: of the file or of this case");
        }
    }

    void check_secrets(const Case& one) {
        Words names;
        for (const auto& [name, source] : book_.secrets) {
            names.push_back(name);
            if (one.secrets.contains(name) || source.has_null_default) continue;
            problem(one.place, "nothing gives the secret `" + name + "`",
                    "write secrets: {" + name + ": a text}; the real ones are never read");
        }
        for (const auto& [name, text] : one.secrets) {
            if (!has(names, name)) unknown(one.place, "secret", name, names);
        }
    }

    void check_file(const Fixture& fixture) {
        std::error_code error;
        if (fixture.kind != Fixture::Kind::File || fixture.text.empty()) return;
        if (!std::filesystem::exists(fixture.text, error))
            problem(fixture.place, "there is no file " + fixture.text,
                    "it is looked for from the folder of the cases");
    }

    void read_programs() {
        for (const runbook::Node& node : book_.commands) {
            if (const auto* scalar = std::get_if<runbook::Node::Scalar>(&node.held))
                programs_.push_back(scalar->text);
            else
                computed_programs_ = true;
        }
        for (const auto& [name, module] : suite_.bundle.modules) {
            for (const auto& [action, declared] : module.actions)
                programs_.insert(programs_.end(), declared.needs_commands.begin(),
                                 declared.needs_commands.end());
        }
        std::ranges::sort(programs_);
        programs_.erase(std::ranges::unique(programs_).begin(), programs_.end());
    }

    void check_question(const Question& question, Place place) {
        const auto* command = std::get_if<CommandPattern>(&question);
        if (command == nullptr || computed_programs_) return;
        const std::string& name = command->words.front();
        const bool there = std::ranges::any_of(programs_, [&](const std::string& program) {
            return program == name || last_part(program) == last_part(name);
        });
        if (!there && name.find('*') == std::string::npos)
            unknown(place, "program", name, programs_);
    }

    const runbook::Gate* gate(Place place, const std::string& id) {
        const auto found = gates_.find(id);
        if (found != gates_.end()) return found->second;
        Words names;
        for (const auto& [name, one] : gates_) names.push_back(name);
        unknown(place, "gate", id, names);
        return nullptr;
    }

    void person(Place place, const std::string& name) {
        if (name.empty() || suite_.roles.empty() || has(people_, name)) return;
        problem(place, "nobody is called `" + name + "`",
                runbook::nearest_hint(name, people_,
                                      "roles: of the cases or of drydock.yaml say who there is"));
    }

    void check_person(const GateAnswer& answer, const Case& one) {
        const runbook::Gate* found = gate(answer.place, answer.gate);
        if (found == nullptr) return;
        if (!found->by.empty() && !suite_.roles.contains(found->by)) {
            problem(answer.place, "nobody has the role `" + found->by + "` of this gate",
                    "write roles: {" + found->by + ": [anna, ben]} in the file of cases");
        } else if (!found->by.empty() && answer.by.empty()) {
            problem(answer.place, "the answer does not say by whom",
                    "write by: somebody of the role " + found->by);
        } else if (answer.by != one.starter) {
            person(answer.place, answer.by);
        }
        for (const auto& [field, text] : answer.form) {
            if (runbook::find_declaration(found->form, field) == nullptr)
                unknown(answer.place, "field of the gate's form", field,
                        runbook::names_of(found->form));
        }
        const auto count = static_cast<std::int64_t>(found->checklist.size());
        for (const std::int64_t item : answer.signed_items) {
            if (item < 1 || item > count)
                problem(answer.place, "the checklist has no item " + std::to_string(item),
                        "its items count from 1 to " + std::to_string(count));
        }
    }

    void check_script(const runbook::LuaBody& script,
                      const std::variant<runbook::ScriptFacts, runbook::ScriptProblem>& read) {
        const auto* facts = std::get_if<runbook::ScriptFacts>(&read);
        if (facts == nullptr) return;  // said by the reader
        for (const auto* list : {&facts->reads, &facts->calls}) {
            for (const runbook::ScriptFacts::Name& name : *list) {
                if (name.path.size() < 2) continue;
                Place place = script.place;
                if (name.line > 1) place.line += static_cast<std::uint32_t>(name.line - 1);
                if (name.path[0] == "connections" && !has(connections_, name.path[1]))
                    unknown(place, "connection", name.path[1], connections_);
                if (name.path[0] == "steps") step(place, name.path[1]);
            }
        }
    }

    void check_expectation(const Expectation& expect) {
        for (const auto& [id, status] : expect.steps) step(status.place, id);
        Words outputs;
        for (const auto& [name, node] : book_.outputs) outputs.push_back(name);
        for (const auto& [name, node] : expect.outputs) {
            if (!has(outputs, name)) unknown(node.place, "output", name, outputs);
        }
        if (expect.stopped_at) step(expect.stopped_at->place, expect.stopped_at->held);
        if (expect.waiting_at) step(expect.waiting_at->place, expect.waiting_at->held);
        if (expect.error) {
            if (!expect.error->step.empty()) step(expect.error->place, expect.error->step);
            check_kind(*expect.error);
        }
        for (const auto& asked : expect.asked) check_question(asked.held, asked.place);
        for (const Expectation::Refusal& refusal : expect.refused) {
            (void)gate(refusal.place, refusal.gate);
            person(refusal.place, refusal.by);
        }
        for (const runbook::LuaBody& holds : expect.holds)
            check_script(holds, input_.inspector.expression(holds.text));
    }

    // Scripts make kinds of their own, so a kind is only wrong when it is nearly one of ours.
    void check_kind(const Expectation::ErrorWanted& wanted) {
        static const Words kKinds = [] {
            Words words;
            for (int i = 0; i <= static_cast<int>(ErrorCode::Lua); ++i)
                words.emplace_back(error_name(static_cast<ErrorCode>(i)));
            return words;
        }();
        if (wanted.kind.empty() || has(kKinds, wanted.kind)) return;
        const std::string hint = runbook::nearest_hint(wanted.kind, kKinds, "");
        if (!hint.empty())
            problem(wanted.place, "there is no kind of error `" + wanted.kind + "`", hint);
    }

    const Suite& suite_;
    const runbook::Runbook& book_;
    const ReadInput& input_;
    runbook::Report& report_;
    Words steps_, connections_, people_, programs_;
    std::map<std::string, const runbook::Gate*, std::less<>> gates_;
    bool computed_programs_ = false;  // some are known only when the run has its params
    std::set<std::pair<std::uint32_t, std::uint32_t>> seen_;
};

}  // namespace

void check_names(const Suite& suite, const ReadInput& input, runbook::Report& report) {
    NamesCheck(suite, input, report).check();
}

}  // namespace drydock::cases
