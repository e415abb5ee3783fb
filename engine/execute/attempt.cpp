#include "engine/execute/attempt.h"

#include <exception>
#include <utility>

#include "engine/runbook/convert.h"
#include "engine/seam.h"

namespace drydock::execute {
namespace {

std::string module_of(std::string_view action) {
    return std::string(action.substr(0, action.rfind('.')));
}

// A value as an output: a map or null. A body that returns anything else has said nothing that
// later steps could name.
Value typed_output(Value value, const runbook::Declarations* returns) {
    if (returns != nullptr) return runbook::convert_returns(value, *returns);
    return value;
}

AttemptEnd::Returned run_body(Workshop& shop, AttemptContext& context, const BodyCall& call,
                              const runbook::Declarations* returns) {
    Value output = typed_output(shop.runner.run(call, context), returns);
    if (output.contains_secret()) {
        throw Error(ErrorCode::Lua, "the step's output contains a secret",
                    "outputs are recorded: return what others may read");
    }
    context.check_stop();
    output = context.recordable(output);
    context.finish(output);
    return {std::move(output)};
}

}  // namespace

std::optional<BodyCall> body_call(const runbook::Bundle& bundle, const runbook::Step& step,
                                  BodyCall::Part part) {
    const runbook::ActionCall* uses = nullptr;
    const runbook::LuaBody* lua = nullptr;
    const auto take = [&](const auto& body) {
        uses = std::get_if<runbook::ActionCall>(&body);
        lua = std::get_if<runbook::LuaBody>(&body);
    };
    take(step.body);
    const auto& own = part == BodyCall::Part::Probe ? step.probe : step.undo;
    const bool replaced = part != BodyCall::Part::Run && own.has_value();
    if (replaced) take(*own);
    if (part != BodyCall::Part::Run && !replaced && lua != nullptr) return std::nullopt;

    BodyCall call;
    // A step's own probe or undo is a body like any other: its action is run, not undone.
    call.part = replaced && uses != nullptr ? BodyCall::Part::Run : part;
    call.step = step.id;
    call.lua = lua;
    call.file = bundle.path;
    if (uses != nullptr) {
        call.action = bundle.find_action(uses->action);
        call.module = &bundle.modules.find(module_of(uses->action))->second;
        call.file = call.module->path;
        if (!replaced && part == BodyCall::Part::Probe && !call.action->has_probe)
            return std::nullopt;
        if (!replaced && part == BodyCall::Part::Undo && !call.action->has_undo)
            return std::nullopt;
    } else if (lua == nullptr) {
        return std::nullopt;
    }
    return call;
}

AttemptEnd run_attempt(Workshop& shop, AttemptContext& context, const BodyCall& call,
                       const runbook::Declarations* returns) {
    AttemptEnd end;
    try {
        end.how = run_body(shop, context, call, returns);
    } catch (const Error& error) {
        end.how = AttemptEnd::Raised{error};
    } catch (const Stopped& stopped) {
        end.how = stopped;
    } catch (const sql::AlreadyApplied& applied) {
        end.how = applied;
    } catch (const std::exception& bug) {
        end.how =
            AttemptEnd::Raised{Error(ErrorCode::Lua, std::string("unexpected: ") + bug.what())};
    }
    context.rethrow_fatal();
    // An error that came because the attempt was told to stop (an interrupted statement, a killed
    // child) is the stop, not a failure of its own.
    if (std::holds_alternative<AttemptEnd::Raised>(end.how) && shop.cancel.stop_now()) {
        end.how = Stopped{shop.cancel.reason()};
    }
    end.commit_in_doubt = context.commit_in_doubt();
    end.receipts = context.receipts();
    end.log = context.close(!std::holds_alternative<AttemptEnd::Returned>(end.how));
    kill_point("attempt.ended");
    return end;
}

}  // namespace drydock::execute
