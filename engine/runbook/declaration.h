#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/runbook/report.h"
#include "engine/runbook/runbook.h"
#include "engine/runbook/script_inspector.h"
#include "engine/runbook/source.h"

// Declarations as they are written (format.md): `name: integer` or `name: {type: integer, min: 0}`,
// in runbooks, settings and Lua modules alike.
namespace drydock::runbook {

// Where a declaration stands decides what it may say.
enum class DeclarationUse : std::uint8_t {
    Param,         // of a runbook: `env` is allowed, the type secret is not
    ActionParam,   // every type
    Result,        // `returns` and `form`: recorded in the journal, so no secrets
};

[[nodiscard]] std::string_view type_name(Type type);
[[nodiscard]] std::optional<Type> type_from_name(std::string_view name);

// A map of names to declarations. Problems go to `report`; what is wrong is read as type any.
[[nodiscard]] Declarations read_declarations(const SourceNode& node, std::string_view what,
                                             DeclarationUse use, Report& report);

// The same from the table that a Lua module returns (`params = {replicas = {type = "integer"}}`),
// in the order of the names. `what` begins the messages: "params of scale".
[[nodiscard]] std::variant<Declarations, std::vector<ScriptProblem>> declarations_from_value(
    const Value& table, std::string_view what, DeclarationUse use);

[[nodiscard]] const Declaration* find_declaration(const Declarations& declarations,
                                                  std::string_view name);
[[nodiscard]] std::vector<std::string> names_of(const Declarations& declarations);

// A value as a literal node, so that defaults from Lua are kept like those from YAML.
[[nodiscard]] Node node_of(const Value& value);

}  // namespace drydock::runbook
