#include <algorithm>
#include <fstream>
#include <iterator>

#include "bindings/connection_methods.h"
#include "tests/bindings/script_fixture.h"

// bindings/drydock*.lua is what editors complete from: it must name all that steps see, and nothing
// else.
namespace drydock::bindings {
namespace {

class Annotations : public ScriptTest {
  protected:
    Annotations() {
        for (const char* file : {"/bindings/drydock.lua", "/bindings/drydock_migrate.lua",
                                 "/bindings/drydock_redis.lua"}) {
            std::ifstream in(std::string(DRYDOCK_SOURCE) + file);
            text_.append(std::istreambuf_iterator<char>(in), {});
        }
        EXPECT_FALSE(text_.empty());
    }
    [[nodiscard]] bool has(const std::string& piece) const {
        return text_.find("\n" + piece) != std::string::npos;
    }
    // The functions of a library, as a script finds them.
    Value::List functions_of(const std::string& library) {
        return run("local names = {} for name in pairs(" + library +
                   ") do names[#names + 1] = name end return {names = names}")
            .as<Value::Map>()
            .at("names")
            .as<Value::List>();
    }
    std::string text_;
};

constexpr const char* kLibraries[] = {"backup", "crypto", "fs", "json", "log", "schema", "time"};

TEST_F(Annotations, NameEveryFunctionOfEveryLibrary) {
    for (const std::string library : kLibraries) {
        for (const Value& name : functions_of(library)) {
            const std::string wanted = "function " + library + "." + name.as<std::string>() + "(";
            EXPECT_TRUE(has(wanted)) << wanted;
        }
    }
    for (const luaL_Reg* method = connection_methods(); method->name != nullptr; ++method) {
        EXPECT_TRUE(has("function connection:" + std::string(method->name) + "(")) << method->name;
    }
    for (const luaL_Reg* method = redis_methods(); method->name != nullptr; ++method) {
        EXPECT_TRUE(has("function redis_connection:" + std::string(method->name) + "("))
            << method->name;
    }
}

TEST_F(Annotations, NameEveryGlobalThatIsNotLuasOwn) {
    const std::vector<std::string> own{
        "assert",       "error",  "getmetatable", "ipairs",   "math",     "next",   "pairs",
        "pcall",        "print",  "rawequal",     "rawget",   "rawlen",   "rawset", "select",
        "setmetatable", "string", "table",        "tonumber", "tostring", "type",   "utf8"};
    const Inspector inspector;
    for (const std::string& name : inspector.globals()) {
        if (std::find(own.begin(), own.end(), name) != own.end()) continue;
        EXPECT_TRUE(has(name + " = ") || has("function " + name + "(")) << name;
    }
}

TEST_F(Annotations, NameNoFunctionThatIsNotThere) {
    context_->connections_["app"] = "/nowhere";
    context_->redis_["cache"] = "/nowhere";
    for (std::size_t at = text_.find("\nfunction "); at != std::string::npos;
         at = text_.find("\nfunction ", at + 1)) {
        const std::size_t begin = at + 10;
        std::string name = text_.substr(begin, text_.find('(', begin) - begin);
        if (name == "source:render") continue;  // lives on parameters only
        const std::size_t colon = name.find(':');
        const std::string one = name.starts_with("redis_") ? "cache." : "app.";
        if (colon != std::string::npos) name = "connections." + one + name.substr(colon + 1);
        EXPECT_EQ(value_of("type(" + name + ")"), Value("function")) << name;
    }
}

}  // namespace
}  // namespace drydock::bindings
