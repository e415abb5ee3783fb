#include "engine/cli/find_run.h"

#include <utility>

#include "engine/run/ids.h"

namespace drydock::cli {

journal::RunRow find_run(Assembly& assembly, std::string_view name) {
    if (name == "last") {
        if (auto row = assembly.reader().newest(assembly.actor())) return *row;
        throw Error(ErrorCode::NotFound, "you have started no run yet",
                    "drydock runs lists those of others");
    }
    if (name.empty())
        throw Error(ErrorCode::Usage, "the run is not named", "the beginning of its id, or last");
    const auto found = assembly.reader().find(name, 2);
    if (found.empty())
        throw Error(ErrorCode::NotFound, "no run begins with " + std::string(name),
                    "drydock runs lists them");
    if (found.size() > 1) {
        // As much of both as tells them apart.
        std::size_t apart = name.size();
        while (apart < run::kRunIdLength && found[0].run[apart] == found[1].run[apart]) ++apart;
        const std::size_t shown = std::max<std::size_t>(apart + 1, 8);
        throw Error(ErrorCode::Usage,
                    "two runs begin with " + std::string(name) + ": " +
                        found[0].run.substr(0, shown) + " (" + found[0].runbook + ") and " +
                        found[1].run.substr(0, shown) + " (" + found[1].runbook + ")",
                    "give more of the id");
    }
    return found.front();
}

KnownRun know_run(Assembly& assembly, std::string_view name) {
    journal::RunRow row = find_run(assembly, name);
    journal::LoadedRun loaded = journal::load(assembly.reader(), row.n);
    runbook::Bundle bundle = execute::frozen_bundle(assembly.reader(), row.n, assembly.inspector(),
                                                    assembly.sql_problem());
    return {std::move(row), std::move(loaded.state), std::move(bundle)};
}

RunReport report_on(Assembly& assembly, const KnownRun& known) {
    return report_on({.state = known.state,
                      .bundle = known.bundle,
                      .owner = assembly.reader().owner(known.row.n),
                      .now = assembly.now()});
}

}  // namespace drydock::cli
