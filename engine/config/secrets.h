#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/config/env_file.h"
#include "engine/runbook/convert.h"
#include "engine/runbook/runbook.h"
#include "engine/secret.h"

namespace drydock::config {

// Where secrets may come from, besides files.
struct SecretPlaces {
    const Variables& variables;         // the process's, with those of the environment's env_file
    std::string working_folder;         // of relative paths
    std::string credentials_folder;     // $CREDENTIALS_DIRECTORY of systemd; empty: there is none
};

// The text of a secret, now. `evaluator` computes ${…} in the source (a file's name may be a
// param).
// nullopt: there is none, and its default is null. Texts come without one trailing line break. At
// most 64 KiB, not empty. Throws Error{Document}, which names the secret and its source and never
// holds a part of the text.
[[nodiscard]] std::optional<Secret> resolve_secret(std::string_view name,
                                                   const runbook::SecretSource& source,
                                                   const runbook::Evaluator& evaluator,
                                                   const SecretPlaces& places);

}  // namespace drydock::config
