#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

#include "bindings/guard.h"
#include "bindings/library.h"
#include "bindings/lua_handle.h"
#include "bindings/lua_value.h"
#include "bindings/quantity.h"
#include "bindings/text_builder.h"

// string.format: the stock one with %q of a long text takes minutes, and knows neither quantities
// nor secrets.
namespace drydock::bindings {
namespace {

// One directive: "%-08.3f" is flags "-0", width 8, precision 3, letter f.
struct Directive {
    std::string spec;  // from % to before the letter
    char letter = 's';
};

Directive read_directive(std::string_view format, std::size_t& at) {
    Directive directive{.spec = "%"};
    const auto take = [&](std::string_view allowed, int most) {
        for (int i = 0;
             i < most && at < format.size() && allowed.find(format[at]) != std::string_view::npos;
             ++i) {
            directive.spec += format[at++];
        }
    };
    take("-+ #0", 5);
    take("0123456789", 2);
    if (at < format.size() && format[at] == '.') {
        directive.spec += format[at++];
        take("0123456789", 2);
    }
    static constexpr std::string_view kLetters = "diuoxXcaAeEfFgGsq";
    if (at >= format.size() || kLetters.find(format[at]) == std::string_view::npos) {
        throw Error(ErrorCode::Lua, "invalid conversion '" + directive.spec + "' to 'format'",
                    "write %% for a percent sign");
    }
    directive.letter = format[at++];
    return directive;
}

// Leaves the number that stands for the argument on the stack: a quantity counts as its number.
void push_numeric(lua_State* state, int index) {
    if (const Quantity* quantity = find_quantity(state, index)) {
        push_number(state, *quantity);
    } else {
        lua_pushvalue(state, index);
    }
}

void append_integer(lua_State* state, TextBuilder& out, const Directive& directive, int index) {
    push_numeric(state, index);
    const int is_whole = lua_isinteger(state, -1);
    lua_Integer number = 0;
    if (is_whole != 0) {
        number = lua_tointeger(state, -1);
    } else {
        const lua_Number value =
            lua_isnumber(state, -1) != 0 ? lua_tonumber(state, -1) : luaL_checknumber(state, index);
        if (lua_numbertointeger(std::floor(value), &number) == 0 || std::floor(value) != value) {
            throw Error(ErrorCode::Lua, "number has no integer representation", "%.0f rounds");
        }
    }
    lua_pop(state, 1);
    std::array<char, 160> buffer{};
    const std::string spec =
        directive.spec + "ll" + (directive.letter == 'i' ? 'd' : directive.letter);
    const int size = std::snprintf(buffer.data(), buffer.size(), spec.c_str(), number);
    out.append({buffer.data(), static_cast<std::size_t>(size)});
}

void append_number(lua_State* state, TextBuilder& out, const Directive& directive, int index) {
    push_numeric(state, index);
    const lua_Number number =
        lua_isnumber(state, -1) != 0 ? lua_tonumber(state, -1) : luaL_checknumber(state, index);
    lua_pop(state, 1);
    std::array<char, 500> buffer{};  // %99.99f of the largest double has 410 characters
    const int size = std::snprintf(buffer.data(), buffer.size(),
                                   (directive.spec + directive.letter).c_str(), number);
    out.append({buffer.data(), static_cast<std::size_t>(size)});
}

void append_quoted(lua_State* state, TextBuilder& out, int index) {
    switch (lua_type(state, index)) {
        case LUA_TSTRING: {
            std::size_t size = 0;
            const char* bytes = lua_tolstring(state, index, &size);
            out.append("\"");
            for (std::size_t i = 0; i < size; ++i) {
                const char c = bytes[i];
                if (c == '"' || c == '\\' || c == '\n') out.append("\\");
                if (c == '\r') {
                    out.append("\\13");
                } else if (c == '\0') {
                    out.append("\\0");
                } else {
                    out.append({&c, 1});
                }
            }
            out.append("\"");
            return;
        }
        case LUA_TNUMBER:
        case LUA_TNIL:
        case LUA_TBOOLEAN: out.append_tostring(index); return;
        default: throw Error(ErrorCode::Lua, "value has no literal form");
    }
}

// %s with a width or a precision: through snprintf, so a text of at most a few hundred bytes.
void append_padded(lua_State* state, TextBuilder& out, const Directive& directive, int index) {
    TextBuilder piece(state);
    piece.append_tostring(index);
    if (piece.shown() != piece.text()) {  // a secret is neither cut nor padded
        out.append_tostring(index);
        return;
    }
    const std::string& text = piece.text();
    const std::size_t point = directive.spec.find('.');
    std::string_view shown = text;
    if (point != std::string::npos) {
        const std::string digits = directive.spec.substr(point + 1);
        shown = shown.substr(0, digits.empty() ? 0 : static_cast<std::size_t>(std::stoi(digits)));
    }
    const std::string width_text =
        directive.spec.substr(1, point == std::string::npos ? point : point - 1);
    const std::size_t first = width_text.find_first_of("123456789");
    const std::size_t width = first == std::string::npos
                                  ? 0
                                  : static_cast<std::size_t>(std::stoi(width_text.substr(first)));
    const std::string padding(width > shown.size() ? width - shown.size() : 0, ' ');
    const bool left = width_text.find('-') != std::string::npos;
    if (!left) out.append(padding);
    out.append(shown);
    if (left) out.append(padding);
}

void append_argument(lua_State* state, TextBuilder& out, const Directive& directive, int index) {
    luaL_checkany(state, index);
    switch (directive.letter) {
        case 's':
            if (directive.spec == "%") {
                out.append_tostring(index);
            } else {
                append_padded(state, out, directive, index);
            }
            return;
        case 'q': append_quoted(state, out, index); return;
        case 'c': {
            const auto c = static_cast<char>(luaL_checkinteger(state, index));
            out.append({&c, 1});
            return;
        }
        case 'd':
        case 'i':
        case 'u':
        case 'o':
        case 'x':
        case 'X': append_integer(state, out, directive, index); return;
        default: append_number(state, out, directive, index); return;
    }
}

}  // namespace

void format_into(lua_State* state, int first, TextBuilder& out) {
    std::size_t size = 0;
    const char* bytes = luaL_checklstring(state, first, &size);
    const std::string_view format(bytes, size);
    int argument = first;
    for (std::size_t at = 0; at < format.size();) {
        const std::size_t percent = std::min(format.find('%', at), format.size());
        out.append(format.substr(at, percent - at));
        at = percent + 1;
        if (percent == format.size()) break;
        if (at < format.size() && format[at] == '%') {
            out.append("%");
            ++at;
            continue;
        }
        const Directive directive = read_directive(format, at);
        append_argument(state, out, directive, ++argument);
    }
}

}  // namespace drydock::bindings
