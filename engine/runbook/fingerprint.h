#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/crypto/digest.h"
#include "engine/runbook/rules.h"
#include "engine/runbook/runbook.h"
#include "engine/runbook/script_inspector.h"

// What makes a run the one that was approved: digests over everything that decides what it does,
// and the parts in which it is kept, so that it is resumed from its own frozen text.
namespace drydock::runbook {

// The parts of a bundle by name: "bundle.json", "runbook.yaml", "module/NAME", "source/PATH".
using Parts = std::map<std::string, std::string, std::less<>>;

[[nodiscard]] Parts to_parts(const Bundle& bundle);
// The bundle again, read from its frozen texts and nothing else. Throws Error{Integrity} when the
// parts are not complete or no longer read without an error.
[[nodiscard]] Bundle from_parts(const Parts& parts, ScriptInspector& inspector,
                                const SqlProblem& sql_problem);

// SHA-256 over the digests of all parts.
[[nodiscard]] crypto::Digest bundle_digest(const Bundle& bundle);

struct PlanContent {
    const Bundle& bundle;
    const Value& params;                      // a map
    std::string_view environment;
    const std::vector<std::string>& targets;  // identities that can be told now, "app = sqlite …"
};
// SHA-256 over all that the plan shows: the same files at the same paths, params, environment and
// targets give the same digest, on any machine.
[[nodiscard]] crypto::Digest plan_digest(const PlanContent& content);

}  // namespace drydock::runbook
