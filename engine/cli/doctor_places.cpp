// What the doctor looks at outside of the journal.

#include <filesystem>

#include "bindings/lua_runner.h"
#include "engine/cli/doctor.h"
#include "engine/cli/find_runbook.h"
#include "engine/cli/version.h"
#include "engine/journal/health.h"
#include "engine/os/process.h"

namespace drydock::cli {
namespace {

namespace fs = std::filesystem;

void look_at_folders(const std::vector<std::string>& folders, std::string_view key,
                     Findings& findings) {
    for (const std::string& folder : folders) {
        std::error_code ignored;
        if (fs::is_directory(folder, ignored)) continue;
        findings.problem("settings",
                         "`" + std::string(key) + "` names " + folder + ", which is no folder",
                         "make it, or mend drydock.yaml");
    }
}

void look_at_environments(const config::Settings& settings, Findings& findings) {
    for (const auto& [name, environment] : settings.environments) {
        const std::string what = name + (environment.production ? ", production" : "");
        if (environment.env_file.empty()) {
            findings.ok("environment", what);
            continue;
        }
        try {
            const std::size_t variables = config::read_env_file(environment.env_file).size();
            findings.ok("environment",
                        what + ": " + std::to_string(variables) + " variables in its env_file");
        } catch (const Error& error) {
            findings.problem("environment", error.in(name));
        }
    }
}

void look_at_runbooks(Assembly& assembly, Findings& findings) {
    std::size_t good = 0;
    for (const NamedRunbook& one : named_runbooks(assembly)) {
        if (one.shipped) continue;
        const runbook::CheckResult result = check(assembly, one);
        if (!result.bundle) {
            findings.problem("runbooks",
                             one.name + " has " + std::to_string(result.diagnostics.size()) +
                                 (result.diagnostics.size() == 1 ? " error" : " errors"),
                             "drydock check " + one.path);
        } else if (result.bundle->runbook.contacts.empty()) {
            findings.warning("contacts", one.name + " names nobody for when it needs a person",
                             "add `contacts:` to " + one.path);
        } else {
            ++good;
        }
    }
    if (good > 0)
        findings.ok("runbooks", std::to_string(good) + " of your own, right and with contacts");
}

}  // namespace

void look_at_program(Assembly& assembly, Findings& findings) {
    const std::string store = journal::store_version();
    findings.ok("version", std::string(kVersion) + ", with SQLite " + store + " and " +
                               std::string(bindings::lua_release()) + ", on " + os::host_name() +
                               " as " + assembly.actor());
    if (journal::store_has_wal_fault(store)) {
        findings.ok("sqlite", store +
                                  " can lose commits when two connections write and checkpoint "
                                  "a WAL at once; the journal does both under one lock, and "
                                  "steps leave checkpoints of a shared file to its owner");
    }
}

void look_at_settings(Assembly& assembly, Findings& findings) {
    const config::Settings* settings = nullptr;
    try {
        settings = &assembly.settings();
    } catch (const Error& error) {
        findings.problem("settings", error);
        return;
    }
    if (settings->path.empty()) {
        findings.ok("settings", "no drydock.yaml here or above: no roles, no environments");
    } else {
        findings.ok("settings", settings->path);
        look_at_folders(settings->runbooks, "runbooks", findings);
        look_at_folders(settings->actions, "actions", findings);
        look_at_environments(*settings, findings);
    }
    try {
        look_at_runbooks(assembly, findings);
    } catch (const Error& error) {
        findings.problem("runbooks", error);
    }
}

void look_at_terminal(Assembly& assembly, Findings& findings) {
    const Output& output = assembly.output();
    findings.ok("terminal", output.live()
                                ? std::to_string(output.width()) + " columns, live progress"
                                : std::string("none: one line per fact, no colours"));
}

}  // namespace drydock::cli
