// migrate plan: what would be run, held against the database as it is now. Looks only.

#include "engine/cli/commands.h"
#include "engine/cli/migrate_place.h"
#include "engine/cli/migrate_plan_print.h"
#include "engine/migrate/reconcile.h"
#include "engine/migrate/unfinished.h"

namespace drydock::cli {
namespace {

// What a run would refuse, or go on with first.
void refuse_what_has_no_plan(MigratePlace& place) {
    migrate::refuse_lost_history(place.state());
    const auto unfinished = look_at_unfinished(place.database(), place.state(), place.folder());
    if (unfinished) throw Error(ErrorCode::Refused, summary(*unfinished), advice(*unfinished));
}

}  // namespace

int migrate_plan_command(Assembly& assembly, const Arguments& arguments) {
    const migrate::Target target =
        migrate::target_from(arguments.subjects.empty() ? "head" : arguments.subjects.front());
    MigratePlace place(assembly, arguments);
    refuse_what_has_no_plan(place);
    const std::vector<migrate::Passage> passages =
        choose(place.state(), place.folder(), target,
               {.out_of_order = arguments.migrations.out_of_order});
    ShownPlan shown;
    shown.surroundings = migrate::look_around(place.database());
    shown.plan = plan_of(place.folder(), passages, place.database().dialect(), shown.surroundings);
    shown.blockers = blockers_of(shown.plan, place.database());
    const migrate::Standing* newest = place.state().newest();
    const std::string version = newest == nullptr ? std::string() : newest->version;
    Output& output = assembly.output();
    if (output.json()) {
        Value::Map map = to_map(shown);
        map.emplace("history", place.state().history);
        map.emplace("format", migrate::format_name(place.folder().format));
        map.emplace("version", version);
        output.json_line(map);
        return 0;
    }
    output.line(output.styled(Style::Bold, place.state().history) + "  " +
                std::string(migrate::format_name(place.folder().format)) + ", at " +
                (version.empty() ? "nothing" : version));
    if (passages.empty()) {
        output.line("nothing to do");
        return 0;
    }
    print(output, shown);
    return 0;
}

}  // namespace drydock::cli
