#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/cases/reader.h"
#include "engine/cli/assemble.h"

// From what a person names to files of cases.
namespace drydock::cli {

struct CasesFile {
    std::string path;                    // as it is shown
    std::optional<std::string> shipped;  // the name of the runbook that the program carries
};

// Files and folders as given, runbooks by their file or name; nothing given: everything below the
// working folder and the `runbooks:` folders. Sorted within a folder, each file once. Throws
// Error{NotFound} for something that has no cases.
[[nodiscard]] std::vector<CasesFile> find_cases(Assembly& assembly,
                                                const std::vector<std::string>& subjects);

// Read and checked against its runbook.
[[nodiscard]] cases::ReadResult read(Assembly& assembly, const CasesFile& file);

}  // namespace drydock::cli
