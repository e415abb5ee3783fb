// migrate up, down, to: runs of the shipped runbooks `migrate` and `migrate-down`, or of their
// sisters for SQLite.

#include <charconv>
#include <limits>
#include <utility>

#include "engine/cli/commands.h"
#include "engine/cli/migrate_dry_run.h"
#include "engine/cli/migrate_place.h"
#include "engine/cli/migrate_precheck.h"
#include "engine/migrate/plan.h"
#include "engine/migrate/settled.h"

namespace drydock::cli {
namespace {

// The plan that is required is one of migrations, not of the runbook's steps. When it is another
// one already, no run is begun; the run looks again under its locks.
void hold_to_plan(Assembly& assembly, const Arguments& arguments, const std::string& to,
                  Arguments& run) {
    if (arguments.require_plan.empty()) return;
    const MigratePlace place(assembly, arguments);
    migrate::ApplyOptions options;
    require_plan(options, place.folder(), {.digest = arguments.require_plan,
                                           .run = "none",
                                           .since = std::numeric_limits<std::int64_t>::max()});
    options.found(place.state());
    std::vector<migrate::Passage> passages =
        choose(place.state(), place.folder(), migrate::target_from(to),
               {.out_of_order = arguments.migrations.out_of_order});
    options.chosen(place.state(), passages);
    run.params.push_back("plan=" + std::exchange(run.require_plan, {}));
}

int go(Assembly& assembly, const Arguments& arguments, const std::string& to) {
    if (arguments.migrations.dry_run) return migrate_dry_run(assembly, arguments, to);
    Arguments run = migration_run(assembly, arguments, "migrate");
    run.params.push_back("to=" + to);
    hold_to_plan(assembly, arguments, to, run);
    if (!has_work(assembly, arguments, to)) return 0;
    return run_command(assembly, run);
}

std::int64_t count_of(const std::string& text) {
    std::int64_t count = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (failed == std::errc() && end == text.data() + text.size() && count > 0) return count;
    throw Error(ErrorCode::Usage, "`" + text + "` is no number of migrations",
                "a number from 1; `drydock migrate to` takes a version");
}

// What leads back takes data along. Somebody at a terminal may agree to it there.
void refuse_without_yes(Assembly& assembly, const Arguments& arguments,
                        const std::string& wanted) {
    MigratePlace place(assembly, arguments);
    const migrate::ChooseOptions how{.out_of_order = arguments.migrations.out_of_order};
    const auto begun = look_at_unfinished(place.database(), place.state(), place.folder());
    const std::string to = settled(place.state(), place.folder(), wanted, how, begun);
    std::string names;
    for (const migrate::Passage& one :
         choose(place.state(), place.folder(), migrate::target_from(to), how)) {
        if (one.way == migrate::Passage::Way::Up) return;
        names += (names.empty() ? "" : ", ") +
                 migrate::called(one.migration->version.text, one.migration->name);
    }
    if (names.empty() && (!begun || !wanted.starts_with('-'))) return;
    std::string what;
    if (begun) what = summary(*begun) + ": its mark goes";
    if (!names.empty())
        what += (begun ? ", and this" : "this") + (" takes back " + names) +
                ", with what is in them";
    const bool agreed =
        assembly.output().can_ask() && assembly.output().ask(what + ". Do it? [y/N] ") == "y";
    if (!agreed) throw Error(ErrorCode::Refused, what, "say --yes to do it");
}

}  // namespace

int migrate_up_command(Assembly& assembly, const Arguments& arguments) {
    const bool all = arguments.subjects.empty();
    return go(assembly, arguments,
              all ? "head" : "+" + std::to_string(count_of(arguments.subjects.front())));
}

int migrate_down_command(Assembly& assembly, const Arguments& arguments) {
    const std::int64_t count =
        arguments.subjects.empty() ? 1 : count_of(arguments.subjects.front());
    if (arguments.migrations.dry_run)
        return migrate_dry_run(assembly, arguments, "-" + std::to_string(count));
    if (!arguments.yes) refuse_without_yes(assembly, arguments, "-" + std::to_string(count));
    Arguments run = migration_run(assembly, arguments, "migrate-down");
    run.params.push_back("count=" + std::to_string(count));
    run.params.emplace_back("attended=false");
    hold_to_plan(assembly, arguments, "-" + std::to_string(count), run);
    if (!has_work(assembly, arguments, "-" + std::to_string(count))) return 0;
    return run_command(assembly, run);
}

int migrate_to_command(Assembly& assembly, const Arguments& arguments) {
    const std::string& to = arguments.subjects.front();
    if (!arguments.yes && !arguments.migrations.dry_run)
        refuse_without_yes(assembly, arguments, to);
    return go(assembly, arguments, to);
}

}  // namespace drydock::cli
