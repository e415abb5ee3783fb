#include <strings.h>

#include <algorithm>
#include <utility>

#include "bindings/api.h"
#include "engine/json/json.h"

// http{url =, method =, headers =, bearer =, body =, expect =, …}: one request, its whole answer.
namespace drydock::bindings {
namespace {

constexpr std::int64_t kMostTries = 100;

bool has_header(const fetch::Request& request, const char* name) {
    return std::ranges::any_of(request.headers, [name](const fetch::Header& header) {
        return ::strcasecmp(header.name.c_str(), name) == 0;
    });
}

void read_headers(Options& options, lua_State* state, fetch::Request& request) {
    if (!options.push("headers")) return;
    const Value value = to_value(state, lua_gettop(state), "http: headers");
    lua_pop(state, 1);
    const auto* headers = value.find<Value::Map>();
    const auto* none = value.find<Value::List>();
    if (headers == nullptr && (none == nullptr || !none->empty()))
        throw Error(ErrorCode::Lua, "http: headers must be a table of names");
    if (headers == nullptr) return;
    for (const auto& [name, content] : *headers) {
        if (content.holds<Value::List>() || content.holds<Value::Map>())
            throw Error(ErrorCode::Lua, "http: a header must be a text");
        const auto* secret = content.find<Secret>();
        request.headers.push_back({.name = name,
                                   .value = secret != nullptr ? secret->reveal() : to_text(content),
                                   .secret = secret != nullptr});
    }
}

void read_bearer(Options& options, lua_State* state, fetch::Request& request) {
    if (!options.push("bearer")) return;
    const RevealedText token = revealed_argument(state, -1, "http: bearer");
    lua_pop(state, 1);
    if (has_header(request, "authorization"))
        throw Error(ErrorCode::Lua, "http: bearer and the header Authorization are the same thing",
                    "give one of the two");
    request.headers.push_back(
        {.name = "Authorization", .value = "Bearer " + token.text, .secret = true});
}

// A text as it is; a table as JSON.
void read_body(Options& options, lua_State* state, fetch::Request& request) {
    if (!options.push("body")) return;
    const int type = lua_type(state, -1);
    if (type == LUA_TSTRING || view_secret(state, -1)) {
        request.body = revealed_argument(state, -1, "http: body").text;
    } else {
        request.body = json::write(revealed(to_value(state, lua_gettop(state), "http: body")));
        if (!has_header(request, "content-type"))
            request.headers.push_back({.name = "Content-Type", .value = "application/json"});
    }
    lua_pop(state, 1);
}

void read_expect(Options& options, lua_State* state, execute::HttpRequest& request) {
    if (!options.push("expect")) return;
    const bool any =
        lua_type(state, -1) == LUA_TSTRING && std::string_view(lua_tostring(state, -1)) == "any";
    if (any) {
        request.any_status = true;
    } else if (lua_type(state, -1) == LUA_TTABLE) {
        for (lua_Integer i = 1; lua_rawgeti(state, -1, i) != LUA_TNIL; ++i) {
            request.expect.push_back(integer_argument(state, -1, "http: a status of expect"));
            lua_pop(state, 1);
        }
        lua_pop(state, 1);
    } else {
        request.expect.push_back(integer_argument(state, -1, "http: expect"));
    }
    lua_pop(state, 1);
}

void read_duration(Options& options, std::string_view field, Microseconds& into) {
    if (!options.push(field)) return;
    into = duration_argument(options.state(), -1, "http: " + std::string(field)).length;
    lua_pop(options.state(), 1);
}

// retry = {times = 5, every = "2s"}
void read_retry(Options& options, lua_State* state, execute::HttpRequest& request) {
    if (!options.push("retry")) return;
    Options retry(state, -1, "http: retry");
    request.times = retry.integer("times", 1);
    read_duration(retry, "every", request.retry_every);
    retry.finish();
    lua_pop(state, 1);
    if (request.times < 1 || request.times > kMostTries || request.retry_every < Microseconds(0))
        throw Error(ErrorCode::Lua, "http: retry.times is a number from 1 to 100");
}

fetch::Request read_request(Options& options, lua_State* state) {
    fetch::Request request;
    request.method = options.text("method", "GET");
    if (options.push("url")) {
        if (view_secret(state, -1)) {
            throw Error(ErrorCode::Lua, "http: a url may not hold a secret",
                        "addresses are shown and recorded: give it in headers, bearer or body");
        }
        request.url = text_argument(state, -1, "http: url");
        lua_pop(state, 1);
    } else {
        throw Error(ErrorCode::Lua, "http needs a url", "http{url = \"https://host/path\"}");
    }
    read_headers(options, state, request);
    read_bearer(options, state, request);
    read_body(options, state, request);
    read_duration(options, "timeout", request.timeout);
    read_duration(options, "connect_timeout", request.connect_timeout);
    request.redirects = static_cast<int>(options.integer("redirects", request.redirects));
    if (options.push("max_bytes")) {
        const Size most = size_argument(state, -1, "http: max_bytes");
        request.max_bytes = most.bytes < 0 ? 0 : static_cast<std::size_t>(most.bytes);
        lua_pop(state, 1);
    }
    request.ca = options.text("ca", "");
    request.proxy = options.text("proxy", "");
    return request;
}

void push_answer(lua_State* state, const execute::HttpAnswer& answer) {
    lua_createtable(state, 0, 4);
    lua_pushinteger(state, answer.status);
    lua_setfield(state, -2, "status");
    lua_createtable(state, 0, static_cast<int>(answer.headers.size()));
    for (const auto& [name, value] : answer.headers) {
        push_text(state, name);
        push_text(state, value);
        lua_rawset(state, -3);
    }
    lua_setfield(state, -2, "headers");
    push_text(state, answer.body);
    lua_setfield(state, -2, "body");
    lua_pushnumber(state, static_cast<double>(answer.took.count()) / 1e6);
    lua_setfield(state, -2, "seconds");
}

int http(lua_State* state) {
    luaL_checktype(state, 1, LUA_TTABLE);
    lua_settop(state, 1);
    execute::StepContext& context = context_of(state);
    Options options(state, 1, "http");
    execute::HttpRequest request{.request = read_request(options, state)};
    read_expect(options, state, request);
    read_retry(options, state, request);
    options.finish();
    push_answer(state, context.http(request));
    return 1;
}

}  // namespace

int open_http(lua_State* state) {
    lua_pushcfunction(state, guarded<http>);
    return 1;
}

}  // namespace drydock::bindings
