#pragma once

#include <cstdint>
#include <string_view>

namespace drydock::run {

// The words of the event log. Each enum has one table of stable names (status.cpp); the names are
// what lines, the runs table, --json and `steps.X.status` carry.

enum class Phase : std::uint8_t { Do, Undo, Final };
enum class RunStatus : std::uint8_t {
    Created,
    Running,
    Suspended,
    Succeeded,
    Failed,
    Undone,
    Cancelled
};
enum class StepStatus : std::uint8_t {
    Pending, Running, Waiting, Succeeded, Skipped, Failed, Cancelled, Unknown, Undone,
};
enum class ClaimWhy : std::uint8_t { Start, Resume, Answer, Cancel, Undo };
enum class SuspendWhy : std::uint8_t { Approval, Timer, Window, Operator, Interrupt, Lock };
enum class StepOutcome : std::uint8_t { Succeeded, Failed, Retry, Cancelled, Unknown };
enum class SkipWhy : std::uint8_t { When, Operator, NothingDone };
enum class Verdict : std::uint8_t { Applied, NotApplied, Retry, Skip };
enum class SettledBy : std::uint8_t { Receipt, Probe, Operator };
enum class WaitWhat : std::uint8_t { Approval, Timer, Operator };
enum class WaitVerdict : std::uint8_t { Approve, Reject, Elapsed, Expired };
enum class EffectResult : std::uint8_t { Ok, Error, Timeout, Killed, Lost };
enum class CancelMode : std::uint8_t { Safe, Now };

template <class Enum>
[[nodiscard]] std::string_view name_of(Enum value);
// Throws Error{Integrity} for a name that is none: only a damaged or newer journal has one.
template <class Enum>
[[nodiscard]] Enum from_name(std::string_view name);

[[nodiscard]] inline bool is_final(RunStatus status) { return status >= RunStatus::Succeeded; }

}  // namespace drydock::run
