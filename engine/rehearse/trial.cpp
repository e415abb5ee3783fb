#include "engine/rehearse/trial.h"

#include "engine/error.h"

namespace drydock::rehearse {
namespace {

sql::SessionHooks hooks(CancelToken& cancel, const Trial::Told& told) {
    const auto tell = [told](std::string_view text) {
        if (told) told(text);
    };
    sql::SessionHooks hooks;
    hooks.allow_write = [](const sql::StepSession&, std::string_view) {};
    hooks.check_stop = [&cancel] {
        if (cancel.reason() != StopReason::None)
            throw Error(ErrorCode::Interrupted, "stopped", "nothing of it stays");
    };
    // Nobody takes it up again: nothing is journaled.
    hooks.begin_effect = [](std::string_view, std::string_view, const Value&) {
        return std::int64_t{1};
    };
    hooks.end_effect = [](std::int64_t, bool, std::string_view) {};
    hooks.began_before = [](std::string_view, std::string_view) { return false; };
    hooks.progress = [tell](std::int64_t, std::int64_t, std::string_view text) { tell(text); };
    hooks.notice = [tell](std::string_view, std::string_view text) { tell(text); };
    hooks.committed = [](std::string_view, std::string_view, std::int64_t) {};
    return hooks;
}

}  // namespace

Trial::Trial(sql::Database& database, Clock& clock, CancelToken& cancel, const std::string& id,
             const Told& told)
    : session_("main", database,
               {.run = id, .scope = "do/trial", .journal = "none", .term = 1, .seq = 1,
                .attempt = 1},
               hooks(cancel, told), clock, cancel) {}

}  // namespace drydock::rehearse
