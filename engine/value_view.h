#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/value.h"

namespace drydock {

// A value that is looked at where it lies, so that many of them copy nothing: its text is a view.
// Held whole is only what has to be made first: a list, bytes that came encoded.
using ValueView =
    std::variant<std::monostate, bool, std::int64_t, double, std::string_view, Timestamp, Value>;

// A copy that outlives what was looked at.
[[nodiscard]] inline Value value_of(ValueView view) {
    struct Copy {
        Value operator()(std::monostate) const { return {}; }
        Value operator()(bool flag) const { return flag; }
        Value operator()(std::int64_t number) const { return number; }
        Value operator()(double number) const { return number; }
        Value operator()(std::string_view text) const { return text; }
        Value operator()(Timestamp timestamp) const { return timestamp; }
        Value operator()(Value& held) const { return std::move(held); }
    };
    return std::visit(Copy{}, view);
}

}  // namespace drydock
