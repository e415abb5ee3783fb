#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/runbook/diagnostic.h"

// Files of variables, one KEY=VALUE per line: what an environment's `env_file` names.
namespace drydock::config {

using Variables = std::map<std::string, std::string, std::less<>>;

struct EnvFileResult {
    Variables variables;
    runbook::Diagnostics
        diagnostics;  // with line and column, but without the source line: it may be secret
};

// Blank lines and lines that begin with # are skipped, `export ` before a key too. A value may
// stand in single quotes (as it is) or double quotes (\n \t \" \\ \$ are escapes); without quotes
// it ends at " #" and is trimmed. Nothing is expanded. A key that comes again replaces the first.
[[nodiscard]] EnvFileResult parse_env_file(std::string_view text, const std::string& path);

// The same of a file, which must be private (private_file.h) and at most 1 MiB. Throws
// Error{Document} with the first problem's place.
[[nodiscard]] Variables read_env_file(const std::string& path);

// The process's own variables.
[[nodiscard]] Variables process_variables();

}  // namespace drydock::config
