#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/runbook/convert.h"
#include "engine/runbook/diagnostic.h"
#include "engine/runbook/runbook.h"

// What the starter gives: from several places, typed, complete.
namespace drydock::runbook {

struct GivenParams {
    // `-p name=value`, in order; the last of a name counts.
    std::vector<std::pair<std::string, std::string>> flags;
    // `--params FILE`: a map in YAML or JSON. Empty path: none given.
    std::string file_path;
    std::string file_text;
    // The variables that `env:` may name: the process's, with those of the environment's env_file.
    std::map<std::string, std::string, std::less<>> variables;
    // `params` of the environment in drydock.yaml: defaults for params of these names in any
    // runbook.
    Node::Map settings;
};

// Computes an expression in a default with the params that were resolved before it.
using DefaultEvaluator = std::function<Value(const Expression&, const Value::Map& params)>;

struct ParamsResult {
    Value::Map values;  // one for each declared param; complete when there are no diagnostics
    Diagnostics diagnostics;
};

// Each declared param from the first place that has it: flag, file, variable, environment, default.
// Paths are made absolute. `path` and `text` are the runbook's, for the places of what is missing.
[[nodiscard]] ParamsResult resolve_params(const Runbook& runbook, const GivenParams& given,
                                          const DefaultEvaluator& evaluator, const Folders& folders,
                                          const std::string& path, std::string_view text);

// "name=value" of a -p flag. Throws Error{Usage}.
[[nodiscard]] std::pair<std::string, std::string> parse_flag(std::string_view flag);

}  // namespace drydock::runbook
