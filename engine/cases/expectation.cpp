#include "engine/cases/expectation.h"

#include <algorithm>

#include "engine/json/json.h"
#include "engine/runbook/convert.h"
#include "engine/runbook/quantity.h"

namespace drydock::cases {
namespace {

using runbook::Place;

constexpr std::size_t kShownLines = 3;

std::string shown(const Value& value) {
    if (const auto* text = value.find<std::string>()) return *text;
    if (value.holds<Value::List>() || value.holds<Value::Map>()) return json::write(value);
    return to_text(value);
}

std::string shown(const runbook::Node& node) {
    if (const auto* scalar = std::get_if<runbook::Node::Scalar>(&node.held)) return scalar->text;
    std::string text;
    if (const auto* list = std::get_if<runbook::Node::List>(&node.held)) {
        for (const runbook::Node& item : *list) text += (text.empty() ? "" : ", ") + shown(item);
        return "[" + text + "]";
    }
    if (const auto* map = std::get_if<runbook::Node::Map>(&node.held)) {
        for (const auto& [key, item] : *map)
            text += (text.empty() ? "" : ", ") + key + ": " + shown(item);
    }
    return "{" + text + "}";
}

bool is_scalar(const runbook::Node::Scalar& written, const Value& value) {
    if (value.holds<std::string>()) return value.as<std::string>() == written.text;
    const Value core = runbook::read_core(written);
    if (core == value) return true;
    const auto* number = value.find<double>();
    const auto* whole = core.find<std::int64_t>();
    if (number != nullptr && whole != nullptr) return *number == static_cast<double>(*whole);
    const bool quantity =
        value.holds<Duration>() || value.holds<Size>() || value.holds<Timestamp>();
    if (!quantity) return false;
    // Measured times are shorter than any that a runbook may declare.
    if (const auto* length = value.find<Duration>())
        return runbook::parse_duration(written.text) == *length;
    // 1KiB and 1024B are the same.
    const runbook::Type type =
        value.holds<Size>() ? runbook::Type::Size : runbook::Type::Timestamp;
    try {
        const runbook::Node node{.held = runbook::Node::Scalar{written.text, false}, .place = {}};
        const runbook::Declaration declared{.type = type};
        return runbook::resolve(node, &declared, {}, {}, "the value") == value;
    } catch (const Error&) {
        return false;
    }
}

class Comparison final {
  public:
    Comparison(const Case& one, const Outcome& outcome) : one_(one), outcome_(outcome) {}

    std::vector<Failure> run() {
        for (const std::string& trouble : outcome_.troubles)
            fail(one_.place, "the case", "can be played to its end", trouble);
        compare_status();
        for (const auto& [step, wanted] : one_.expect.steps) compare_step(step, wanted);
        for (const auto& [name, node] : one_.expect.outputs) compare_output(name, node);
        compare_error();
        compare_asked();
        compare_refused();
        compare_holds();
        for (std::size_t i = 0; i < outcome_.canaries.size(); ++i) {
            const auto& never = one_.expect.never[i];
            if (!outcome_.canaries[i].empty())
                fail(never.place, "never", "`" + never.held + "` nowhere", outcome_.canaries[i]);
        }
        return std::move(failures_);
    }

  private:
    void fail(Place place, std::string what, std::string expected, std::string got) {
        failures_.push_back({place, std::move(what), std::move(expected), std::move(got)});
    }

    // What went wrong in the run, to go with whatever else is reported of it.
    [[nodiscard]] std::string why() const {
        if (!outcome_.unknown.empty())
            return ": the outcome of " + outcome_.unknown +
                   " is unknown, and only an operator could say it";
        if (outcome_.errors.empty()) return {};
        const Outcome::Wrong& last = outcome_.errors.back();
        return ": " + last.step + " failed, " + last.kind + ": " + last.message;
    }

    void compare_status() {
        const Expectation& expect = one_.expect;
        if (expect.run && expect.run->held != outcome_.run)
            fail(expect.run->place, "run", expect.run->held, outcome_.run + why());
        if (expect.stopped_at && expect.stopped_at->held != outcome_.stopped_at)
            fail(expect.stopped_at->place, "stopped_at", expect.stopped_at->held,
                 outcome_.stopped_at.empty() ? "it did not stop" + why() : outcome_.stopped_at);
        if (expect.waiting_at && expect.waiting_at->held != outcome_.waiting_at)
            fail(expect.waiting_at->place, "waiting_at", expect.waiting_at->held,
                 outcome_.waiting_at.empty() ? "it did not wait" + why() : outcome_.waiting_at);
        const bool may_wait = expect.waiting_at || (expect.run && expect.run->held == "waiting") ||
                              one_.then == Then::Cancel;
        if (!outcome_.waiting_at.empty() && !may_wait)
            fail(one_.place, "gate " + outcome_.waiting_at, "an answer is listed",
                 "nobody answers, and the case does not expect it to wait");
        if (!outcome_.unknown.empty() && !expect.run && !expect.stopped_at)
            fail(one_.place, "run", "an end", outcome_.run + why());
    }

    void compare_step(const std::string& step, const Expectation::At<run::StepStatus>& wanted) {
        const auto found = outcome_.steps.find(step);
        const run::StepStatus got =
            found == outcome_.steps.end() ? run::StepStatus::Pending : found->second;
        if (got == wanted.held) return;
        std::string text(run::name_of(got));
        for (const Outcome::Wrong& wrong : outcome_.errors) {
            if (wrong.step == step) text += ", " + wrong.kind + ": " + wrong.message;
        }
        fail(wanted.place, "steps." + step, std::string(run::name_of(wanted.held)), text);
    }

    void compare_output(const std::string& name, const runbook::Node& node) {
        const auto found = outcome_.outputs.find(name);
        const Value got = found == outcome_.outputs.end() ? Value() : found->second;
        if (!is_value(node, got)) fail(node.place, "outputs." + name, shown(node), shown(got));
    }

    void compare_error() {
        if (!one_.expect.error) return;
        const Expectation::ErrorWanted& wanted = *one_.expect.error;
        const bool found = std::ranges::any_of(outcome_.errors, [&](const Outcome::Wrong& wrong) {
            return (wanted.step.empty() || wrong.step == wanted.step) &&
                   (wanted.kind.empty() || wrong.kind == wanted.kind) &&
                   wrong.message.find(wanted.message) != std::string::npos;
        });
        if (found) return;
        std::string expected = wanted.step.empty() ? "any step" : wanted.step;
        if (!wanted.kind.empty()) expected += ", " + wanted.kind;
        if (!wanted.message.empty()) expected += ": …" + wanted.message + "…";
        std::string got;
        for (const Outcome::Wrong& wrong : outcome_.errors)
            got +=
                (got.empty() ? "" : "; ") + wrong.step + ", " + wrong.kind + ": " + wrong.message;
        fail(wanted.place, "error", expected, got.empty() ? "no step failed" : got);
    }

    void compare_asked() {
        for (const Asked& asked : outcome_.asked) {
            if (!asked.answered)
                fail(one_.place, "a question", "only what an answer is listed for",
                     cases::shown(asked));
        }
        auto from = outcome_.asked.begin();
        for (const auto& wanted : one_.expect.asked) {
            const auto found = std::find_if(from, outcome_.asked.end(), [&](const Asked& asked) {
                return fits(wanted.held, asked);
            });
            if (found == outcome_.asked.end()) {
                fail(wanted.place, "asked", cases::shown(wanted.held), all_asked());
                return;
            }
            from = found + 1;
        }
    }

    [[nodiscard]] std::string all_asked() const {
        std::string text;
        for (const Asked& asked : outcome_.asked)
            text += (text.empty() ? "" : "; ") + cases::shown(asked);
        return text.empty() ? "nothing was asked" : "in this order: " + text;
    }

    void compare_refused() {
        for (const Expectation::Refusal& wanted : one_.expect.refused) {
            const bool found =
                std::ranges::any_of(outcome_.refused, [&](const Outcome::Refused& refused) {
                    return (wanted.gate.empty() || refused.gate == wanted.gate) &&
                           (wanted.by.empty() || refused.by == wanted.by);
                });
            if (!found)
                fail(wanted.place, "refused", wanted.by + " at " + wanted.gate,
                     outcome_.refused.empty() ? "nobody was refused" : "others were refused");
        }
        for (const Outcome::Refused& refused : outcome_.refused) {
            const bool wanted =
                std::ranges::any_of(one_.expect.refused, [&](const Expectation::Refusal& refusal) {
                    return refusal.gate == refused.gate && refusal.by == refused.by;
                });
            if (!wanted)
                fail(one_.place, "gate " + refused.gate, refused.by + " passes it",
                     refused.by + " was refused: " + refused.message);
        }
    }

    void compare_holds() {
        for (std::size_t i = 0; i < one_.expect.holds.size(); ++i) {
            const runbook::LuaBody& holds = one_.expect.holds[i];
            if (i >= outcome_.looked.size())
                fail(holds.place, "holds", holds.text, "nothing could be asked");
            else if (!outcome_.looked[i].empty())
                fail(holds.place, "holds", holds.text, outcome_.looked[i]);
        }
    }

    const Case& one_;
    const Outcome& outcome_;
    std::vector<Failure> failures_;
};

// The first lines that only one of two sorted or unsorted descriptions has.
std::string only_in(const std::vector<std::string>& left, const std::vector<std::string>& right) {
    std::vector<std::string> sorted_left = left, sorted_right = right, only;
    std::ranges::sort(sorted_left);
    std::ranges::sort(sorted_right);
    std::ranges::set_difference(sorted_left, sorted_right, std::back_inserter(only));
    std::string text;
    for (std::size_t i = 0; i < only.size() && i < kShownLines; ++i)
        text += (text.empty() ? "" : "; ") + only[i];
    if (only.size() > kShownLines) text += "; …";
    return text.empty() ? "nothing" : text;
}

}  // namespace

bool is_value(const runbook::Node& written, const Value& value) {
    if (const auto* scalar = std::get_if<runbook::Node::Scalar>(&written.held))
        return is_scalar(*scalar, value);
    if (const auto* list = std::get_if<runbook::Node::List>(&written.held)) {
        const auto* got = value.find<Value::List>();
        if (got == nullptr || got->size() != list->size()) return false;
        for (std::size_t i = 0; i < list->size(); ++i) {
            if (!is_value((*list)[i], (*got)[i])) return false;
        }
        return true;
    }
    const auto* map = std::get_if<runbook::Node::Map>(&written.held);
    const auto* got = value.find<Value::Map>();
    if (map == nullptr || got == nullptr || got->size() != map->size()) return false;
    return std::ranges::all_of(*map, [&](const auto& member) {
        const Value* found = value.member(member.first);
        return found != nullptr && is_value(member.second, *found);
    });
}

std::vector<Failure> compare(const Case& one, const Outcome& outcome) {
    return Comparison(one, outcome).run();
}

std::vector<Failure> differences(const Outcome& undisturbed, const Outcome& killed,
                                 runbook::Place place) {
    std::vector<Failure> found;
    if (undisturbed.run != killed.run) found.push_back({place, "run", undisturbed.run, killed.run});
    for (const auto& [step, status] : undisturbed.steps) {
        const run::StepStatus got =
            killed.steps.contains(step) ? killed.steps.at(step) : run::StepStatus::Pending;
        if (got != status)
            found.push_back({place, "steps." + step, std::string(run::name_of(status)),
                             std::string(run::name_of(got))});
    }
    for (const auto& [name, value] : undisturbed.outputs) {
        const auto got = killed.outputs.find(name);
        if (got == killed.outputs.end() || !(got->second == value))
            found.push_back({place, "outputs." + name, shown(value),
                             got == killed.outputs.end() ? "none" : shown(got->second)});
    }
    if (undisturbed.world != killed.world)
        found.push_back({place, "the databases and files that it leaves",
                         only_in(undisturbed.world, killed.world),
                         only_in(killed.world, undisturbed.world)});
    return found;
}

}  // namespace drydock::cases
