#include <string.h>

#include <string>
#include <vector>

#include "bindings/guard.h"
#include "bindings/library.h"
#include "bindings/lua_handle.h"
#include "bindings/lua_value.h"
#include "bindings/pattern.h"
#include "bindings/text_builder.h"

namespace drydock::bindings {
namespace {

std::string_view text_at(lua_State* state, int index) {
    std::size_t size = 0;
    const char* bytes = luaL_checklstring(state, index, &size);
    return {bytes, size};
}

Pattern compiled(lua_State* state, std::string_view text,
                 Pattern::Caret caret = Pattern::Caret::Anchors) {
    Host& host = host_of(state);
    return Pattern(text, caret, [&host] { host.poll(); });
}

// A position as scripts count (from 1, from the end when negative) as an offset from 0.
std::size_t start_at(lua_Integer position, std::size_t size) {
    if (position > 0) return static_cast<std::size_t>(position) - 1;
    if (position == 0) return 0;
    const auto back = static_cast<std::size_t>(-(position + 1)) + 1;
    return back > size ? 0 : size - back;
}

void push_capture(lua_State* state, const Pattern::Capture& capture, std::string_view text) {
    if (capture.length == Pattern::kPosition) {
        lua_pushinteger(state, static_cast<lua_Integer>(capture.begin) + 1);
    } else {
        push_text(state, text.substr(capture.begin, static_cast<std::size_t>(capture.length)));
    }
}

// Pushes all captures, or the whole match where there are none and `whole` is wanted.
int push_captures(lua_State* state, const Pattern& pattern, std::string_view text,
                  std::size_t begin, std::size_t end, bool whole) {
    if (pattern.captures().empty() && whole) {
        push_text(state, text.substr(begin, end - begin));
        return 1;
    }
    luaL_checkstack(state, Pattern::kMaxCaptures + 2, "too many captures");
    for (const Pattern::Capture& capture : pattern.captures()) push_capture(state, capture, text);
    return static_cast<int>(pattern.captures().size());
}

int find_or_match(lua_State* state, bool find) {
    const std::string_view text = text_at(state, 1);
    const std::string_view wanted = text_at(state, 2);
    std::size_t begin = start_at(luaL_optinteger(state, 3, 1), text.size());
    if (begin > text.size()) {
        luaL_pushfail(state);
        return 1;
    }
    const bool plain = wanted.find_first_of("^$*+?.([%-)") == std::string_view::npos;
    if (find && (plain || lua_toboolean(state, 4) != 0)) {
        // memmem is linear; string_view::find takes days for half a text of equal letters.
        const void* place =
            ::memmem(text.data() + begin, text.size() - begin, wanted.data(), wanted.size());
        host_of(state).worked(text.size() - begin);
        if (place == nullptr) {
            luaL_pushfail(state);
            return 1;
        }
        const auto found = static_cast<std::size_t>(static_cast<const char*>(place) - text.data());
        lua_pushinteger(state, static_cast<lua_Integer>(found) + 1);
        lua_pushinteger(state, static_cast<lua_Integer>(found + wanted.size()));
        return 2;
    }
    Pattern pattern = compiled(state, wanted);
    std::size_t end = 0;
    do {
        if (!pattern.match_at(text, begin, end)) continue;
        if (!find) return push_captures(state, pattern, text, begin, end, true);
        lua_pushinteger(state, static_cast<lua_Integer>(begin) + 1);
        lua_pushinteger(state, static_cast<lua_Integer>(end));
        return 2 + push_captures(state, pattern, text, begin, end, false);
    } while (!pattern.anchored() && begin++ < text.size());
    luaL_pushfail(state);
    return 1;
}

int string_find(lua_State* state) { return find_or_match(state, true); }
int string_match(lua_State* state) { return find_or_match(state, false); }

// Upvalues: text, pattern, where to go on, end of the last match (an empty match right there does
// not count again).
int next_match(lua_State* state) {
    const std::string_view text = text_at(state, lua_upvalueindex(1));
    Pattern pattern =
        compiled(state, text_at(state, lua_upvalueindex(2)), Pattern::Caret::IsItself);
    auto begin = static_cast<std::size_t>(lua_tointeger(state, lua_upvalueindex(3)));
    const lua_Integer last = lua_tointeger(state, lua_upvalueindex(4));
    for (; begin <= text.size(); ++begin) {
        std::size_t end = 0;
        if (!pattern.match_at(text, begin, end) || static_cast<lua_Integer>(end) == last) continue;
        lua_pushinteger(state, static_cast<lua_Integer>(end));
        lua_copy(state, -1, lua_upvalueindex(3));
        lua_copy(state, -1, lua_upvalueindex(4));
        return push_captures(state, pattern, text, begin, end, true);
    }
    lua_pushinteger(state, static_cast<lua_Integer>(text.size()) + 1);
    lua_copy(state, -1, lua_upvalueindex(3));
    return 0;
}

int string_gmatch(lua_State* state) {
    const std::string_view text = text_at(state, 1);
    (void)text_at(state, 2);
    const std::size_t begin = start_at(luaL_optinteger(state, 3, 1), text.size());
    lua_settop(state, 2);
    lua_pushinteger(state, static_cast<lua_Integer>(std::min(begin, text.size() + 1)));
    lua_pushinteger(state, -1);
    lua_pushcclosure(state, guarded<next_match>, 4);
    return 1;
}

// One replacement of gsub from the text at argument 3: %0, %1 … and %%.
void append_template(lua_State* state, TextBuilder& out, const Pattern& pattern,
                     std::string_view match) {
    const std::string_view with = text_at(state, 3);
    const std::string_view text = text_at(state, 1);
    for (std::size_t at = 0; at < with.size(); ++at) {
        if (with[at] != '%') {
            const std::size_t until = std::min(with.find('%', at), with.size());
            out.append(with.substr(at, until - at));
            at = until - 1;
            continue;
        }
        const char c = ++at < with.size() ? with[at] : '\0';
        const auto which = static_cast<std::size_t>(c - '1');
        if (c == '%') {
            out.append("%");
        } else if (c == '0' || (c == '1' && pattern.captures().empty())) {
            out.append(match);
        } else if (c >= '1' && c <= '9' && which < pattern.captures().size()) {
            push_capture(state, pattern.captures()[which], text);
            out.append_shown(-1);
            lua_pop(state, 1);
        } else {
            throw Error(ErrorCode::Lua, "invalid use of '%' in replacement string",
                        "write %% for a percent sign");
        }
    }
}

void append_replacement(lua_State* state, TextBuilder& out, const Pattern& pattern,
                        std::size_t begin, std::size_t end) {
    const std::string_view text = text_at(state, 1);
    const std::string_view match = text.substr(begin, end - begin);
    const int type = lua_type(state, 3);
    if (type == LUA_TSTRING || type == LUA_TNUMBER) {
        append_template(state, out, pattern, match);
        return;
    }
    if (type == LUA_TFUNCTION) {
        lua_pushvalue(state, 3);
        lua_call(state, push_captures(state, pattern, text, begin, end, true), 1);
    } else {
        push_captures(state, pattern, text, begin, end, true);
        if (!pattern.captures().empty())
            lua_settop(state, -static_cast<int>(pattern.captures().size()));
        lua_gettable(state, 3);
    }
    if (lua_toboolean(state, -1) == 0) {
        out.append(match);
    } else if (lua_isstring(state, -1) != 0) {
        out.append_shown(-1);
    } else {
        throw Error(ErrorCode::Lua,
                    std::string("invalid replacement value (a ") + luaL_typename(state, -1) + ")");
    }
    lua_pop(state, 1);
}

int string_gsub(lua_State* state) {
    const std::string_view text = text_at(state, 1);
    Pattern pattern = compiled(state, text_at(state, 2));
    const int type = lua_type(state, 3);
    if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TTABLE && type != LUA_TFUNCTION) {
        return luaL_typeerror(state, 3, "string/function/table");
    }
    const lua_Integer limit = luaL_optinteger(state, 4, static_cast<lua_Integer>(text.size()) + 1);
    lua_settop(state, 3);
    TextBuilder out(state);
    lua_Integer count = 0;
    std::size_t at = 0;
    std::size_t last = std::string_view::npos;  // end of the last match
    while (count < limit) {
        std::size_t end = 0;
        if (pattern.match_at(text, at, end) && end != last) {
            ++count;
            append_replacement(state, out, pattern, at, end);
            at = last = end;
        } else if (at < text.size()) {
            out.append(text.substr(at++, 1));
        } else {
            break;
        }
        if (pattern.anchored()) break;
    }
    if (at < text.size()) out.append(text.substr(at));
    out.push();
    lua_pushinteger(state, count);
    return 2;
}

int string_rep(lua_State* state) {
    const std::string_view text = text_at(state, 1);
    const lua_Integer times = luaL_checkinteger(state, 2);
    const std::string_view between =
        lua_isnoneornil(state, 3) ? std::string_view() : text_at(state, 3);
    const std::size_t each = text.size() + between.size();
    if (times <= 0 || each == 0) {
        push_text(state, "");
        return 1;
    }
    if (static_cast<std::size_t>(times) > kMaxTextBytes / each) {
        throw Error(ErrorCode::Lua, "a text would be longer than 64 MiB", "work in smaller pieces");
    }
    TextBuilder out(state);
    for (lua_Integer i = 1; i <= times; ++i) {
        out.append(text);
        if (i < times) out.append(between);
    }
    out.push();
    return 1;
}

int string_format(lua_State* state) {
    TextBuilder out(state);
    format_into(state, 1, out);
    out.push();
    return 1;
}

constexpr luaL_Reg kOwn[] = {
    {"find", guarded<string_find>},
    {"match", guarded<string_match>},
    {"gmatch", guarded<string_gmatch>},
    {"gsub", guarded<string_gsub>},
    {"rep", guarded<string_rep>},
    {"format", guarded<string_format>},
    {nullptr, nullptr},
};

}  // namespace

int open_string(lua_State* state) {
    // The stock library also sets the metatable of texts; the sandbox's own is put back.
    push_text(state, "");
    const bool had = lua_getmetatable(state, -1) != 0;
    if (!had) lua_pushnil(state);
    lua_pushcfunction(state, luaopen_string);
    lua_call(state, 0, 1);
    lua_pushnil(state);
    lua_setfield(state, -2, "dump");
    luaL_setfuncs(state, kOwn, 0);
    lua_insert(state, -3);  // library, "", metatable
    lua_setmetatable(state, -2);
    lua_pop(state, 1);
    return 1;
}

}  // namespace drydock::bindings
