#pragma once

#include <string>
#include <vector>

#include "engine/runbook/script_inspector.h"

namespace drydock::bindings {

// Reads Lua for the rules: compiles a text and follows its instructions (script_facts.h), or runs a
// module in a state without primitives and reads the actions that it returns. Stateless.
class Inspector final : public runbook::ScriptInspector {
  public:
    Inspector();

    std::variant<runbook::ScriptFacts, runbook::ScriptProblem> chunk(
        std::string_view text) override;
    std::variant<runbook::ScriptFacts, runbook::ScriptProblem> expression(
        std::string_view text) override;
    std::variant<runbook::Module, std::vector<runbook::ScriptProblem>> module(
        std::string_view name, std::string_view text) override;
    [[nodiscard]] const std::vector<std::string>& globals() const override { return globals_; }

  private:
    std::vector<std::string> globals_;
};

}  // namespace drydock::bindings
