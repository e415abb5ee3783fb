#include "engine/cli/commands.h"

namespace drydock::cli {
namespace {

constexpr Subjects kRunbook{
    "FILE|NAME", "a runbook's file, or the name of one in the runbooks: folders or shipped"};
constexpr Subjects kRun{"RUN", "the beginning of a run's id, or last (your newest)"};

std::vector<Command> starting_commands() {
    return {
        {.name = "run",
         .summary = "Start a run of a runbook and follow it to its end",
         .subjects = kRunbook,
         .options = {Option::Params, Option::RequirePlan, Option::Detach},
         .needs = Needs::Settings,
         .examples =
             "  drydock run sqlite-weekly -p database=app.db\n"
             "  drydock run window.yaml --params window.params.yaml --environment production\n"
             "  drydock run window.yaml --require-plan 7f3a91c2\n",
         .execute = run_command},
        {.name = "plan",
         .summary = "Show what a run would do, and change nothing",
         .subjects = kRunbook,
         .options = {Option::Params, Option::Explain},
         .needs = Needs::Settings,
         .examples = "  drydock plan sqlite-weekly -p database=app.db\n"
                     "  drydock plan window.yaml --explain\n",
         .execute = plan_command},
        {.name = "rehearse",
         .summary = "Run the steps where nothing stays, undo them, and compare",
         .subjects = kRunbook,
         .options = {Option::Params, Option::Rehearsal},
         .needs = Needs::Settings,
         .examples = "  drydock rehearse window.yaml -p database=app.db\n"
                     "  drydock rehearse window.yaml --in-place --environment staging\n"
                     "  drydock rehearse window.yaml --params window.params.yaml --in /mnt/space\n",
         .execute = rehearse_command},
        {.name = "check",
         .summary = "Report everything that is wrong with runbooks",
         .subjects = {"FILE…", "runbooks"},
         .options = {},
         .needs = Needs::Settings,
         .examples = "  drydock check runbooks/*.yaml\n",
         .execute = check_command},
        {.name = "test",
         .summary = "Try runbooks out as their cases say, on private databases",
         .subjects = {"[FILE|FOLDER|NAME]…",
                      "cases, or runbooks that have some; without it all below this folder"},
         .options = {Option::Cases},
         .needs = Needs::Settings,
         .examples = "  drydock test\n"
                     "  drydock test runbooks/window.cases.yaml --filter orphan\n"
                     "  drydock test sqlite-weekly --coverage\n"
                     "  drydock test --junit results.xml\n",
         .execute = test_command},
    };
}

std::vector<Command> continuing_commands() {
    return {
        {.name = "resume",
         .summary = "Continue a run that stopped, was interrupted or killed, or waits",
         .subjects = kRun,
         .options = {Option::Settle, Option::Reason, Option::Detach},
         .needs = Needs::Reader,
         .examples = "  drydock resume last\n"
                     "  drydock resume 7f3a --applied upload --reason \"seen in the bucket\"\n"
                     "  drydock resume 7f3a --skip vacuum --reason \"tonight\"\n",
         .execute = resume_command},
        {.name = "undo",
         .summary = "Take back what a run has done, newest first",
         .subjects = kRun,
         .options = {Option::Reason, Option::Detach},
         .needs = Needs::Reader,
         .examples = "  drydock undo last --reason \"wrong version\"\n",
         .execute = undo_command},
        {.name = "cancel",
         .summary = "End a run: at the next safe point, or now",
         .subjects = kRun,
         .options = {Option::Now, Option::Reason},
         .needs = Needs::Reader,
         .examples = "  drydock cancel last\n"
                     "  drydock cancel 7f3a --now --reason \"the window closes\"\n",
         .execute = cancel_command},
        {.name = "approve",
         .summary = "Pass the gate that a run waits at",
         .subjects = kRun,
         .options = {Option::Answers, Option::Comment},
         .needs = Needs::Reader,
         .examples =
             "  drydock approve last\n"
             "  drydock approve 7f3a --sign all -a ticket=OPS-17 --comment \"talked to Anna\"\n",
         .execute = approve_command},
        {.name = "reject",
         .summary = "Refuse the gate that a run waits at",
         .subjects = kRun,
         .options = {Option::Comment},
         .needs = Needs::Reader,
         .examples = "  drydock reject last --comment \"the backup is from Friday\"\n",
         .execute = reject_command},
    };
}

std::vector<Command> looking_commands() {
    return {
        {.name = "runs",
         .summary = "List runs, newest first",
         .subjects = {},
         .options = {Option::Filter},
         .needs = Needs::Settings,
         .examples = "  drydock runs --open\n"
                     "  drydock runs --runbook sqlite-weekly --status failed --limit 5\n",
         .execute = runs_command},
        {.name = "show",
         .summary = "Show where a run stands, why, and what to do next",
         .subjects = kRun,
         .options = {Option::Report},
         .needs = Needs::Reader,
         .examples = "  drydock show last\n"
                     "  drydock show 7f3a -v\n"
                     "  drydock show 7f3a --report run.html\n",
         .execute = show_command},
        {.name = "logs",
         .summary = "Print what the steps of a run wrote",
         .subjects = {"RUN [STEP]", "the beginning of a run's id, or last; and a step"},
         .options = {Option::Follow},
         .needs = Needs::Reader,
         .examples = "  drydock logs last\n"
                     "  drydock logs 7f3a backup --follow\n",
         .execute = logs_command},
    };
}

std::vector<Command> audit_commands() {
    constexpr Subjects kEvents{"RUN [SEQ]",
                               "the beginning of a run's id, or last; and the number of an event"};
    return {
        {.name = "audit verify",
         .summary = "Recompute every chain, seal and digest of the journal, or of an export",
         .subjects = {"[FILE]", "an export; without it the journal itself"},
         .options = {Option::Witnesses},
         .needs = Needs::Settings,
         .examples = "  drydock audit verify\n"
                     "  drydock audit verify journal.jsonl --key ops.vkey --head 2026-11.head\n",
         .execute = audit_verify_command},
        {.name = "audit export",
         .summary = "Write the events of runs as JSON lines that verify without the journal",
         .subjects = {"[RUN]", "the beginning of a run's id, or last"},
         .options = {Option::All, Option::ExportFile},
         .needs = Needs::Reader,
         .examples = "  drydock audit export --all -o journal.jsonl\n"
                     "  drydock audit export last\n",
         .execute = audit_export_command},
        {.name = "audit heads",
         .summary = "List the signed heads of the ledger, or sign it as it is now",
         .subjects = {},
         .options = {Option::SignHead},
         .needs = Needs::Reader,
         .examples = "  drydock audit heads\n"
                     "  drydock audit heads --sign --key ops.key --state ops.state > today.head\n",
         .execute = audit_heads_command},
        {.name = "audit key",
         .summary = "Make a key that signs heads, or show its public half",
         .subjects = {"FILE", "the private key, which only you may read"},
         .options = {Option::KeyName},
         .needs = Needs::Nothing,
         .examples = "  drydock audit key ops.key --name ops.example.com > ops.vkey\n",
         .execute = audit_key_command},
        {.name = "audit erase",
         .summary = "Erase params, outputs and messages of a run that has ended",
         .subjects = kEvents,
         .options = {Option::Reason, Option::Yes},
         .needs = Needs::Reader,
         .examples = "  drydock audit erase 7f3a --reason \"request 4711\" --yes\n"
                     "  drydock audit erase 7f3a 12 --reason \"a name in it\" --yes\n",
         .execute = audit_erase_command},
        {.name = "audit prune",
         .summary = "Remove whole runs that ended long ago",
         .subjects = {},
         .options = {Option::OlderThan, Option::Reason, Option::Yes},
         .needs = Needs::Reader,
         .examples = "  drydock audit prune --older-than 400d --reason \"kept for a year\"\n",
         .execute = audit_prune_command},
    };
}

std::vector<Command> library_commands() {
    return {
        {.name = "actions",
         .summary = "List the actions that runbooks can use, or explain one",
         .subjects = {"[NAME]", "a module (sqlite) or an action (sqlite.check)"},
         .options = {},
         .needs = Needs::Settings,
         .examples = "  drydock actions\n"
                     "  drydock actions sql.batches\n",
         .execute = actions_command},
        {.name = "runbooks list",
         .summary = "List the shipped runbooks and those of the runbooks: folders",
         .subjects = {},
         .options = {},
         .needs = Needs::Settings,
         .examples = "  drydock runbooks list\n",
         .execute = runbooks_list_command},
        {.name = "runbooks export",
         .summary = "Write a shipped runbook to a folder, to read or to change it",
         .subjects = {"NAME [FOLDER]", "a shipped runbook; and where to, else here"},
         .options = {},
         .needs = Needs::Settings,
         .examples = "  drydock runbooks export sqlite-weekly ~/runbooks\n",
         .execute = runbooks_export_command},
        {.name = "runbooks schema",
         .summary = "Print the JSON Schema of a kind of document, for editors",
         .subjects = {"KIND", "runbook, cases or settings"},
         .options = {},
         .needs = Needs::Nothing,
         .examples = "  drydock runbooks schema runbook > runbook.schema.json\n",
         .execute = runbooks_schema_command},
        {.name = "explain",
         .summary = "Say what a key, action, error, exit code, status or limit means",
         .subjects = {"[WORD]", "a word; without it all of them are listed"},
         .options = {},
         .needs = Needs::Nothing,
         .examples = "  drydock explain retry\n"
                     "  drydock explain sqlite.vacuum\n"
                     "  drydock explain 4\n",
         .execute = explain_command},
        {.name = "doctor",
         .summary = "Look whether everything is as a run needs it; changes nothing",
         .subjects = {},
         .options = {},
         .needs = Needs::Nothing,
         .examples = "  drydock doctor\n"
                     "  drydock doctor --quiet   # only what is wrong; exit 1 then\n",
         .execute = doctor_command},
        {.name = "completion",
         .summary = "Print the completion of commands, options, runbooks and runs for a shell",
         .subjects = {"SHELL", "bash, zsh or fish"},
         .options = {},
         .needs = Needs::Nothing,
         .examples = "  drydock completion bash > /etc/bash_completion.d/drydock\n"
                     "  drydock completion fish > ~/.config/fish/completions/drydock.fish\n",
         .execute = completion_command},
        {.name = "manual",
         .summary = "Print the manual page",
         .subjects = {},
         .options = {},
         .needs = Needs::Nothing,
         .examples = "  drydock manual > /usr/local/share/man/man1/drydock.1\n"
                     "  drydock manual | man -l -\n",
         .execute = manual_command},
    };
}

std::vector<Command> database_commands() {
    constexpr Subjects kDatabase{"DATABASE", "the file of an SQLite database"};
    return {
        {.name = "db check",
         .summary = "Look for damage and broken foreign keys, and count the rows",
         .subjects = kDatabase,
         .options = {Option::QuickCheck},
         .needs = Needs::Nothing,
         .examples = "  drydock db check app.db\n"
                     "  drydock db check app.db --quick --json\n",
         .execute = db_check_command},
        {.name = "db inspect",
         .summary = "Show where the room goes, which indexes are too many, which plans are slow",
         .subjects = kDatabase,
         .options = {Option::Statements},
         .needs = Needs::Nothing,
         .examples = "  drydock db inspect app.db\n"
                     "  drydock db inspect app.db --sql queries.sql -v\n"
                     "  grep -i select app.log | drydock db inspect app.db --sql -\n",
         .execute = db_inspect_command},
        {.name = "db prepare",
         .summary = "Make the table that holds the receipts of what runs do there",
         .subjects = kDatabase,
         .options = {},
         .needs = Needs::Settings,
         .examples = "  drydock db prepare app.db\n",
         .execute = db_prepare_command},
    };
}

std::vector<Command> all_commands() {
    std::vector<Command> all = starting_commands();
    for (auto* more : {&continuing_commands, &looking_commands, &audit_commands, &library_commands,
                       &database_commands, &migration_commands}) {
        for (Command& command : more()) all.push_back(std::move(command));
    }
    return all;
}

}  // namespace

const std::vector<Command>& commands() {
    static const std::vector<Command> kCommands = all_commands();
    return kCommands;
}

}  // namespace drydock::cli
