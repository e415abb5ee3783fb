#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/runbook/runbook.h"

namespace drydock::runbook {

// What the reader must know about a piece of Lua without running it. Found in the compiled text, so
// it is exact about globals and about names written out (`steps.expire.rows`); a name that is
// computed at run time is checked at run time.
struct ScriptFacts {
    struct Name {
        std::vector<std::string> path;  // {"steps", "expire", "rows"}; at least one element
        int line = 0;                   // counted from 1 within the text
    };
    std::vector<Name> reads;      // globals read, with the constant fields that follow them
    std::vector<Name> writes;     // globals assigned
    // Methods called on constant paths: {"connections","app","exec"}; on what the inspector lost
    // (a parameter, one of several connections): {"?","exec"}.
    std::vector<Name> calls;
    // Constant strings of the text with their first line, e.g. SQL given to :exec.
    std::vector<std::pair<std::string, int>> strings;
};

struct ScriptProblem {
    std::string message;
    int line = 0;  // within the text, from 1
    std::string hint;
};

// Reads Lua for the rules. The one real implementation is bindings::Inspector; an interface because
// the reader is pure and below the bindings. Implementations need not be thread-safe.
class ScriptInspector {
  public:
    virtual ~ScriptInspector() = default;

    // Compiles a chunk (a `lua:` body). Facts, or the syntax error.
    virtual std::variant<ScriptFacts, ScriptProblem> chunk(std::string_view text) = 0;
    // Compiles an expression (`when:`, ${…}).
    virtual std::variant<ScriptFacts, ScriptProblem> expression(std::string_view text) = 0;
    // Runs a module file in a state without any primitive and reads the actions that it returns;
    // problems with its declarations are reported with the line of the file where known.
    virtual std::variant<Module, std::vector<ScriptProblem>> module(std::string_view name,
                                                                    std::string_view text) = 0;
    // The globals that a step may use ("connections", "fs", "string", …), sorted.
    [[nodiscard]] virtual const std::vector<std::string>& globals() const = 0;
};

}  // namespace drydock::runbook
