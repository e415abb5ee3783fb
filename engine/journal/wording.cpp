#include "engine/journal/wording.h"

#include <filesystem>

#include "engine/sqlite/errors.h"
#include "engine/value.h"

namespace drydock::journal {

Error owned_elsewhere(std::string_view run, const Owner& owner) {
    return {ErrorCode::Refused,
            "run " + std::string(run.substr(0, 8)) + " is running on " + owner.host + " (pid " +
                std::to_string(owner.pid) + ", since " + to_text(Timestamp{owner.since}) + ")",
            "drydock logs " + std::string(run.substr(0, 8)) +
                " --follow watches it; drydock cancel asks it to end"};
}

Error lock_held(const LockHolder& holder) {
    // "uid:1000/anna": people know each other by the name.
    const std::string id(holder.run.run.substr(0, 8));
    const std::string starter = holder.run.starter.substr(holder.run.starter.rfind('/') + 1);
    return {ErrorCode::Refused,
            holder.name + " is locked by run " + id + " (" +
                holder.run.runbook + ", " + std::string(run::name_of(holder.run.status)) +
                ", started by " + starter + ", since " +
                to_text(Timestamp{holder.since}) + ")",
            "end that run first: drydock show " + id + " says how it stands; drydock resume " + id +
                " goes on with it, drydock cancel " + id + " ends it"};
}

Error newer_schema(std::string_view place, std::int64_t found, std::int64_t known) {
    return {ErrorCode::Journal,
            "the journal " + std::string(place) + " has schema " + std::to_string(found) +
                ", this drydock knows up to " + std::to_string(known),
            "use the drydock that upgraded it, or a newer one"};
}

Error not_a_journal(std::string_view place) {
    return {ErrorCode::Journal, std::string(place) + " is not a drydock journal",
            "give the path of a journal with --journal, or a path where none exists yet"};
}

Error damaged(std::string_view place, std::string_view what) {
    return {ErrorCode::Integrity,
            "the journal " + std::string(place) + " is damaged: " + std::string(what),
            "nothing was started and nothing written; keep it as it is, bring back a copy of its "
            "whole folder, and look at the disk"};
}

bool was_a_journal(std::string_view place) {
    return std::filesystem::exists(std::filesystem::path(place).parent_path() / "owners.lock");
}

Error unreadable(std::string_view place, const Error& cause) {
    if (cause.code_text() == "SQLITE_NOTADB" && !was_a_journal(place)) return not_a_journal(place);
    // Our own statements are right: what they do not find was there.
    const bool schema_lost = cause.code_text() == "SQLITE_ERROR";
    if (sqlite::is_damage(cause) || schema_lost) return damaged(place, cause.message());
    return unavailable(place, cause);
}

Error unavailable(std::string_view place, const Error& cause) {
    std::string hint = cause.hint();
    // Run again, as one would with a target, it would be another run.
    if (cause.code_text() == "SQLITE_FULL")
        hint =
            "make room on its file system, then drydock resume last: nothing was done that the "
            "journal does not know";
    if (hint.empty())
        hint =
            "nothing was done that the journal does not know; mend the cause, then drydock resume "
            "last";
    return {ErrorCode::Journal,
            "the journal " + std::string(place) + " is not available: " + cause.message(), hint,
            cause.code_text()};
}

Error fenced(std::string_view place) {
    return {ErrorCode::Journal, "somebody else has appended to this run in " + std::string(place),
            "drydock show last says who owns it now"};
}

}  // namespace drydock::journal
