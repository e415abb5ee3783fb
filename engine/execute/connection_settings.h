#pragma once

#include <optional>
#include <string_view>

#include "engine/execute/targets.h"
#include "engine/secret.h"

// Reading single settings of a connection, for whoever opens one.
namespace drydock::execute {

template <class T>
T setting_or(const ConnectionSettings& settings, std::string_view key, T otherwise) {
    const auto found = settings.find(key);
    if (found == settings.end()) return otherwise;
    const auto* held = found->second.find<T>();
    return held == nullptr ? otherwise : *held;
}

// Any text of a connection may come from a secret, and then stays one.
[[nodiscard]] std::optional<Secret> secret_setting(const ConnectionSettings& settings,
                                                   std::string_view key);
// `connect: {every, for}`.
[[nodiscard]] Microseconds connect_part(const ConnectionSettings& settings, std::string_view key,
                                        Microseconds otherwise);

}  // namespace drydock::execute
