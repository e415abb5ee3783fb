#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/runbook/report.h"
#include "engine/runbook/runbook.h"
#include "engine/runbook/script_inspector.h"

// What must hold of a runbook beyond its shape: names mean something, parameters fit their actions,
// effects stay within their bound, secrets stay where they may go.
namespace drydock::runbook {

// Says what is wrong with a piece of SQL that a script may not run (transaction control), or
// nothing.
// From the SQL lexer, which is another room's.
using SqlProblem = std::function<std::optional<std::string>(std::string_view sql)>;

struct RuleInput {
    const Bundle& bundle;                        // with all modules that could be found
    ScriptInspector& inspector;
    SqlProblem sql_problem;                      // may be empty
    std::vector<std::string> module_names;       // that exist, for did you mean
    std::optional<std::vector<std::string>>
        roles;  // of the settings; nullopt: there are none to compare with
};

// Reports every violation in the runbook of `input.bundle`.
void check_rules(const RuleInput& input, Report& report);

// A run's journal must not be changed by its own steps. Throws Error{Refused} when `path`, the file
// of the connection, is the journal's or stands for the same file.
void refuse_journal_as_target(std::string_view connection, const std::string& path,
                              const std::string& journal_path);

// Those rules that concern calls of actions, for rules.cpp.
class NameChecker;
class ActionRules final {
  public:
    ActionRules(const RuleInput& input, NameChecker& names, Report& report)
        : input_(input), names_(names), report_(report) {}

    // `visible_steps` and `in_foreach` as in Scope. `reading`: only actions that change nothing.
    struct Where {
        std::size_t visible_steps = 0;
        bool in_foreach = false;
        bool reading = false;
    };
    void check(const ActionCall& call, const Where& where);

  private:
    void unknown_action(const ActionCall& call);
    void parameter(const Node& node, const Declaration* declared, bool action_known,
                   const Where& where);
    void scalar(const Node& node, const Declaration& declared, const Where& where);
    void connection_kind(const ActionCall& call, const Action& action);

    const RuleInput& input_;
    NameChecker& names_;
    Report& report_;
    std::vector<std::string> missing_;  // actions that were named already
};

}  // namespace drydock::runbook
