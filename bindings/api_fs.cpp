#include <algorithm>

#include "bindings/api.h"

// fs.*: files beneath the runbook's `files`.
namespace drydock::bindings {
namespace {

// The files, after the change of `path` has been announced.
files::Confined& changing(lua_State* state, std::string_view primitive, std::string_view path) {
    execute::StepContext& context = context_of(state);
    context.begin_file_change(primitive, path);
    return context.files();
}

std::string path_argument(lua_State* state, int index, std::string_view name = "the path") {
    std::string path = text_argument(state, index, name);
    if (path.empty()) throw Error(ErrorCode::Lua, std::string(name) + " is empty");
    if (path.find('\0') != std::string::npos)
        throw Error(ErrorCode::Lua, std::string(name) + " holds a zero byte");
    return path;
}

// Modes are written as in a shell: "0640".
int mode_option(Options& options) {
    // A number would be read as decimal by one and as octal by the next.
    const bool number = options.push("mode") && lua_type(options.state(), -1) == LUA_TNUMBER;
    const std::string text = options.text("mode", "0600");
    const bool octal = !number && !text.empty() && text.size() <= 4 &&
                       text.find_first_not_of("01234567") == std::string::npos;
    if (!octal)
        throw Error(ErrorCode::Lua, "the mode `" + text + "` is none",
                    "write it in octal, as a text: \"0640\"");
    return static_cast<int>(std::stol(text, nullptr, 8));
}

int fs_read(lua_State* state) {
    const std::string path = path_argument(state, 1);
    push_text(state, reading(state, "fs.read").files().read(path));
    return 1;
}

int fs_write(lua_State* state) {
    const std::string path = path_argument(state, 1);
    const RevealedText bytes =
        revealed_argument(state, 2, "the content");  // a place where secrets may go
    Options options(state, 3, "fs.write");
    const int mode = mode_option(options);
    options.finish();
    changing(state, "fs.write", path).write(path, bytes.text, mode);
    return 0;
}

int fs_copy(lua_State* state) {
    const std::string from = path_argument(state, 1, "the source");
    const std::string to = path_argument(state, 2, "the target");
    changing(state, "fs.copy", to).copy(from, to);
    return 0;
}

int fs_move(lua_State* state) {
    const std::string from = path_argument(state, 1, "the source");
    const std::string to = path_argument(state, 2, "the target");
    changing(state, "fs.move", to).move(from, to);
    return 0;
}

int fs_remove(lua_State* state) {
    const std::string path = path_argument(state, 1);
    lua_pushboolean(state, changing(state, "fs.remove", path).remove(path) ? 1 : 0);
    return 1;
}

int fs_mkdir(lua_State* state) {
    const std::string path = path_argument(state, 1);
    changing(state, "fs.mkdir", path).mkdir(path);
    return 0;
}

void push_texts(lua_State* state, const std::vector<std::string>& texts) {
    lua_createtable(state, static_cast<int>(texts.size()), 0);
    lua_Integer position = 0;
    for (const std::string& text : texts) {
        push_text(state, text);
        lua_rawseti(state, -2, ++position);
    }
}

int fs_list(lua_State* state) {
    const std::string path = path_argument(state, 1);
    push_texts(state, reading(state, "fs.list").files().list(path));
    return 1;
}

int fs_glob(lua_State* state) {
    const std::string pattern = path_argument(state, 1, "the pattern");
    push_texts(state, reading(state, "fs.glob").files().glob(pattern));
    return 1;
}

int fs_stat(lua_State* state) {
    const std::string path = path_argument(state, 1);
    const files::Stat found = reading(state, "fs.stat").files().stat(path);
    push_value(state, Value::Map{{"path", found.path},
                                 {"kind", found.kind},
                                 {"size", found.size},
                                 {"modified", found.modified},
                                 {"mode", found.mode}});
    return 1;
}

int fs_exists(lua_State* state) {
    const std::string path = path_argument(state, 1);
    lua_pushboolean(state, reading(state, "fs.exists").files().exists(path) ? 1 : 0);
    return 1;
}

int fs_sha256(lua_State* state) {
    const std::string path = path_argument(state, 1);
    push_text(state, reading(state, "fs.sha256").files().sha256(path));
    return 1;
}

int fs_compress(lua_State* state) {
    const std::string from = path_argument(state, 1, "the source");
    const std::string to = path_argument(state, 2, "the target");
    changing(state, "fs.compress", to).compress(from, to);
    return 0;
}

int fs_decompress(lua_State* state) {
    const std::string from = path_argument(state, 1, "the source");
    const std::string to = path_argument(state, 2, "the target");
    changing(state, "fs.decompress", to).decompress(from, to);
    return 0;
}

int fs_room(lua_State* state) {
    const std::string path = path_argument(state, 1);
    const files::Confined::Room room = reading(state, "fs.room").files().room(path);
    push_value(state, Value::Map{{"free", room.free}, {"total", room.total}});
    return 1;
}

int fs_temp(lua_State* state) {
    const std::string folder = path_argument(state, 1, "the folder");
    const std::string prefix =
        lua_isnoneornil(state, 2) ? "drydock-" : text_argument(state, 2, "the prefix");
    push_text(state, changing(state, "fs.temp", folder).temp(folder, prefix));
    return 1;
}

// "/a/b.db" -> "/a"; pure text.
int fs_folder(lua_State* state) {
    const std::string path = path_argument(state, 1);
    const std::size_t slash = path.find_last_of('/');
    push_text(state, slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash));
    return 1;
}

// "/a/b.db" -> "b.db"; pure text.
int fs_name(lua_State* state) {
    const std::string path = path_argument(state, 1);
    push_text(state, path.substr(path.find_last_of('/') + 1));
    return 1;
}

constexpr luaL_Reg kFunctions[] = {
    {"read", guarded<fs_read>},
    {"write", guarded<fs_write>},
    {"copy", guarded<fs_copy>},
    {"move", guarded<fs_move>},
    {"remove", guarded<fs_remove>},
    {"mkdir", guarded<fs_mkdir>},
    {"list", guarded<fs_list>},
    {"glob", guarded<fs_glob>},
    {"stat", guarded<fs_stat>},
    {"exists", guarded<fs_exists>},
    {"sha256", guarded<fs_sha256>},
    {"compress", guarded<fs_compress>},
    {"decompress", guarded<fs_decompress>},
    {"room", guarded<fs_room>},
    {"temp", guarded<fs_temp>},
    {"folder", guarded<fs_folder>},
    {"name", guarded<fs_name>},
    {nullptr, nullptr},
};

}  // namespace

int open_fs(lua_State* state) {
    push_library(state, kFunctions);
    return 1;
}

}  // namespace drydock::bindings
