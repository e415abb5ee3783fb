#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/clock.h"
#include "engine/execute/step_runner.h"

namespace drydock::bindings {

struct RunnerLimits {
    std::size_t step_memory_bytes = std::size_t{256} << 20;
    std::size_t expression_memory_bytes = std::size_t{16} << 20;
    std::int64_t expression_instructions = 10'000;
};

// "Lua 5.4.4".
[[nodiscard]] std::string_view lua_release();

// Runs the Lua of steps, a fresh sandboxed state for every call. Keeps nothing between calls but
// the compiled form of modules. Used on one thread at a time; `clock` must outlive it.
class LuaRunner final : public execute::StepRunner {
  public:
    explicit LuaRunner(Clock& clock, RunnerLimits limits = {});

    Value run(const execute::BodyCall& call, execute::StepContext& context) override;
    execute::ProbeAnswer probe(const execute::BodyCall& call,
                               execute::StepContext& context) override;
    Value evaluate(const runbook::Expression& expression, const execute::Names& names,
                   bool secrets) override;

  private:
    // The compiled form of a module's text, made from the text by this process.
    const std::string& compiled(const std::string& text);

    Clock& clock_;
    RunnerLimits limits_;
    std::unordered_map<std::string, std::string> compiled_;
};

}  // namespace drydock::bindings
