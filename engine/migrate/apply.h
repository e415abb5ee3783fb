#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/migrate/choose.h"
#include "engine/sql/step_session.h"

// Takes a database from one version to another, as work of a step: each migration is a transaction
// with its row in both histories and its receipt. One that cannot be is done piece by piece, each
// with its mark in the history, and is continued where it was cut, also by another run.
namespace drydock::migrate {

struct ApplyOptions {
    ToolSettings tool;
    ChooseOptions choose;
    Microseconds lock_wait{60'000'000};  // for somebody else's migrations to end
    // How long a migration is tried again that did not get a lock on a table in time.
    Microseconds patience{60'000'000};
    std::string who;
    std::string run;
    // Asked when the locks are held and nothing is done yet, of what was found in the database and
    // of what was chosen, which they may cut short. Either throws to refuse. May be empty.
    std::function<void(const State& state)> found;
    std::function<void(const State& state, std::vector<Passage>& passages)> chosen;
};

struct Applied {
    struct One {
        Passage::Way way = Passage::Way::Up;
        std::string key, version, name;
        Microseconds took{0};
    };
    std::string from;  // version; empty: none was applied
    std::string to;
    std::vector<One> done;
};

// Errors name file, line and column. Drydock's own lock and those of the tool are held meanwhile.
Applied apply(sql::StepSession& session, const Folder& folder, const Target& target,
              const ApplyOptions& options);

}  // namespace drydock::migrate
