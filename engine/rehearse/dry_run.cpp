#include "engine/rehearse/dry_run.h"

#include "engine/migrate/pieces.h"

namespace drydock::rehearse {
namespace {

using migrate::Passage;

// A value of an enum that an earlier migration has added, which must be committed first.
constexpr std::string_view kUnsafeNewValue = "55P04";

std::string name_of(const Passage& one) {
    return (one.way == Passage::Way::Up ? "" : "down ") +
           migrate::called(one.migration->version.text, one.migration->name);
}

const migrate::Script& script_of(const Passage& one) {
    return one.way == Passage::Way::Up ? one.migration->up : *one.migration->down;
}

// Why it is not one transaction; empty: it is.
std::string in_parts(const Passage& one, sql::Dialect dialect) {
    const migrate::Script& script = script_of(one);
    const std::vector<migrate::Piece> pieces = migrate::pieces_of(script, dialect);
    for (const migrate::Piece& piece : pieces) {
        const migrate::Statement& first = script.statements[piece.statements.front()];
        if (piece.alone)
            return migrate::place_of(script, first, 0) + ": this runs outside of a transaction";
    }
    if (pieces.size() < 2) return {};
    const migrate::Statement& second = script.statements[pieces[1].statements.front()];
    return migrate::place_of(script, second, 0) + ": a second transaction begins in the file";
}

}  // namespace

DryRun dry_run(sql::Database& session, const migrate::Folder& folder,
               const migrate::Target& target, const DryRunOptions& options, Clock& clock,
               CancelToken& cancel) {
    DryRun run;
    migrate::ApplyOptions how;
    how.tool = options.tool;
    how.choose = options.choose;
    how.who = options.who;
    how.lock_wait = how.patience = Microseconds(0);
    how.found = [&](const migrate::State& state) {
        if (!state.unfinished) return;
        throw Error(ErrorCode::Refused,
                    migrate::called(state.unfinished->version, state.unfinished->name) +
                        " was begun and did not end, and it is done in parts: this cannot be tried",
                    "drydock migrate up, or to a version, goes on with it");
    };
    how.chosen = [&](const migrate::State&, std::vector<Passage>& passages) {
        for (const Passage& one : passages) {
            if (run.why.empty()) run.why = in_parts(one, session.dialect());
            if (!run.why.empty()) run.not_tried.push_back(name_of(one));
        }
        passages.resize(passages.size() - run.not_tried.size());
    };
    Trial trial(session, clock, cancel, "dry run", {});
    try {
        run.applied = migrate::apply(trial.session(), folder, target, how);
    } catch (const Error& error) {
        if (error.code_text() != kUnsafeNewValue) throw;
        throw Error(ErrorCode::Sql, error.message(),
                    "a run commits the migration that adds the value before: try this one on a "
                    "copy, drydock migrate rehearse",
                    error.code_text());
    }
    return run;
}

}  // namespace drydock::rehearse
