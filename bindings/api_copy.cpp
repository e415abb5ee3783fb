#include "bindings/api.h"
#include "bindings/connection_methods.h"
#include "engine/crypto/digest.h"
#include "engine/sql/copy_out.h"

// Many rows into a table and out of one: connections.NAME:copy and :copy_out.
namespace drydock::bindings {
namespace {

// The texts of the list at the top of the stack.
std::vector<std::string> column_list(lua_State* state) {
    luaL_checktype(state, -1, LUA_TTABLE);
    std::vector<std::string> columns;
    for (lua_Integer i = 1; lua_rawgeti(state, -1, i) != LUA_TNIL; ++i) {
        columns.push_back(text_argument(state, lua_gettop(state), "a column"));
        lua_pop(state, 1);
    }
    lua_pop(state, 1);
    return columns;
}

// Reads the row at the top of the stack, a list in the order of the columns or a map by their
// names, and pops it.
void take_row(lua_State* state, const std::vector<std::string>& columns, std::vector<Value>& row) {
    luaL_checktype(state, -1, LUA_TTABLE);
    for (std::size_t c = 0; c < columns.size(); ++c) {
        if (lua_rawgeti(state, -1, static_cast<lua_Integer>(c) + 1) == LUA_TNIL) {
            lua_pop(state, 1);
            lua_getfield(state, -1, columns[c].c_str());
        }
        row[c] = to_value(state, -1, "a value of copy");
        lua_pop(state, 1);
    }
    lua_pop(state, 1);
}

// The query that copy_out{…} is given, or all rows of its table.
sql::CopyOut query_option(lua_State* state, Options& options, sql::Dialect dialect) {
    sql::CopyOut wanted{.statement = options.text("sql", "")};
    const std::string table = options.text("table", "");
    if (wanted.statement.empty() == table.empty()) {
        throw Error(ErrorCode::Lua, "copy_out needs `sql` or `table`, and not both",
                    "copy_out{to = \"…\", table = \"…\"}");
    }
    std::vector<std::string> columns;
    if (options.push("columns")) {
        columns = column_list(state);
        lua_pop(state, 1);
    }
    if (options.push("args")) {
        wanted.arguments = statement_arguments(state, lua_gettop(state), lua_gettop(state));
        lua_pop(state, 1);
    }
    if (!table.empty()) {
        if (!wanted.arguments.positional.empty() || !wanted.arguments.named.empty())
            throw Error(ErrorCode::Lua, "copy_out: `args` are values of `sql`");
        wanted.statement = sql::select_all(table, columns, dialect);
    } else if (!columns.empty()) {
        throw Error(ErrorCode::Lua, "copy_out: `columns` are those of a `table`",
                    "name them in the query");
    }
    return wanted;
}

void format_option(Options& options, sql::CopyOut& wanted) {
    const std::string format = options.text("format", "csv");
    if (format != "csv" && format != "text")
        throw Error(ErrorCode::Lua, "copy_out: there is no format `" + format + "`",
                    "it is csv or text");
    wanted.format = format == "csv" ? sql::CopyFormat::Csv : sql::CopyFormat::Text;
    const bool csv = wanted.format == sql::CopyFormat::Csv;
    wanted.header = options.boolean("header", csv);
    // PostgreSQL reads one back from version 15 on only.
    if (wanted.header && !csv)
        throw Error(ErrorCode::Lua, "copy_out: the format text has no header",
                    "take csv, or leave `header` out");
}

}  // namespace

// copy(table, columns, rows): `rows` is a list, or a function that gives one row after another.
int connection_copy(lua_State* state) {
    sql::StepSession& session = session_argument(state);
    const std::string table = text_argument(state, 2, "the table");
    luaL_checktype(state, 3, LUA_TTABLE);
    std::vector<std::string> columns;
    for (lua_Integer i = 1; lua_rawgeti(state, 3, i) != LUA_TNIL; ++i) {
        columns.push_back(text_argument(state, -1, "a column"));
        lua_pop(state, 1);
    }
    if (columns.empty()) throw Error(ErrorCode::Lua, "copy needs the names of the columns");
    lua_settop(state, 4);
    const bool called = lua_type(state, 4) == LUA_TFUNCTION;
    if (!called) luaL_checktype(state, 4, LUA_TTABLE);
    lua_Integer taken = 0;
    const std::int64_t copied = session.copy(table, columns, [&](std::vector<Value>& row) {
        if (called) {
            lua_pushvalue(state, 4);
            protected_call(state, 0, 1);
        } else {
            lua_rawgeti(state, 4, ++taken);
        }
        const bool more = !lua_isnil(state, -1);
        more ? take_row(state, columns, row) : lua_pop(state, 1);
        return more;
    });
    lua_pushinteger(state, copied);
    return 1;
}

// copy_out{to = …, sql = … | table = …}: {path, rows, bytes, sha256}
int connection_copy_out(lua_State* state) {
    sql::StepSession& session = session_argument(state);
    luaL_checktype(state, 2, LUA_TTABLE);
    Options options(state, 2, "copy_out");
    const std::string to = options.text("to", "");
    if (to.empty())
        throw Error(ErrorCode::Lua, "copy_out needs `to`, the path of the file",
                    "copy_out{to = \"…\", table = \"…\"}");
    sql::CopyOut wanted = query_option(state, options, session.database().dialect());
    format_option(options, wanted);
    options.finish();
    execute::StepContext& context = context_of(state);
    const std::string path = context.files().checked_path(to, false);
    context.begin_file_change("copy_out", path);
    crypto::Sha256 digest;
    std::int64_t bytes = 0, rows = 0;
    context.files().write_pieces(path, [&](const files::Confined::Pieces& file) {
        rows = sql::copy_out(session, wanted, [&](std::string_view piece, std::int64_t done) {
            context.check_stop();
            digest.update(piece);
            file(piece);
            bytes += static_cast<std::int64_t>(piece.size());
            context.progress(done, 0, "rows");
        });
    });
    push_value(state, Value::Map{{"path", path},
                                 {"rows", rows},
                                 {"bytes", bytes},
                                 {"sha256", crypto::to_hex(digest.finish())}});
    return 1;
}

}  // namespace drydock::bindings
