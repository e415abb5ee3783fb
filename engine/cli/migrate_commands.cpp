#include "engine/cli/commands.h"

namespace drydock::cli {
namespace {

constexpr std::string_view kWhere =
    "where they are: --folder and --database; -p sets what `drydock run migrate` takes besides";
constexpr Subjects kNone{"", kWhere};

std::vector<Command> looking_commands() {
    return {
        {.name = "migrate status",
         .summary = "Show how the migrations of a folder stand in a database",
         .subjects = kNone,
         .options = {Option::Migrations, Option::Params},
         .needs = Needs::Settings,
         .examples = "  drydock migrate status --database app.db\n"
                     "  drydock migrate status --database postgres://app@localhost/app "
                     "--json\n",
         .execute = migrate_status_command},
        {.name = "migrate check",
         .summary = "Say whether the database answers and anything is pending: then exit 1",
         .subjects = kNone,
         .options = {Option::Migrations, Option::Params},
         .needs = Needs::Settings,
         .examples = "  drydock migrate check --database app.db\n"
                     "  drydock migrate check --folder db/migrations --database app.db "
                     "--json\n",
         .execute = migrate_check_command},
        {.name = "migrate validate",
         .summary = "Check that what is applied has its file, and no file was edited since",
         .subjects = kNone,
         .options = {Option::Migrations, Option::Params},
         .needs = Needs::Settings,
         .examples = "  drydock migrate validate --database app.db\n",
         .execute = migrate_validate_command},
        {.name = "migrate history",
         .summary = "Show what was done with the migrations, by whom and in which run",
         .subjects = kNone,
         .options = {Option::Migrations, Option::Params},
         .needs = Needs::Settings,
         .examples = "  drydock migrate history --database app.db\n"
                     "  drydock migrate history --database app.db --json\n",
         .execute = migrate_history_command},
    };
}

std::vector<Command> trying_commands() {
    return {
        {.name = "migrate plan",
         .summary = "Show statements, locks and sizes of what would be run, and who is in the way",
         .subjects = {"[VERSION]", "head (so without it), base, +N, -N, or a version"},
         .options = {Option::Migrations, Option::OutOfOrder, Option::Params},
         .needs = Needs::Settings,
         .examples = "  drydock migrate plan --database app.db\n"
                     "  drydock migrate plan -1 --database postgres://app@localhost/app --json\n"
                     "  drydock migrate up --require-plan 7f3a91c2 --database app.db\n",
         .execute = migrate_plan_command},
        {.name = "migrate rehearse",
         .summary = "Try them on a copy of the database, there and back, and compare",
         .subjects = {"[VERSION]", "head (so without it), base, +N, -N, or a version"},
         .options = {Option::Migrations, Option::OutOfOrder, Option::Params, Option::CopiesFolder},
         .needs = Needs::Settings,
         .examples = "  drydock migrate rehearse --database app.db\n"
                     "  drydock migrate rehearse +1 --database app.db --in /mnt/space --json\n",
         .execute = migrate_rehearse_command},
        {.name = "migrate roundtrip",
         .summary = "Up, down and up again, each, on a database that is made for it",
         .subjects = {"[sqlite]", "on a private file, which needs no database"},
         .options = {Option::Migrations, Option::Params},
         .needs = Needs::Settings,
         .examples = "  drydock migrate roundtrip sqlite --folder migrations\n"
                     "  drydock migrate roundtrip --database postgres://ci@localhost/postgres "
                     "--json\n",
         .execute = migrate_round_trip_command},
        {.name = "migrate lint",
         .summary = "Tell what is risky in migrations: locks, rewrites, losses, no way back",
         .subjects = {"[FOLDER] [DATABASE]",
                      "the migrations, and postgres (so without it) or sqlite; with --database its "
                      "sizes and version count, and what is applied is passed over"},
         .options = {Option::Migrations, Option::AllMigrations, Option::Params},
         .needs = Needs::Settings,
         .examples = "  drydock migrate lint migrations\n"
                     "  drydock migrate lint migrations sqlite --json\n"
                     "  drydock migrate lint --database postgres://app@localhost/app\n",
         .execute = migrate_lint_command},
    };
}

// What changes the histories, and runs no migration.
std::vector<Command> history_commands() {
    const std::vector<Option> options{Option::Migrations, Option::Params, Option::Reason,
                                      Option::Yes};
    return {
        {.name = "migrate force",
         .summary = "Make the histories say that the database is at a version; runs nothing",
         .subjects = {"VERSION", "as in a file's name; base: nothing is applied"},
         .options = options,
         .needs = Needs::Settings,
         .examples = "  drydock migrate force 000017 --reason \"by hand\" "
                     "--database app.db\n"
                     "  drydock migrate force 000017 --reason \"by hand\" --yes "
                     "--database app.db\n",
         .execute = migrate_force_command},
        {.name = "migrate baseline",
         .summary = "Count what a database without a history has as applied; runs nothing",
         .subjects = {"[VERSION]", "the last one that it has; without it baseline.sql says so"},
         .options = options,
         .needs = Needs::Settings,
         .examples = "  drydock migrate baseline 000015 --database app.db\n"
                     "  drydock migrate baseline 000015 --yes --database app.db\n",
         .execute = migrate_baseline_command},
        {.name = "migrate adopt",
         .summary = "Record what another tool has applied, with its files; runs nothing",
         .subjects = kNone,
         .options = options,
         .needs = Needs::Settings,
         .examples = "  drydock migrate adopt --database app.db\n"
                     "  drydock migrate adopt --yes --database app.db\n",
         .execute = migrate_adopt_command},
        {.name = "migrate repair",
         .summary = "Say what stands against the files, accept it, clear marks without effect",
         .subjects = kNone,
         .options = options,
         .needs = Needs::Settings,
         .examples = "  drydock migrate repair --database app.db\n"
                     "  drydock migrate repair --reason \"a comment was mended\" --yes "
                     "--database app.db\n",
         .execute = migrate_repair_command},
        {.name = "migrate prerequisites",
         .summary = "Run prerequisites.sql of the folder, unless it was run as it is",
         .subjects = kNone,
         .options = {Option::Migrations, Option::Params},
         .needs = Needs::Settings,
         .examples = "  drydock migrate prerequisites --database app.db\n"
                     "  drydock migrate prerequisites --database "
                     "postgres://postgres@localhost/app\n",
         .execute = migrate_prerequisites_command},
    };
}

std::vector<Command> changing_commands() {
    return {
        {.name = "migrate create",
         .summary = "Make the files of the next migration, in the folder's format",
         .subjects = {"NAME", "lower case with underscores, a verb first: add_tags"},
         .options = {Option::Migrations},
         .needs = Needs::Settings,
         .examples = "  drydock migrate create add_tags\n"
                     "  drydock migrate create add_tags --folder db/migrations --format goose\n",
         .execute = migrate_create_command},
        {.name = "migrate up",
         .summary = "Apply all pending migrations, or the next N, after a backup",
         .subjects = {"[N]", "how many; all of them without it"},
         .options = {Option::Migrations, Option::SkipBackup, Option::OutOfOrder, Option::Params,
                     Option::RequirePlan, Option::DryRun},
         .needs = Needs::Settings,
         .examples = "  drydock migrate up --database app.db\n"
                     "  drydock migrate up 1 --folder db/migrations --database app.db "
                     "--skip-backup\n",
         .execute = migrate_up_command},
        {.name = "migrate down",
         .summary = "Take the last migration back, or the last N, after a backup",
         .subjects = {"[N]", "how many; one without it"},
         .options = {Option::Migrations, Option::SkipBackup, Option::Params, Option::Yes,
                     Option::RequirePlan, Option::DryRun},
         .needs = Needs::Settings,
         .examples = "  drydock migrate down --database app.db\n"
                     "  drydock migrate down 2 --yes --database app.db\n",
         .execute = migrate_down_command},
        {.name = "migrate to",
         .summary = "Go to a version, up or down, after a backup",
         .subjects = {"VERSION",
                      "head, base, +N, -N, or a version as in a file's name; down wants --yes"},
         .options = {Option::Migrations, Option::SkipBackup, Option::OutOfOrder, Option::Params,
                     Option::Yes, Option::RequirePlan, Option::DryRun},
         .needs = Needs::Settings,
         .examples = "  drydock migrate to 000017 --database app.db\n"
                     "  drydock migrate to head --folder db/migrations --database app\n",
         .execute = migrate_to_command},
    };
}

}  // namespace

std::vector<Command> migration_commands() {
    std::vector<Command> all = looking_commands();
    for (Command& command : trying_commands()) all.push_back(std::move(command));
    for (Command& command : changing_commands()) all.push_back(std::move(command));
    for (Command& command : history_commands()) all.push_back(std::move(command));
    return all;
}

}  // namespace drydock::cli
