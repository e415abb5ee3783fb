#pragma once

#include "engine/runbook/keys.h"

// The keys of drydock.yaml; see runbook/keys.h. Constants.
namespace drydock::config {

[[nodiscard]] const runbook::KeyTable& settings_keys();
[[nodiscard]] const runbook::KeyTable& environment_keys();
[[nodiscard]] const runbook::KeyTable& notification_keys();
[[nodiscard]] const runbook::KeyTable& migrations_keys();
[[nodiscard]] const runbook::KeyTable& home_grown_keys();

// All of them, the document first.
[[nodiscard]] std::span<const runbook::KeyTable* const> settings_tables();

}  // namespace drydock::config
