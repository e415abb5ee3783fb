#include <array>
#include <ctime>

#include "bindings/api.h"

// time.*, and duration() and size(), which templates use too. All times are UTC.
namespace drydock::bindings {
namespace {

int make_duration(lua_State* state) {
    push_quantity(state, duration_argument(state, 1, "duration"));
    return 1;
}

int make_size(lua_State* state) {
    push_quantity(state, size_argument(state, 1, "size"));
    return 1;
}

int now(lua_State* state) {
    push_quantity(state, host_of(state).clock->wall());
    return 1;
}

int parse(lua_State* state) {
    push_quantity(state, timestamp_argument(state, 1, "the time"));
    return 1;
}

// Only what means the same everywhere: no locale, no local zone.
void check_format(std::string_view format) {
    static constexpr std::string_view kAllowed = "YmdHMSjFTuVG%";
    for (std::size_t at = 0; at < format.size(); ++at) {
        if (format[at] != '%') continue;
        if (++at >= format.size() || kAllowed.find(format[at]) == std::string_view::npos) {
            throw Error(ErrorCode::Lua,
                        "time.format knows no %" + std::string(format.substr(at, 1)),
                        "it takes %Y %m %d %H %M %S %j %F %T %u %V %G %%");
        }
    }
}

int format(lua_State* state) {
    const Timestamp timestamp = timestamp_argument(state, 1, "the time");
    const std::string pattern =
        lua_isnoneornil(state, 2) ? "" : text_argument(state, 2, "the format");
    if (pattern.empty()) {
        push_text(state, to_text(timestamp));
        return 1;
    }
    if (pattern.size() > 100)
        throw Error(ErrorCode::Lua, "the format of a time is too long", "at most 100 characters");
    check_format(pattern);
    const std::int64_t micros = timestamp.micros;
    const std::time_t seconds = micros / 1'000'000 - (micros % 1'000'000 < 0 ? 1 : 0);
    std::tm parts{};
    if (gmtime_r(&seconds, &parts) == nullptr)
        throw Error(ErrorCode::Lua, "the time is out of range");
    std::array<char, 2048> buffer{};
    push_text(state, {buffer.data(),
                      std::strftime(buffer.data(), buffer.size(), pattern.c_str(), &parts)});
    return 1;
}

constexpr luaL_Reg kFunctions[] = {
    {"now", guarded<now>},        {"parse", guarded<parse>},
    {"format", guarded<format>},  {"duration", guarded<make_duration>},
    {"size", guarded<make_size>}, {nullptr, nullptr},
};

}  // namespace

int open_time(lua_State* state) {
    push_library(state, kFunctions);
    return 1;
}

int open_duration(lua_State* state) {
    lua_pushcfunction(state, guarded<make_duration>);
    return 1;
}

int open_size(lua_State* state) {
    lua_pushcfunction(state, guarded<make_size>);
    return 1;
}

}  // namespace drydock::bindings
