#pragma once

#include "engine/runbook/keys.h"

// The keys of a file of cases; see runbook/keys.h. Constants.
namespace drydock::cases {

[[nodiscard]] const runbook::KeyTable& cases_keys();
[[nodiscard]] const runbook::KeyTable& case_keys();
[[nodiscard]] const runbook::KeyTable& database_keys();  // of a connection of a case
[[nodiscard]] const runbook::KeyTable& file_keys();
[[nodiscard]] const runbook::KeyTable& expect_keys();
[[nodiscard]] const runbook::KeyTable& expected_error_keys();
[[nodiscard]] const runbook::KeyTable& question_keys();
[[nodiscard]] const runbook::KeyTable& refusal_keys();

// All of them, and those of answers, the document first.
[[nodiscard]] std::span<const runbook::KeyTable* const> cases_tables();

}  // namespace drydock::cases
