#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/cases/life.h"
#include "engine/cases/question.h"
#include "engine/run/event.h"
#include "engine/run/status.h"

namespace drydock::cases {

// How a case came out, read back from its journal and its notes.
struct Outcome {
    struct Wrong {
        std::string step, kind, message;
    };
    struct Refused {
        std::string gate, by, message;
    };
    std::string run;  // a word of run_words(), or "not started"
    std::map<std::string, run::StepStatus, std::less<>> steps;
    Value::Map outputs;
    std::vector<Wrong> errors;  // of failed steps, in the order in which they failed
    std::string stopped_at, waiting_at;
    std::string unknown;  // the step whose outcome nobody knows
    std::vector<Asked> asked;
    std::vector<Refused> refused;
    std::vector<std::string> troubles;  // what could not even be done, and must fail the case
    std::vector<std::string> looked;    // as LifeEnd::looked
    std::vector<std::string> canaries;  // for each `never` where it stands, or ""
    std::vector<std::string> world;     // as describe()
    std::vector<run::Event> events;
    std::int64_t lives = 0;
    std::string killed_at;  // the kill point, when one was chosen and met
};

// Plays a case once, in a world that is empty before: starts the run, answers for its people, lets
// time pass, does what `then` says, and takes the run up again when its process was killed.
[[nodiscard]] Outcome play(const Scene& scene);

}  // namespace drydock::cases
