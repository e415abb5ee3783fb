#include "engine/run/status.h"

#include <array>
#include <string>

#include "engine/check.h"
#include "engine/error.h"

namespace drydock::run {
namespace {

// In the order of the enumerators; the array's size is checked against the last one.
template <class Enum>
struct Names;

template <>
struct Names<Phase> {
    static constexpr std::array names{"do", "undo", "final"};
};
template <>
struct Names<RunStatus> {
    static constexpr std::array names{"created", "running", "suspended", "succeeded",
                                      "failed",  "undone",  "cancelled"};
};
template <>
struct Names<StepStatus> {
    static constexpr std::array names{"pending", "running",   "waiting", "succeeded", "skipped",
                                      "failed",  "cancelled", "unknown", "undone"};
};
template <>
struct Names<ClaimWhy> {
    static constexpr std::array names{"start", "resume", "answer", "cancel", "undo"};
};
template <>
struct Names<SuspendWhy> {
    static constexpr std::array names{"approval", "timer",     "window",
                                      "operator", "interrupt", "lock"};
};
template <>
struct Names<StepOutcome> {
    static constexpr std::array names{"succeeded", "failed", "retry", "cancelled", "unknown"};
};
template <>
struct Names<SkipWhy> {
    static constexpr std::array names{"when", "operator", "nothing_done"};
};
template <>
struct Names<Verdict> {
    static constexpr std::array names{"applied", "not_applied", "retry", "skip"};
};
template <>
struct Names<SettledBy> {
    static constexpr std::array names{"receipt", "probe", "operator"};
};
template <>
struct Names<WaitWhat> {
    static constexpr std::array names{"approval", "timer", "operator"};
};
template <>
struct Names<WaitVerdict> {
    static constexpr std::array names{"approve", "reject", "elapsed", "expired"};
};
template <>
struct Names<EffectResult> {
    static constexpr std::array names{"ok", "error", "timeout", "killed", "lost"};
};
template <>
struct Names<CancelMode> {
    static constexpr std::array names{"safe", "now"};
};

}  // namespace

template <class Enum>
std::string_view name_of(Enum value) {
    const auto index = static_cast<std::size_t>(value);
    CHECK(index < Names<Enum>::names.size());
    return Names<Enum>::names[index];
}

template <class Enum>
Enum from_name(std::string_view name) {
    for (std::size_t i = 0; i < Names<Enum>::names.size(); ++i) {
        if (Names<Enum>::names[i] == name) return static_cast<Enum>(i);
    }
    throw Error(ErrorCode::Integrity, "the journal has an unknown word: " + std::string(name),
                "a newer drydock may have written it; run that one");
}

#define DRYDOCK_NAMED(Enum)                              \
    template std::string_view name_of<Enum>(Enum value); \
    template Enum from_name<Enum>(std::string_view name)
DRYDOCK_NAMED(Phase);
DRYDOCK_NAMED(RunStatus);
DRYDOCK_NAMED(StepStatus);
DRYDOCK_NAMED(ClaimWhy);
DRYDOCK_NAMED(SuspendWhy);
DRYDOCK_NAMED(StepOutcome);
DRYDOCK_NAMED(SkipWhy);
DRYDOCK_NAMED(Verdict);
DRYDOCK_NAMED(SettledBy);
DRYDOCK_NAMED(WaitWhat);
DRYDOCK_NAMED(WaitVerdict);
DRYDOCK_NAMED(EffectResult);
DRYDOCK_NAMED(CancelMode);
#undef DRYDOCK_NAMED

}  // namespace drydock::run
