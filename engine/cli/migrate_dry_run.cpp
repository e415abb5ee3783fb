#include "engine/cli/migrate_dry_run.h"

#include <algorithm>

#include "engine/cli/migrate_place.h"
#include "engine/cli/migrate_trial_print.h"
#include "engine/cli/stoppable.h"
#include "engine/cli/text.h"
#include "engine/migrate/plan.h"
#include "engine/rehearse/dry_run.h"
#include "engine/rehearse/rolled_back.h"

namespace drydock::cli {
namespace {

// A lock that is waited for longer would hold up those who come after us.
constexpr Microseconds kLockTimeout{2'000'000};
// What is locked stays locked to the end: no longer than that.
constexpr Microseconds kLimit{300'000'000};

std::unique_ptr<sql::Database> open_rolled_back(DatabaseAddress address) {
    if (!address.server) {
        return std::make_unique<rehearse::RolledBack>(
            sql::open_sqlite({.path = address.file, .busy_timeout = kLockTimeout}));
    }
    address.server->rehearsal = true;
    address.server->read_only = false;
    address.server->lock_timeout = std::min(address.server->lock_timeout, kLockTimeout);
    return sql::open_postgres(*address.server);
}

void print(Output& output, const rehearse::DryRun& run, bool server) {
    const std::string_view head = run.applied.done.empty() ? "nothing was tried" : "tried";
    output.line(output.styled(Style::Bold, head) + ", and rolled back: nothing is changed" +
                (server ? ", but sequences have moved on" : ""));
    print_applied(output, run.applied);
    if (run.not_tried.empty()) return;
    for (const std::string& line :
         wrapped("", "not tried, from here on: " + run.why, output.width()))
        output.line(output.styled(Style::Yellow, line));
    for (const std::string& one : run.not_tried)
        output.line("  " + fitted(one, output.width() - 2));
}

}  // namespace

int migrate_dry_run(Assembly& assembly, const Arguments& arguments, const std::string& to) {
    const migrate::Target target = migrate::target_from(to);
    Stoppable stoppable(assembly);
    const DatabaseAddress address = migrations_database(assembly, arguments);
    const auto session = open_rolled_back(address);
    session->set_deadline(system_clock().boot() + kLimit);
    const migrate::Folder folder = read_migrations(assembly, arguments, session->dialect());
    const rehearse::DryRun run =
        rehearse::dry_run(*session, folder, target,
                          {.tool = address.tool,
                           .choose = {.out_of_order = arguments.migrations.out_of_order},
                           .who = assembly.actor()},
                          system_clock(), stoppable.cancel());
    Output& output = assembly.output();
    const bool server = session->dialect() == sql::Dialect::Postgres;
    if (!output.json()) {
        print(output, run, server);
        return 0;
    }
    output.json_line(
        Value::Map{{"tried", to_list(run.applied)},
                   {"version", run.applied.to},
                   {"not_tried", Value::List(run.not_tried.begin(), run.not_tried.end())},
                   {"why", run.why}});
    return 0;
}

}  // namespace drydock::cli
