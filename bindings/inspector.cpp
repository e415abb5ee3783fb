#include "bindings/inspector.h"

#include <set>

#include "bindings/module_reader.h"
#include "bindings/sandbox.h"
#include "bindings/script_call.h"
#include "bindings/script_facts.h"
#include "engine/error.h"

namespace drydock::bindings {
namespace {

using runbook::ScriptFacts;
using runbook::ScriptProblem;

// A text is at most 1 MiB (the limit of a document); its compiled form needs some times that.
constexpr std::size_t kMemoryToCompile = std::size_t{64} << 20;

std::variant<ScriptFacts, ScriptProblem> inspect(std::string_view text) {
    Host host;
    host.mode = Mode::Module;
    host.memory_limit = kMemoryToCompile;
    try {
        ScriptFacts facts;
        run_in_sandbox(host, false, [&](lua_State* state) {
            compile(state, text, kBodyChunk);
            facts = facts_of(read_bytecode(dump_function(state)));
        });
        return facts;
    } catch (const Error& error) {
        return problem_of(error);
    }
}

}  // namespace

Inspector::Inspector() : globals_(globals_of(Mode::Step)) {
    // Only probes and undos have an output; the rules add it for them.
    std::erase(globals_, "output");
}

std::variant<ScriptFacts, ScriptProblem> Inspector::chunk(std::string_view text) {
    return inspect(text);
}

std::variant<ScriptFacts, ScriptProblem> Inspector::expression(std::string_view text) {
    return inspect(expression_chunk(text));
}

std::variant<runbook::Module, std::vector<ScriptProblem>> Inspector::module(std::string_view name,
                                                                            std::string_view text) {
    return read_module(name, text);
}

}  // namespace drydock::bindings
