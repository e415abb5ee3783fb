#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/runbook/runbook.h"
#include "engine/runbook/template.h"

// From what is written to typed values (docs/format.md). A scalar is read by the declared type of
// its place; a whole-value template keeps its type and is then converted; a text never becomes a
// number because it looks like one. Pure: nothing is read from disk.
namespace drydock::runbook {

// Absolute folders against which relative paths are made absolute.
struct Folders {
    std::string working;  // `path`
    std::string runbook;  // `source`
};

struct Problem {
    Place place;
    std::string message;
    std::string hint;
};

// The value of `node` at a place of the declared type (null: nothing is declared, the core schema
// decides). Missing fields get their defaults. Throws Error{Document} naming `what` and the inner
// field; what `evaluator` throws passes.
[[nodiscard]] Value resolve(const Node& node, const Declaration* declared,
                            const Evaluator& evaluator, const Folders& folders,
                            std::string_view what);

// The parameters of an action: each declared one, given or by default. Throws as resolve().
[[nodiscard]] Value resolve_with(const ActionCall& call, const Action& action,
                                 const Evaluator& evaluator, const Folders& folders);

// Texts that people read (titles, prompts); see evaluate() in template.h.
[[nodiscard]] Value resolve(const Template& written, const Evaluator& evaluator);

// A computed value made what `declared` says; null when it is null and may be. Throws
// Error{Document}.
[[nodiscard]] Value convert(const Value& value, const Declaration& declared, const Folders& folders,
                            std::string_view what);

// What a step returned, as its declared fields: missing ones are null, others are left out, each of
// its type. `output` is a map or null. Throws Error{Document} naming the field.
[[nodiscard]] Value convert_returns(const Value& output, const Declarations& returns);

// What can be said about `node` before it is evaluated; templates are passed over.
[[nodiscard]] std::vector<Problem> literal_problems(const Node& node, const Declaration& declared,
                                                    std::string_view what);
// The same for the parameters of a call: missing, unknown and wrong ones.
[[nodiscard]] std::vector<Problem> literal_problems(const ActionCall& call, const Action& action);

// A scalar where nothing is declared: null, true, false, integers and numbers if `plain`.
[[nodiscard]] Value read_core(const Node::Scalar& scalar);

// `path` made absolute and normal ("..", ".", "//" removed) against `folder`.
[[nodiscard]] std::string absolute_path(std::string_view path, std::string_view folder);

}  // namespace drydock::runbook
