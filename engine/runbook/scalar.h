#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/runbook/convert.h"

// One scalar made what its place declares; convert.h does the same for whole values. Pure.
namespace drydock::runbook {

// How a value of the type is written, as a hint; "" where it goes without saying.
[[nodiscard]] std::string_view example_of(Type type);
// A computed scalar as `type`; nullopt when it is none.
[[nodiscard]] std::optional<Value> scalar_from_value(const Value& given, Type type);
// A text read as `type`; a null Value when it is one but out of range, nullopt when it is none.
// `folders` (null: as they are written) make paths absolute.
[[nodiscard]] std::optional<Value> scalar_from_text(const std::string& text, Type type,
                                                    const Folders* folders);

}  // namespace drydock::runbook
