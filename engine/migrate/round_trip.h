#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/migrate/apply.h"

// Whether migrations can be taken back: on a scratch database each goes up, down and up again, and
// the catalogs are compared. What is in the database when it begins is what the first one finds.
namespace drydock::migrate {

struct RoundTripped {
    // From the best to the worst.
    enum class Is : std::uint8_t {
        Clean,         // down leaves what was there before, and up makes the same again
        OrderOnly,     // likewise, but for the order of columns
        Irreversible,  // declared so, with a reason; it went up
        Differs,
        Fails,
    };
    std::string key, version, name, file;
    Is is = Is::Clean;
    // What down left otherwise than it was, and the second up otherwise than the first one: lines
    // as "+ table teams (id, name)".
    std::vector<std::string> left, again;
    std::string reason;       // of Irreversible
    std::string failed;       // "up", "down", "up again"
    std::string error, hint;  // with file, line and column
    Microseconds up{0}, down{0};
};
[[nodiscard]] std::string_view name_of(RoundTripped::Is is);  // "order only", "irreversible" …

struct RoundTrip {
    std::vector<RoundTripped> migrations;  // until the first one that could not go up
    std::size_t not_reached = 0;           // those after it
    // Neither differs nor fails.
    [[nodiscard]] bool passed() const;
};

struct RoundTripOptions {
    // The text of prerequisites.sql, which is run first; its statements need not be reversed.
    std::optional<std::string> prerequisites;
    std::string who, run;
};

// `session` leads to a database that is made for this: nothing there is spared. Throws what is
// wrong with the session or the prerequisites; what is wrong with a migration is in the result.
[[nodiscard]] RoundTrip round_trip(sql::StepSession& session, const Folder& folder,
                                   const RoundTripOptions& options);

// {passed, not_reached, migrations: [{version, name, file, is, left, again, …}]}
[[nodiscard]] Value to_value(const RoundTrip& trip);

// Runs a text outside of the history, each statement by itself. Throws Error{Document} for what
// cannot be cut into statements, and what the database throws, with `name` and the line.
void run_prerequisites(sql::StepSession& session, const std::string& name,
                       const std::string& text);

}  // namespace drydock::migrate
