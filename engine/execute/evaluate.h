#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/execute/names.h"
#include "engine/execute/step_runner.h"
#include "engine/plan/retry.h"
#include "engine/runbook/convert.h"
#include "engine/runbook/runbook.h"

namespace drydock::execute {

// Evaluates what a runbook says with the names of the moment. All functions throw Error{Lua} or
// Error{Document} with the place.
class Evaluation final {
  public:
    Evaluation(StepRunner& runner, const Names& names, runbook::Folders folders);

    // A value of a declared type; null declaration: the core schema.
    [[nodiscard]] Value value(const runbook::Node& node, const runbook::Declaration* declared,
                              std::string_view what) const;
    [[nodiscard]] Value value(const runbook::Node& node, runbook::Type type,
                              std::string_view what) const;
    // The parameters of an action, with their defaults. Secrets may stand there.
    [[nodiscard]] Value with(const runbook::ActionCall& call, const runbook::Action& action) const;
    [[nodiscard]] std::string text(const runbook::Template& written) const;
    // `when:`; anything but true and false is an error.
    [[nodiscard]] bool condition(const runbook::Expression& expression) const;
    // A duration, or `otherwise` when nothing is written.
    [[nodiscard]] Microseconds duration(const std::optional<runbook::Node>& node,
                                        Microseconds otherwise, std::string_view what) const;
    [[nodiscard]] plan::RetryPolicy retry(const runbook::Retry& written) const;

  private:
    StepRunner& runner_;
    const Names& names_;
    runbook::Folders folders_;
};

// The text of a template file; a Secret when one went in. `name` is for messages.
[[nodiscard]] Value render_text(std::string_view template_text, std::string_view name,
                                StepRunner& runner, const Names& names);

}  // namespace drydock::execute
