#include "engine/execute/evaluate.h"

#include <utility>

#include "engine/error.h"
#include "engine/runbook/template.h"

namespace drydock::execute {
namespace {

runbook::Evaluator evaluator(StepRunner& runner, const Names& names, bool secrets) {
    return [&runner, &names, secrets](const runbook::Expression& expression) {
        return runner.evaluate(expression, names, secrets);
    };
}

}  // namespace

Evaluation::Evaluation(StepRunner& runner, const Names& names, runbook::Folders folders)
    : runner_(runner), names_(names), folders_(std::move(folders)) {}

Value Evaluation::value(const runbook::Node& node, const runbook::Declaration* declared,
                        std::string_view what) const {
    // Where a secret may stand was checked when the runbook was read; here it only must not be
    // lost.
    return runbook::resolve(node, declared, evaluator(runner_, names_, true), folders_, what);
}

Value Evaluation::value(const runbook::Node& node, runbook::Type type,
                        std::string_view what) const {
    runbook::Declaration declared;
    declared.type = type;
    return value(node, &declared, what);
}

Value Evaluation::with(const runbook::ActionCall& call, const runbook::Action& action) const {
    return runbook::resolve_with(call, action, evaluator(runner_, names_, true), folders_);
}

std::string Evaluation::text(const runbook::Template& written) const {
    return to_text(runbook::resolve(written, evaluator(runner_, names_, false)));
}

bool Evaluation::condition(const runbook::Expression& expression) const {
    const Value value = runner_.evaluate(expression, names_, false);
    if (const auto* flag = value.find<bool>()) return *flag;
    throw Error(ErrorCode::Lua,
                "when: gave " + std::string(value.kind()) + ", wanted true or false",
                "compare with a value: steps.x.rows > 0, params.y ~= nil");
}

Microseconds Evaluation::duration(const std::optional<runbook::Node>& node, Microseconds otherwise,
                                  std::string_view what) const {
    if (!node) return otherwise;
    return value(*node, runbook::Type::Duration, what).as<Duration>().length;
}

plan::RetryPolicy Evaluation::retry(const runbook::Retry& written) const {
    plan::RetryPolicy policy;
    if (written.times)
        policy.times =
            value(*written.times, runbook::Type::Integer, "retry.times").as<std::int64_t>();
    if (written.limit) policy.limit = duration(written.limit, {}, "retry.for");
    policy.every = duration(written.every, policy.every, "retry.every");
    if (written.up_to) policy.up_to = duration(written.up_to, {}, "retry.up_to");
    return policy;
}

Value render_text(std::string_view template_text, std::string_view name, StepRunner& runner,
                  const Names& names) {
    try {
        const runbook::Template parsed =
            runbook::parse_template(template_text, {.line = 1, .column = 1});
        return runbook::evaluate(parsed, evaluator(runner, names, true));
    } catch (const Error& error) {
        throw error.in(name);
    }
}

}  // namespace drydock::execute
