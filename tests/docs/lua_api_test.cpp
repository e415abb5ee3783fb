// docs/lua_api.md is made from the annotations that editors read. UPDATE_GOLDEN=1 makes it anew.

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "docs/markdown.h"

namespace drydock::docs {
namespace {

constexpr std::string_view kHead =
    "# What Lua steps see\n"
    "\n"
    "Made from `bindings/drydock*.lua`, the LuaLS annotations; point your editor at these files, "
    "and it\n"
    "completes all of this. Lua 5.4 in a sandbox: a fresh state per attempt, 256 MiB of memory, a\n"
    "deadline that `pcall` cannot swallow. Not there: `load`, `require`, `io`, `os`, `debug`,\n"
    "coroutines, `xpcall`, `math.random`. `pairs` goes in order: numbers first, then texts.\n"
    "\n"
    "A step's bare writes (`:exec`, `:copy`) join one transaction, which commits together with "
    "its\n"
    "receipt when the step returns. `transaction{key=…}` and `batches{key=…}` commit on their own, "
    "each\n"
    "with its receipt: a repeated step starts at its top, and what has a receipt or was recorded "
    "by\n"
    "`once` is not done again.\n";

// `words` of "text   comment": what stands before the first run of three blanks, and what after.
std::pair<std::string, std::string> split_comment(const std::string& words) {
    const std::size_t gap = words.find("   ");
    if (gap == std::string::npos) return {words, {}};
    const std::size_t text = words.find_first_not_of(' ', gap);
    return {words.substr(0, gap), text == std::string::npos ? "" : words.substr(text)};
}

// Collects the annotations above a declaration, and writes them when it comes. A blank line ends
// what belongs together.
class LuaApi {
  public:
    void read(const std::string& line) {
        if (line.starts_with("---@"))
            annotation(line.substr(4));
        else if (line.starts_with("---| "))
            list_ += "- `" + line.substr(5) + "`\n";
        else if (line.starts_with("---"))
            (list_.empty() ? prose_ : list_) += line.substr(3) + "\n";
        else if (line.starts_with("function "))
            function(line.substr(9));
        else if (line.find(" = ") != std::string::npos)
            global(line.substr(0, line.find(" = ")));
        else
            flush();
    }
    std::string finished() {
        flush();
        return text_;
    }

  private:
    void annotation(const std::string& words) {
        const std::string kind = words.substr(0, words.find(' '));
        const std::string rest = words.size() > kind.size() ? words.substr(kind.size() + 1) : "";
        const auto [declared, comment] = split_comment(rest);
        const std::string note = comment.empty() ? "" : ": " + comment;
        if (kind == "class" || kind == "alias") {
            class_ = declared.substr(0, declared.find(' '));
            text_ += "\n## `" + class_ + "`\n\n";
            if (kind == "alias" && declared == class_)
                prose_ = "One of\n";
            else if (kind == "alias")
                list_ = "One of `" + declared.substr(class_.size() + 1) + "`.\n";
            if (!comment.empty()) prose_ += comment + "\n";
        } else if (kind == "field" || kind == "param") {
            list_ += "- `" + declared + "`" + note + "\n";
        } else if (kind == "overload") {
            list_ += "- also `" + declared + "`\n";
        } else if (kind != "generic") {
            const std::string word = kind == "return" ? "returns" : kind;
            list_ += "- " + word + " `" + declared + "`" + note + "\n";
        }
    }
    void function(const std::string& declaration) {
        text_ += "\n### `" + declaration.substr(0, declaration.rfind(')') + 1) + "`\n\n";
        flush();
    }
    // What is declared right below a class is one of its kind.
    void global(const std::string& name) {
        if (class_.empty()) {
            text_ += "\n## `" + name + "`\n\n";
        } else if (class_ != name) {
            list_ += "\n`" + name + "` is one.\n";
        }
        flush();
    }
    void flush() {
        text_ += prose_;
        if (!list_.empty()) text_ += (prose_.empty() ? "" : "\n") + list_;
        prose_.clear();
        list_.clear();
        class_.clear();
    }

    std::string text_{kHead};
    std::string prose_, list_, class_;
};

std::string rendered() {
    LuaApi api;
    for (const char* file :
         {"bindings/drydock.lua", "bindings/drydock_migrate.lua", "bindings/drydock_redis.lua"}) {
        std::istringstream lines(read_text(std::filesystem::path(DRYDOCK_SOURCE) / file));
        bool declarations = false;
        for (std::string line; std::getline(lines, line);) {
            declarations = declarations || line.starts_with("---@class");
            if (declarations) api.read(line);
        }
    }
    return api.finished();
}

TEST(LuaApi, IsWhatTheAnnotationsSay) {
    const std::filesystem::path path = std::filesystem::path(DRYDOCK_SOURCE) / "docs/lua_api.md";
    if (std::getenv("UPDATE_GOLDEN") != nullptr) write_text(path, rendered());
    EXPECT_EQ(read_text(path), rendered()) << "UPDATE_GOLDEN=1 makes it anew";
}

}  // namespace
}  // namespace drydock::docs
