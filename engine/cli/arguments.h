#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace drydock::cli {

// A command line, read: what was given, as texts. Which fields mean something is the command's
// business (commands.h lists them); empty means "not given".
struct Arguments {
    // Everywhere.
    std::string journal, config, environment, env_file;
    bool json = false;
    std::string color = "auto";
    bool quiet = false;
    int verbose = 0;

    // FILE, NAME, RUN …: what the command is about.
    std::vector<std::string> subjects;

    // run, plan
    std::vector<std::string> params;  // -p name=value
    std::string params_file, require_plan;
    bool detach = false;
    bool explain = false;

    // resume, undo, cancel
    std::string applied, not_applied, retry, skip;  // a step each
    std::string reason, output_file;
    bool now = false;

    // approve, reject
    std::vector<std::string> answers;  // -a name=value
    std::vector<std::string> sign;     // numbers, or "all"
    std::string comment;

    // runs, logs, audit
    std::int64_t limit = 20;
    bool open = false;
    std::string runbook, status;
    bool follow = false;
    bool all = false;
    std::string export_file;

    // audit
    std::vector<std::string> keys, heads;  // texts or files
    bool sign_head = false;
    std::string state, key_name, older_than;
    bool yes = false;

    // show
    std::string report_file;

    // db
    bool quick_check = false;
    std::string sql_file;

    // migrate
    struct Migrations {
        std::string folder, database, table, format, wait;
        std::vector<std::string> variables;  // NAME=VALUE
        bool out_of_order = false;
        bool skip_backup = false;
        bool all = false;
        bool dry_run = false;
    };
    Migrations migrations;

    // rehearse
    std::string folder;
    bool in_place = false;
    std::string confirm;

    // test
    std::string filter, junit_file;
    bool coverage = false;
};

}  // namespace drydock::cli
