#include "engine/migrate/reconcile.h"

#include <algorithm>
#include <map>

#include "engine/error.h"

namespace drydock::migrate {
namespace {

Record made_by_another_tool(Record record, Timestamp now, const std::string& run) {
    record.began = now;
    record.ended = now;
    record.who = "another tool";
    record.run = run;
    record.text.reset();
    return record;
}

void record_what_was_applied(Records& records, const State& state, Timestamp now,
                             const std::string& run) {
    for (const Standing& one : state.standings) {
        if (one.is != Standing::Is::Applied || one.record) continue;
        const Record record{.action = Record::Action::Adopt,
                            .key = one.key,
                            .version = one.version,
                            .name = one.name,
                            .digest = {},
                            .text = {},
                            .parts = 1,
                            .parts_done = 1,
                            .began = {},
                            .ended = {},
                            .who = {},
                            .run = {},
                            .reason = {}};
        records.add(made_by_another_tool(record, now, run));
    }
}

void record_what_was_taken_back(Records& records, const State& state, Timestamp now,
                                const std::string& run) {
    std::map<std::string, const Record*> newest;
    for (const Record& record : state.records) newest[record.key] = &record;
    for (const auto& [key, record] : newest) {
        if (record->takes_back() || record->open() || state.is_applied(key)) continue;
        Record taken = made_by_another_tool(*record, now, run);
        taken.action = Record::Action::Down;
        records.add(taken);
    }
}

}  // namespace

void record_others_work(Records& records, const State& state, Timestamp now,
                        const std::string& run) {
    record_what_was_taken_back(records, state, now, run);
    record_what_was_applied(records, state, now, run);
}

void refuse_lost_history(const State& state) {
    if (state.tool.there || state.newest() == nullptr) return;
    throw Error(ErrorCode::Refused,
                "the table " + state.history + " is gone, and by Drydock's records " +
                    state.newest()->version + " is applied",
                "bring it back, by a backup or by the tool; without Drydock's table everything is "
                "taken for not applied");
}

void refuse_when_the_tool_ended_it(const State& state, const Record& record) {
    const auto& keys = state.tool.applied;
    const bool beyond = state.tool.cumulative && !keys.empty() && !keys.front().starts_with('-') &&
                        std::stoull(keys.front()) >= std::stoull(record.key);
    const bool applied = beyond || std::ranges::find(keys, record.key) != keys.end();
    if (record.action != Record::Action::Up || !applied || state.tool.dirty) return;
    throw Error(ErrorCode::Refused,
                record.version + "_" + record.name + " was begun by Drydock and did not end, but " +
                    state.history + " says that it is applied",
                "look which is true, then drydock migrate force VERSION says so");
}

}  // namespace drydock::migrate
