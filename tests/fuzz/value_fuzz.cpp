// Any text as typed JSON: what is read is written and read as the same value, and goes through Lua
// and back without a change.

#include "bindings/lua_value.h"
#include "bindings/script_call.h"
#include "engine/error.h"
#include "engine/json/json.h"
#include "tests/fuzz/fuzz.h"

using namespace drydock;

namespace {

// In Lua a null member of a map is absent, a list may be told from a map only by what is in it.
bool survives_lua(const Value& value) {
    if (value.is_null() || value.contains_secret()) return false;
    if (const auto* list = value.find<Value::List>()) {
        for (const Value& item : *list)
            if (!item.is_null() && !survives_lua(item)) return false;
        return true;
    }
    if (const auto* map = value.find<Value::Map>()) {
        for (const auto& [key, item] : *map)
            if (!survives_lua(item)) return false;
    }
    return true;
}

void check_lua(const Value& value) {
    bindings::Host host;
    host.mode = bindings::Mode::Step;
    try {
        bindings::run_in_sandbox(host, false, [&](lua_State* state) {
            bindings::push_value(state, value);
            const Value back = bindings::to_value(state, -1, "the value");
            if (survives_lua(value)) MUST(back == value);
        });
    } catch (const Error& error) {
        MUST(error.code() == ErrorCode::Lua);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text = fuzz::text_of(bytes, size);
    Value value;
    try {
        value = json::parse_typed(text);
    } catch (const Error&) {
        try {
            (void)json::write(json::parse(text));
        } catch (const Error& error) {
            MUST(!error.message().empty());
        }
        return 0;
    }
    check_lua(value);
    std::string written;
    try {
        written = json::write_typed(value);
    } catch (const Error& error) {
        MUST(error.code() == ErrorCode::Lua);
        return 0;
    }
    MUST(json::write_typed(json::parse_typed(written)) == written);
    (void)to_text(value);
    return 0;
}
