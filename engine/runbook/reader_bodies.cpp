#include <array>

#include "engine/runbook/convert.h"
#include "engine/runbook/declaration.h"
#include "engine/runbook/quantity.h"
#include "engine/runbook/reader.h"

namespace drydock::runbook {
namespace {

// Reads one step, and the bodies that stand in its gate, probe and undo.
class StepReader final {
  public:
    StepReader(const SourceNode& node, const ActionLookup& actions, Report& report)
        : fields_(node, name_of(node), step_keys(), report), actions_(actions), report_(report) {}

    Step read() {
        Step step;
        step.place = fields_.place();
        if (!fields_.is_map()) return step;
        if (const SourceNode* id =
                fields_.require("id", "every step has a name: id: check_pages")) {
            step.id = read_name(*id, "the id of a step", "_", report_).value_or("");
        }
        read_people(step);
        read_body(step);
        read_control(step);
        read_repetition(step);
        for (const char* word : {"runbook", "together", "at_once"}) fields_.reserve(word);
        fields_.finish();
        return step;
    }

  private:
    static std::string name_of(const SourceNode& node) {
        const SourceNode* id = node.find("id");
        return id != nullptr && id->is_scalar() ? "the step `" + id->text + "`" : "a step";
    }

    void read_people(Step& step) {
        if (const SourceNode* title = fields_.take("title"))
            step.title = written(*title, "`title`");
        if (const SourceNode* help = fields_.take("help")) step.help = written(*help, "`help`");
        if (const SourceNode* contact = fields_.take("contact")) {
            step.contact = read_text(*contact, "`contact`", report_).value_or("");
        }
    }

    std::optional<Template> written(const SourceNode& node, std::string_view what) {
        if (!read_text(node, what, report_)) return std::nullopt;
        return read_template(node, report_);
    }

    // --- bodies ---

    void read_body(Step& step) {
        const SourceNode* uses = fields_.take("uses");
        const SourceNode* with = fields_.take("with");
        const SourceNode* lua = fields_.take("lua");
        const SourceNode* gate = fields_.take("gate");
        const SourceNode* wait = fields_.take("wait");
        const int bodies =
            (uses != nullptr) + (lua != nullptr) + (gate != nullptr) + (wait != nullptr);
        if (bodies != 1) report_bodies(bodies);
        if (with != nullptr && uses == nullptr) {
            report_.add(fields_.key_place("with"), "`with` belongs to `uses`",
                        "write uses: module.action, or remove it");
        }
        if (uses != nullptr) step.body = call(*uses, with);
        else if (lua != nullptr) step.body = chunk(*lua);
        else if (gate != nullptr) step.body = read_gate(*gate);
        else if (wait != nullptr) step.body = read_wait(*wait);
        is_gate_ = gate != nullptr;
        is_wait_ = wait != nullptr;
        is_lua_ = lua != nullptr;
    }

    void report_bodies(int bodies) {
        for (const char* word : {"runbook", "together"}) {
            if (bodies == 0 && fields_.key_place(word) != fields_.place())
                return;  // reserved: reported as such
        }
        report_.add(fields_.place(),
                    fields_.what() + (bodies == 0 ? " does nothing" : " has more than one body"),
                    "a step has exactly one of uses, lua, gate, wait");
    }

    ActionCall call(const SourceNode& uses, const SourceNode* with) {
        ActionCall made;
        made.place = uses.place;
        made.action = read_text(uses, "`uses`", report_).value_or("");
        const std::size_t dot = made.action.rfind('.');
        if (!made.action.empty() &&
            (dot == std::string::npos || dot + 1 == made.action.size() || dot == 0)) {
            report_.add(uses.place, "`uses` is `" + made.action + "`, which names no action",
                        "write module.action, or ./file.action for a file beside the runbook");
        }
        if (has_expression(made.action)) {
            report_.add(uses.place, "no ${…} in `uses`",
                        "name the action; choose between steps with `when`");
        }
        if (with != nullptr) made.with = parameters(*with, actions_(made.action));
        return made;
    }

    Node::Map parameters(const SourceNode& with,
                                                         const Action* action) {
        Node::Map made;
        if (!with.is_map()) {
            report_.add(with.place,
                        "`with` is a map of parameters, here stands " + std::string(shape_of(with)),
                        "write with: {name: value}");
            return made;
        }
        for (const SourceNode::Member& member : with.members) {
            const Declaration* declared =
                action == nullptr ? nullptr : find_declaration(action->params, member.key);
            made.emplace_back(member.key, to_node(member.value, declared, report_));
        }
        return made;
    }

    LuaBody chunk(const SourceNode& lua) {
        LuaBody body;
        body.place = lua.text_place;
        body.text = read_text(lua, "`lua`", report_).value_or("");
        if (lua.style == ScalarStyle::Folded) {
            report_.add(lua.place, "`lua: >` joins the lines of the script", "write `lua: |`");
        }
        return body;
    }

    // `uses` + `with`, or `lua`.
    std::optional<SideBody> side_body(const SourceNode& node, std::string_view what) {
        Fields fields(node, std::string(what), side_body_keys(), report_);
        if (!fields.is_map()) return std::nullopt;
        std::optional<SideBody> made = side_body(fields);
        fields.finish();
        if (!made)
            report_.add(node.place, std::string(what) + " has no body", "write uses: or lua:");
        return made;
    }
    std::optional<SideBody> side_body(Fields& fields) {
        const SourceNode* uses = fields.take("uses");
        const SourceNode* with = fields.take("with");
        const SourceNode* lua = fields.take("lua");
        if (with != nullptr && uses == nullptr)
            report_.add(fields.key_place("with"), "`with` belongs to `uses`");
        if (uses != nullptr && lua != nullptr)
            report_.add(fields.place(), fields.what() + " has more than one body",
                        "one of uses, lua");
        if (uses != nullptr) return call(*uses, with);
        if (lua != nullptr) return chunk(*lua);
        return std::nullopt;
    }

    Gate read_gate(const SourceNode& node) {
        Gate gate;
        Fields fields(node, "a gate", gate_keys(), report_);
        if (!fields.is_map()) return gate;
        if (const SourceNode* prompt =
                fields.require("prompt", "write what is asked: prompt: May it begin?")) {
            gate.prompt = written(*prompt, "`prompt`").value_or(Template());
        }
        if (const SourceNode* by = fields.take("by"))
            gate.by = read_text(*by, "`by`", report_).value_or("");
        if (const SourceNode* count = fields.take("count")) read_count(*count, gate);
        if (const SourceNode* list = fields.take("checklist")) read_checklist(*list, gate);
        if (const SourceNode* form = fields.take("form")) {
            gate.form = read_declarations(*form, "`form`", DeclarationUse::Result, report_);
            for (const auto& [name, declared] : gate.form) {
                if (name == "by" || name == "at")
                    report_.add(declared.place, "`" + name + "` is given by the gate itself",
                                "choose another name");
            }
        }
        fields.finish();
        return gate;
    }

    void read_count(const SourceNode& node, Gate& gate) {
        gate.count = read_integer(node, "`count`", report_).value_or(1);
        if (gate.count < 1 || gate.count > 100) {
            report_.add(node.place, "`count` is the number of people who must agree",
                        "a number from 1 to 100");
        } else if (gate.count > 1 && gate.by.empty()) {
            report_.add(node.place,
                        "`count` needs `by`: without a role whoever runs it agrees alone",
                        "add by: ROLE");
        }
    }

    void read_checklist(const SourceNode& list, Gate& gate) {
        if (!list.is_list()) {
            report_.add(list.place,
                        "`checklist` is a list, here stands " + std::string(shape_of(list)));
            return;
        }
        for (const SourceNode& node : list.items) {
            ChecklistItem item;
            item.place = node.place;
            if (node.is_scalar()) {
                item.text = written(node, "an item of the checklist");
            } else {
                read_checked_item(node, item);
            }
            gate.checklist.push_back(std::move(item));
        }
    }

    void read_checked_item(const SourceNode& node, ChecklistItem& item) {
        Fields fields(node, "an item of the checklist", checked_item_keys(), report_);
        if (!fields.is_map()) return;
        if (const SourceNode* text =
                fields.require("text", "say what is checked: text: The backup is whole")) {
            item.text = written(*text, "`text`");
        }
        if (std::optional<SideBody> body = side_body(fields)) {
            std::visit([&](auto& held) { item.body = std::move(held); }, *body);
        }
        fields.finish();
    }

    Wait read_wait(const SourceNode& node) {
        Wait wait{to_node(node, nullptr, report_)};
        if (std::holds_alternative<Template>(wait.until.held)) return wait;
        const auto duration = parse_duration(node.text);
        const bool sound =
            node.is_scalar() && (parse_timestamp(node.text) || (duration && in_range(*duration)));
        if (!sound)
            report_.add(node.place, "`wait` is a duration or a timestamp",
                        "write 1h, or 2026-11-21T02:00:00Z");
        return wait;
    }

    // --- when, how often, how long ---

    void read_control(Step& step) {
        if (const SourceNode* when = fields_.take("when")) read_when(*when, step);
        if (const SourceNode* timeout = fields_.take("timeout")) {
            step.timeout = read_typed(*timeout, Type::Duration, "`timeout`", report_);
            if (is_wait_)
                report_.add(fields_.key_place("timeout"), "a wait has no timeout",
                            "the wait itself says how long");
        }
        if (const SourceNode* answer = fields_.take("on_failure"))
            step.on_failure = read_on_failure(*answer, true, report_);
        if (const SourceNode* effect = fields_.take("effect")) read_effect(*effect, step);
        if (const SourceNode* returns = fields_.take("returns")) {
            step.returns =
                read_declarations(*returns, "`returns`", DeclarationUse::Result, report_);
            if (!is_lua_)
                report_.add(fields_.key_place("returns"), "`returns` belongs to Lua steps",
                            "actions and gates declare their own");
            for (const auto& [name, declared] : step.returns) refuse_reserved(name, declared.place);
        }
    }

    void refuse_reserved(const std::string& name, Place place) {
        for (const char* word : {"status", "error", "seconds", "started", "items"}) {
            if (name == word)
                report_.add(place, "`" + name + "` is a field that every step has",
                            "choose another name");
        }
    }

    void read_when(const SourceNode& node, Step& step) {
        const auto text = read_text(node, "`when`", report_);
        if (!text) return;
        if (has_expression(*text)) {
            report_.add(node.place_of(text->find("${")),
                        "no ${} in `when`: it is an expression already",
                        "write it without ${ and }");
            return;
        }
        step.when = Expression{*text, node.text_place};
    }

    void read_effect(const SourceNode& node, Step& step) {
        static constexpr std::array<Effect, 3> kEffects{Effect::Read, Effect::Transaction,
                                                        Effect::Unsafe};
        if (!is_lua_)
            report_.add(fields_.key_place("effect"), "`effect` belongs to Lua steps",
                        "actions declare their own");
        if (const auto word =
                read_word(node, "`effect`", {"read", "transaction", "unsafe"}, report_))
            step.declared_effect = kEffects[*word];
    }

    void read_repetition(Step& step) {
        const bool repeats = !is_gate_ && !is_wait_;
        const auto take = [&](std::string_view key) -> const SourceNode* {
            const SourceNode* found = fields_.take(key);
            if (found != nullptr && !repeats) {
                report_.add(fields_.key_place(key),
                            "`" + std::string(key) + "` belongs to steps with uses or lua",
                            "remove it");
            }
            return found;
        };
        if (const SourceNode* list = take("foreach")) read_foreach(*list, step);
        if (const SourceNode* retry = take("retry")) step.retry = read_retry(*retry);
        if (const SourceNode* flag = take("idempotent"))
            step.idempotent = read_boolean(*flag, "`idempotent`", report_).value_or(false);
        if (const SourceNode* probe = take("probe")) step.probe = side_body(*probe, "`probe`");
        const SourceNode* undo = take("undo");
        if (undo == nullptr) return;
        step.undo_none = undo->is_scalar() && undo->text == "none";
        if (!step.undo_none) step.undo = side_body(*undo, "`undo`");
    }

    void read_foreach(const SourceNode& node, Step& step) {
        step.foreach = to_node(node, nullptr, report_);
        const auto* text = std::get_if<Template>(&step.foreach->held);
        const bool sound = node.is_list() || (text != nullptr && text->whole());
        if (!sound)
            report_.add(node.place, "`foreach` is a list",
                        "write [one, two] or \"${an expression that gives a list}\"");
    }

    Retry read_retry(const SourceNode& node) {
        Retry retry;
        retry.place = node.place;
        Fields fields(node, "`retry`", retry_keys(), report_);
        if (!fields.is_map()) return retry;
        const auto take = [&](std::string_view key, Type type) -> std::optional<Node> {
            const SourceNode* found = fields.take(key);
            if (found == nullptr) return std::nullopt;
            return read_typed(*found, type, "`" + std::string(key) + "` of retry", report_);
        };
        retry.times = take("times", Type::Integer);
        retry.limit = take("for", Type::Duration);
        retry.every = take("every", Type::Duration);
        retry.up_to = take("up_to", Type::Duration);
        fields.finish();
        if (!retry.times && !retry.limit) {
            report_.add(node.place, "`retry` does not say when it gives up",
                        "add times: 3, or for: 5m");
        }
        return retry;
    }

    Fields fields_;
    const ActionLookup& actions_;
    Report& report_;
    bool is_gate_ = false;
    bool is_wait_ = false;
    bool is_lua_ = false;
};

}  // namespace

std::vector<Step> read_steps(const SourceNode& node, const ActionLookup& actions, Report& report) {
    std::vector<Step> steps;
    if (!node.is_list()) {
        report.add(node.place, "steps are a list, here stands " + std::string(shape_of(node)),
                   "write one `- id: …` per step");
        return steps;
    }
    for (const SourceNode& item : node.items)
        steps.push_back(StepReader(item, actions, report).read());
    return steps;
}

}  // namespace drydock::runbook
