#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/runbook/fields.h"
#include "engine/runbook/report.h"
#include "engine/runbook/runbook.h"
#include "engine/runbook/source.h"
#include "engine/runbook/template.h"

// From the tree of a text to the model: every key of docs/format.md, each at its type. What names
// mean (steps, params, actions) is for rules.h to check.
namespace drydock::runbook {

// The action of a full name, or null. Tells the reader which parameters take no templates.
using ActionLookup = std::function<const Action*(std::string_view)>;

// All problems go to `report`; the model holds what could be read.
[[nodiscard]] Runbook read_model(const SourceNode& root, const ActionLookup& actions,
                                 Report& report);

// The modules that a text names under any `uses`, sorted, each once: "sqlite", "./maintenance".
[[nodiscard]] std::vector<std::string> modules_named(const SourceNode& root);

// Parts of the model, one function per kind of place.
[[nodiscard]] std::vector<Step> read_steps(const SourceNode& node, const ActionLookup& actions,
                                           Report& report);
[[nodiscard]] std::vector<std::pair<std::string, Connection>> read_connections(
    const SourceNode& node, Report& report);
[[nodiscard]] std::vector<std::pair<std::string, SecretSource>> read_secrets(const SourceNode& node,
                                                                             Report& report);
[[nodiscard]] Window read_window(const SourceNode& node, Report& report);
// `what` is its place in messages; the value may be a template unless the type is sql.
[[nodiscard]] Node read_typed(const SourceNode& node, Type type, std::string_view what,
                              Report& report);
[[nodiscard]] std::optional<OnFailure> read_on_failure(const SourceNode& node, bool of_step,
                                                       Report& report);
// The declaration of a setting of a connection, such as `busy_timeout`; null when the kind has
// none.
[[nodiscard]] const Declaration* connection_setting(Connection::Kind kind, std::string_view key);
// The names of all settings of a kind, sorted; `like` aside.
[[nodiscard]] std::vector<std::string> connection_settings(Connection::Kind kind);

}  // namespace drydock::runbook
