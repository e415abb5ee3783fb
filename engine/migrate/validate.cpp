#include "engine/migrate/validate.h"

namespace drydock::migrate {
namespace {

std::string edited(const Standing& one) {
    const auto line = first_changed_line(one);
    return called(one.version, one.name) + " was edited after it was applied" +
           (line ? ": line " + std::to_string(*line) + " differs" : std::string());
}

}  // namespace

std::vector<std::string> contradictions(const State& state) {
    std::vector<std::string> all;
    for (const Standing& one : state.standings) {
        if (one.is == Standing::Is::NoFile)
            all.push_back(called(one.version, one.name) + " is applied and has no file");
        if (one.is == Standing::Is::OutOfOrder)
            all.push_back(called(one.version, one.name) + " is not applied, and a later one is");
        if (one.is == Standing::Is::Applied && one.file_is == Standing::File::Edited)
            all.push_back(edited(one));
    }
    if (state.unfinished) {
        all.push_back(
            called(state.unfinished->version, state.unfinished->name) +
            " was begun and did not end: " + std::to_string(state.unfinished->parts_done) + " of " +
            std::to_string(state.unfinished->parts) + " parts are done");
    } else if (state.dirty_key) {
        all.push_back(*state.dirty_key + " was begun by another tool and did not end");
    }
    return all;
}

}  // namespace drydock::migrate
