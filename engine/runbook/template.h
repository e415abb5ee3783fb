#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/runbook/report.h"
#include "engine/runbook/runbook.h"
#include "engine/runbook/source.h"

// Texts with ${ Lua expression }. `$${` writes a literal `${`. The end of an expression is found
// the way Lua reads it: braces inside strings, tables, long brackets and comments do not end it.
namespace drydock::runbook {

// Computes an expression; throws Error{Lua}. May return a Secret where secrets may go.
using Evaluator = std::function<Value(const Expression&)>;

// Splits `text`, which begins at `start` in its file; line breaks in it count as lines. Throws
// Error{Document} for an expression that is empty or never closed. For files that are rendered.
[[nodiscard]] Template parse_template(std::string_view text, Place start);

// The same for a scalar of a runbook, with exact places; problems go to `report`, and the text is
// then taken literally.
[[nodiscard]] Template read_template(const SourceNode& scalar, Report& report);

// The tree as a value that is still to be evaluated. Where `declared` says sql the text stays as it
// is, also in nested fields; a ${…} in it is reported. Null `declared`: templates everywhere.
[[nodiscard]] Node to_node(const SourceNode& source, const Declaration* declared, Report& report);
// Without any template: ${ stays ${.
[[nodiscard]] Node to_literal_node(const SourceNode& source);

// The text of a template: literals and to_text of each expression's value. A Secret when one of
// them is one.
[[nodiscard]] Value evaluate(const Template& written, const Evaluator& evaluator);

// True when `text` holds a ${ that is not written as $${.
[[nodiscard]] bool has_expression(std::string_view text);

// Calls `visit` for each expression anywhere in `node`, in the order written.
void for_each_expression(const Node& node, const std::function<void(const Expression&)>& visit);
void for_each_expression(const Template& written,
                         const std::function<void(const Expression&)>& visit);

}  // namespace drydock::runbook
