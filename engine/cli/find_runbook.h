#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/cli/assemble.h"
#include "engine/runbook/read.h"

// From what a person names to a runbook that may be run.
namespace drydock::cli {

// A runbook that can be found by its name.
struct NamedRunbook {
    std::string name;
    std::string path;                 // "(shipped)" for embedded ones
    std::optional<std::string> text;  // of a shipped one without files
    bool shipped = false;
};
// Those of the `runbooks:` folders (NAME.yaml, NAME/runbook.yaml), then the shipped ones, each name
// once, sorted.
[[nodiscard]] std::vector<NamedRunbook> named_runbooks(Assembly& assembly);

// A file when there is one or when it looks like one, else a name. Throws Error{NotFound}.
[[nodiscard]] NamedRunbook find_runbook(Assembly& assembly, const std::string& file_or_name);

// Where the runbook `name` stands, for people: its path, or that the program carries it.
[[nodiscard]] std::string shown_path(const std::string& path, const std::string& name);

enum class Roles : std::uint8_t { AsSet, Any };
// All that is wrong with it, or the bundle. Any: its roles need not be in the settings.
[[nodiscard]] runbook::CheckResult check(Assembly& assembly, const NamedRunbook& found,
                                         Roles roles = Roles::AsSet);

// Everything that a run of `file_or_name` starts with: read, checked, params resolved, sources
// frozen. What is wrong is printed, and then Error{Document} thrown.
[[nodiscard]] execute::StartOptions start_options(Assembly& assembly, const Arguments& arguments);

}  // namespace drydock::cli
