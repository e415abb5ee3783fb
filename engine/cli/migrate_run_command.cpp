// migrate up, down, to: runs of the shipped runbooks `migrate` and `migrate-sqlite`.

#include <charconv>

#include "engine/cli/commands.h"
#include "engine/cli/migrate_place.h"
#include "engine/migrate/choose.h"

namespace drydock::cli {
namespace {

int go(Assembly& assembly, const Arguments& arguments, const std::string& to) {
    Arguments run = migration_run(assembly, arguments, "migrate");
    run.params.push_back("to=" + to);
    return run_command(assembly, run);
}

std::int64_t count_of(const std::string& text) {
    std::int64_t count = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (failed == std::errc() && end == text.data() + text.size() && count > 0) return count;
    throw Error(ErrorCode::Usage, "`" + text + "` is no number of migrations",
                "a number from 1; `drydock migrate to` takes a version");
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
    if (!arguments.yes) {
        const MigratePlace place(assembly, arguments);
        std::string names;
        for (const migrate::Passage& one :
             choose(place.state(), place.folder(), migrate::Steps{-count}, {})) {
            names += (names.empty() ? "" : ", ") +
                     migrate::called(one.migration->version.text, one.migration->name);
        }
        throw Error(ErrorCode::Refused, "this takes back " + names + ", with what is in them",
                    "say --yes to do it");
    }
    return go(assembly, arguments, "-" + std::to_string(count));
}

int migrate_to_command(Assembly& assembly, const Arguments& arguments) {
    return go(assembly, arguments, arguments.subjects.front());
}

}  // namespace drydock::cli
