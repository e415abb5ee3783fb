#include "bindings/secret_box.h"

#include <string.h>

#include "bindings/guard.h"
#include "bindings/lua_handle.h"
#include "bindings/text_builder.h"

namespace drydock::bindings {
namespace {

const char kSecretMeta = 0;

struct Box {
    std::size_t name_bytes;
    std::size_t text_bytes;
    // then the name, then the text
    [[nodiscard]] char* bytes() { return reinterpret_cast<char*>(this + 1); }
};

int wipe(lua_State* state) {
    Box* box = static_cast<Box*>(lua_touserdata(state, 1));
    explicit_bzero(box->bytes() + box->name_bytes, box->text_bytes);
    return 0;
}

int show(lua_State* state) {
    const auto secret = view_secret(state, 1);
    const std::string shown = "<secret " + std::string(secret ? secret->name : "") + ">";
    lua_pushlstring(state, shown.data(), shown.size());
    return 1;
}

int refuse(lua_State*) {
    throw Error(ErrorCode::Lua, "a secret cannot be looked at",
                "give it to where it may go; crypto.equal compares two without showing them");
}

constexpr luaL_Reg kMethods[] = {
    {"__gc", wipe},
    {"__tostring", guarded<show>},
    {"__concat", guarded<concatenate>},
    {"__index", guarded<refuse>},
    {"__newindex", guarded<refuse>},
    {"__len", guarded<refuse>},
    {"__eq", guarded<refuse>},
    {"__lt", guarded<refuse>},
    {"__le", guarded<refuse>},
    {"__call", guarded<refuse>},
    {nullptr, nullptr},
};

void push_meta(lua_State* state) {
    if (lua_rawgetp(state, LUA_REGISTRYINDEX, &kSecretMeta) != LUA_TNIL) return;
    lua_pop(state, 1);
    lua_createtable(state, 0, 12);
    luaL_setfuncs(state, kMethods, 0);
    lua_pushliteral(state, "secret");
    lua_setfield(state, -2, "__name");
    lua_pushboolean(state, 0);
    lua_setfield(state, -2, "__metatable");
    host_of(state).secret_meta = lua_topointer(state, -1);
    lua_pushvalue(state, -1);
    lua_rawsetp(state, LUA_REGISTRYINDEX, &kSecretMeta);
}

}  // namespace

void push_secret(lua_State* state, std::string_view name, std::string_view text) {
    luaL_checkstack(state, 6, nullptr);
    push_meta(state);
    void* block = lua_newuserdatauv(state, sizeof(Box) + name.size() + text.size(), 0);
    Box* box = new (block) Box{name.size(), text.size()};
    name.copy(box->bytes(), name.size());
    text.copy(box->bytes() + name.size(), text.size());
    lua_insert(state, -2);
    lua_setmetatable(state, -2);
}

std::optional<SecretView> view_secret(lua_State* state, int index) {
    const void* meta = host_of(state).secret_meta;
    if (meta == nullptr || lua_type(state, index) != LUA_TUSERDATA) return std::nullopt;
    if (lua_getmetatable(state, index) == 0) return std::nullopt;
    const bool ours = lua_topointer(state, -1) == meta;
    lua_pop(state, 1);
    if (!ours) return std::nullopt;
    Box* box = static_cast<Box*>(lua_touserdata(state, index));
    return SecretView{{box->bytes(), box->name_bytes},
                      {box->bytes() + box->name_bytes, box->text_bytes}};
}

std::optional<Secret> find_secret(lua_State* state, int index) {
    const auto view = view_secret(state, index);
    if (!view) return std::nullopt;
    return Secret(std::string(view->name), std::string(view->text));
}

}  // namespace drydock::bindings
