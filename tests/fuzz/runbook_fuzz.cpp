// Any text as a runbook: what is wrong is said, with a place inside of it; nothing else happens.

#include "bindings/inspector.h"
#include "engine/error.h"
#include "engine/runbook/fingerprint.h"
#include "engine/runbook/read.h"
#include "engine/sql/inspect.h"
#include "runbooks/shipped.h"
#include "tests/fuzz/fuzz.h"

using namespace drydock;

namespace {

runbook::ModuleLibrary& library() {
    static runbook::ModuleLibrary all = [] {
        runbook::ModuleLibrary made;
        for (const auto& module : runbooks::shipped_modules())
            made.add_shipped(std::string(module.name), std::string(module.text));
        return made;
    }();
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static bindings::Inspector inspector;
    const runbook::CheckResult read = runbook::read_runbook(
        {.path = "fuzz.yaml",
         .text = std::string(fuzz::text_of(bytes, size)),
         .modules = library(),
         .inspector = inspector,
         .sql_problem = [](std::string_view text) { return sql::script_problem(text); },
         .frozen = true});
    MUST(read.bundle.has_value() == read.diagnostics.empty());
    for (const runbook::Diagnostic& one : read.diagnostics) {
        MUST(!one.message.empty());
        MUST(!runbook::to_text(one).empty());
    }
    return 0;
}
