#pragma once

#include <lua.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "engine/secret.h"

// A Secret as scripts hold it: userdata that shows its name only. Its text lives in the memory of
// the state, so that the state's limit counts it, and is wiped when collected. What is made with
// one (`..`, string.format, table.concat, json.encode) is one; all else is refused.
namespace drydock::bindings {

void push_secret(lua_State* state, std::string_view name, std::string_view text);
[[nodiscard]] std::optional<Secret> find_secret(lua_State* state, int index);

struct SecretView {
    std::string_view name;
    std::string_view text;
};
// The secret at `index` without a copy; valid while it is on the stack.
[[nodiscard]] std::optional<SecretView> view_secret(lua_State* state, int index);

}  // namespace drydock::bindings
