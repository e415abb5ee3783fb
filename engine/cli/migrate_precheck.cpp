#include "engine/cli/migrate_precheck.h"

#include "engine/cli/migrate_place.h"
#include "engine/cli/output.h"
#include "engine/migrate/choose.h"
#include "engine/migrate/pieces.h"
#include "engine/migrate/reconcile.h"
#include "engine/migrate/run_script.h"
#include "engine/migrate/unfinished.h"

namespace drydock::cli {
namespace {

void say_nothing_is_to_do(Output& output, const migrate::State& state,
                          const migrate::Folder& folder) {
    for (const migrate::CodeMigration* one : programs_pending(state, folder))
        output.note(one->path + " is a program, which Drydock cannot run: let its own tool run it");
    const migrate::Standing* newest = state.newest();
    const std::string version = newest == nullptr ? std::string() : newest->version;
    if (output.json()) {
        output.json_line(Value::Map{
            {"history", state.history}, {"version", version}, {"applied", Value::List{}}});
        return;
    }
    output.line(state.history + ": at " + (version.empty() ? "nothing" : version) +
                ", nothing to do");
}

}  // namespace

bool has_work(Assembly& assembly, const Arguments& arguments, const std::string& to) {
    MigratePlace place(assembly, arguments);
    const migrate::State& state = place.state();
    refuse_lost_history(state);
    // A run goes on with what was begun by Drydock; what another tool has begun it leaves alone.
    if (state.unfinished) return true;
    if (const auto mark = look_at_unfinished(place.database(), state, place.folder()))
        throw Error(ErrorCode::Refused, summary(*mark), advice(*mark));
    const auto passages = choose(state, place.folder(), migrate::target_from(to),
                                 {.out_of_order = arguments.migrations.out_of_order});
    for (const migrate::Passage& one : passages)
        (void)pieces_of(script_of(one), place.database().dialect());
    if (passages.empty()) {
        say_nothing_is_to_do(assembly.output(), state, place.folder());
        return false;
    }
    place.refuse_read_only();
    return true;
}

}  // namespace drydock::cli
