#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/cli/arguments.h"

namespace drydock::cli {

class Assembly;

// What must be at hand before a command begins, so that its absence is the first thing said.
enum class Needs : std::uint8_t {
    Nothing,
    Settings,  // drydock.yaml, if there is one, reads without an error
    Reader,    // and there is a journal to read
};

// The options that commands choose from; each is described once, in command_line.cpp.
enum class Option : std::uint8_t {
    Params, RequirePlan, Detach, Explain,
    Settle, Reason, Now,
    Answers, Comment,
    Report, Filter, Follow, All, ExportFile,
    QuickCheck, Statements, Rehearsal,
    Cases,
    Witnesses, SignHead, KeyName, OlderThan, Yes,
    Migrations, SkipBackup, OutOfOrder, AllMigrations, DryRun, CopiesFolder,
};

// "RUN [STEP]": words in the order in which they are given; [optional], repeated… .
struct Subjects {
    std::string_view words = {};
    std::string_view meaning = {};
};

struct Command {
    std::string_view name;     // "run", "audit verify"
    std::string_view summary;
    Subjects subjects;
    std::vector<Option> options;
    Needs needs = Needs::Nothing;
    std::string_view examples;  // lines
    // Returns the exit status; throws drydock::Error.
    int (*execute)(Assembly& assembly, const Arguments& arguments) = nullptr;
};

// Those of `drydock migrate`.
[[nodiscard]] std::vector<Command> migration_commands();
// All of them, in the order in which help shows them.
[[nodiscard]] const std::vector<Command>& commands();

// One function per command, in the file that is named after it.
int run_command(Assembly& assembly, const Arguments& arguments);
int rehearse_command(Assembly& assembly, const Arguments& arguments);
int plan_command(Assembly& assembly, const Arguments& arguments);
int check_command(Assembly& assembly, const Arguments& arguments);
int test_command(Assembly& assembly, const Arguments& arguments);
int resume_command(Assembly& assembly, const Arguments& arguments);
int undo_command(Assembly& assembly, const Arguments& arguments);
int cancel_command(Assembly& assembly, const Arguments& arguments);
int approve_command(Assembly& assembly, const Arguments& arguments);
int reject_command(Assembly& assembly, const Arguments& arguments);
int runs_command(Assembly& assembly, const Arguments& arguments);
int show_command(Assembly& assembly, const Arguments& arguments);
int logs_command(Assembly& assembly, const Arguments& arguments);
int db_check_command(Assembly& assembly, const Arguments& arguments);
int db_inspect_command(Assembly& assembly, const Arguments& arguments);
int db_prepare_command(Assembly& assembly, const Arguments& arguments);
int migrate_status_command(Assembly& assembly, const Arguments& arguments);
int migrate_check_command(Assembly& assembly, const Arguments& arguments);
int migrate_validate_command(Assembly& assembly, const Arguments& arguments);
int migrate_history_command(Assembly& assembly, const Arguments& arguments);
int migrate_create_command(Assembly& assembly, const Arguments& arguments);
int migrate_plan_command(Assembly& assembly, const Arguments& arguments);
int migrate_round_trip_command(Assembly& assembly, const Arguments& arguments);
int migrate_rehearse_command(Assembly& assembly, const Arguments& arguments);
int migrate_lint_command(Assembly& assembly, const Arguments& arguments);
int migrate_up_command(Assembly& assembly, const Arguments& arguments);
int migrate_down_command(Assembly& assembly, const Arguments& arguments);
int migrate_force_command(Assembly& assembly, const Arguments& arguments);
int migrate_baseline_command(Assembly& assembly, const Arguments& arguments);
int migrate_adopt_command(Assembly& assembly, const Arguments& arguments);
int migrate_repair_command(Assembly& assembly, const Arguments& arguments);
int migrate_prerequisites_command(Assembly& assembly, const Arguments& arguments);
int migrate_to_command(Assembly& assembly, const Arguments& arguments);
int audit_verify_command(Assembly& assembly, const Arguments& arguments);
int audit_export_command(Assembly& assembly, const Arguments& arguments);
int audit_heads_command(Assembly& assembly, const Arguments& arguments);
int audit_key_command(Assembly& assembly, const Arguments& arguments);
int audit_erase_command(Assembly& assembly, const Arguments& arguments);
int audit_prune_command(Assembly& assembly, const Arguments& arguments);
int actions_command(Assembly& assembly, const Arguments& arguments);
int runbooks_list_command(Assembly& assembly, const Arguments& arguments);
int runbooks_export_command(Assembly& assembly, const Arguments& arguments);
int runbooks_schema_command(Assembly& assembly, const Arguments& arguments);
int completion_command(Assembly& assembly, const Arguments& arguments);
int manual_command(Assembly& assembly, const Arguments& arguments);
int doctor_command(Assembly& assembly, const Arguments& arguments);
int explain_command(Assembly& assembly, const Arguments& arguments);

}  // namespace drydock::cli
