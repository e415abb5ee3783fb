#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/runbook/script_inspector.h"

namespace drydock {

// An inspector that knows just enough of Lua for the rules: it finds dotted names and method calls
// by scanning, and syntax errors by counting what opens and closes a block. Modules are not run:
// their actions are given beforehand. Remembers which texts it was asked about.
class ScriptedInspector final : public runbook::ScriptInspector {
  public:
    ScriptedInspector();

    std::variant<runbook::ScriptFacts, runbook::ScriptProblem> chunk(
        std::string_view text) override;
    std::variant<runbook::ScriptFacts, runbook::ScriptProblem> expression(
        std::string_view text) override;
    std::variant<runbook::Module, std::vector<runbook::ScriptProblem>> module(
        std::string_view name, std::string_view text) override;
    [[nodiscard]] const std::vector<std::string>& globals() const override { return globals_; }

    // The actions of a module, in the notation `check: {params: {…}, returns: {…}, effect: read}`.
    // A module that was not given has the problem "scripted: unknown module".
    void give_module(const std::string& name, std::string_view actions_yaml);
    // The actions of many modules: keys "sqlite.check". Returns the names of the modules.
    std::vector<std::string> give_catalogue(std::string_view catalogue_yaml);
    // What module(name, …) answers instead.
    void fail_module(const std::string& name, runbook::ScriptProblem problem);

    [[nodiscard]] const std::vector<std::string>& asked() const { return asked_; }

  private:
    std::vector<std::string> globals_;
    std::map<std::string, std::map<std::string, runbook::Action>, std::less<>> modules_;
    std::map<std::string, runbook::ScriptProblem, std::less<>> failing_;
    std::vector<std::string> asked_;
};

}  // namespace drydock
