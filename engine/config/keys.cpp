#include "engine/config/keys.h"

namespace drydock::config {
namespace {

using runbook::Key;
using runbook::KeyTable;

constexpr std::string_view kName = "[a-z][a-z0-9_-]{0,63}";

constexpr Key kSettings[] = {
    {.name = "journal", .form = "journal",
     .meaning = "Where the journal is: sqlite:PATH, from the file's folder. Without it "
                "$XDG_STATE_HOME/drydock/journal.db, else ~/.local/state/drydock/journal.db.",
     .example = "journal: sqlite:.drydock/journal.db"},
    {.name = "runbooks", .form = "list of text",
     .meaning = "Folders in which `drydock run NAME` looks, before the shipped runbooks."},
    {.name = "actions", .form = "list of text",
     .meaning = "Folders with your own actions: each NAME.lua is the module NAME."},
    {.name = "roles", .form = "map of list of text", .map_names = kName,
     .meaning = "Who may pass a gate with `by: ROLE`; names as the operating system gives them.",
     .example = "roles:\n  dba: [anna, ben]"},
    {.name = "environments", .form = "map of environment", .map_names = kName,
     .meaning = "What differs from place to place; chosen by --environment, kept by the run.",
     .example = "environments:\n  production: {production: true, params: {rto: 30m}}"},
    {.name = "notify", .form = "list of notification",
     .meaning = "Who is told what. Read, and of no effect yet."},
    {.name = "migrations", .form = "migrations",
     .meaning = "Where the migrations are and what is known of them, for `drydock migrate …`.",
     .example = "migrations: {folder: db/migrations, table: audit.schema_migrations}"},
};

constexpr Key kEnvironment[] = {
    {.name = "production", .form = "flag",
     .meaning = "true: steps see it as run.production, and plans say so."},
    {.name = "env_file", .form = "text",
     .meaning = "Variables for `env:` of params and secrets; refused when other users can read "
                "it. Steps do not see them."},
    {.name = "params", .form = "map of value",
     .meaning = "Values for params of these names, in any runbook, unless the starter gives one."},
    {.name = "window", .form = "'none' | window",
     .meaning = "Replaces the window of every runbook; none lifts it."},
};

constexpr Key kNotification[] = {
    {.name = "webhook", .form = "secret", .required = true,
     .meaning = "The address; a secret, since whoever knows it may write there."},
    {.name = "when",
     .form = "list of 'waiting' | 'stopped' | 'succeeded' | 'failed' | 'undone' | 'cancelled'",
     .required = true, .meaning = "What is told.", .example = "when: [waiting, stopped]"},
};

constexpr Key kMigrations[] = {
    {.name = "folder", .form = "text",
     .meaning = "Where they are, from this file on; --folder says otherwise. Else migrations."},
    {.name = "format", .form = "text",
     .meaning = "The tool whose format they have, where looking does not settle it."},
    {.name = "variables", .form = "map of text",
     .meaning = "What goose's ENVSUB and Flyway's placeholders stand for; no secrets.",
     .example = "variables: {SCHEMA: app}"},
    {.name = "table", .form = "text",
     .meaning = "The tool's table, if it is not its usual one; --table says otherwise."},
    {.name = "home_grown", .form = "home_grown",
     .meaning = "The table is that of a program of your own, which has to make it.",
     .example = "home_grown: {key_column: version, key: version, checksum_column: checksum}"},
};

constexpr Key kHomeGrown[] = {
    {.name = "key_column", .form = "text", .required = true,
     .meaning = "The column that says which migration a row is of."},
    {.name = "key", .form = "'number' | 'version' | 'file name'",
     .meaning = "What stands in it: 3, 003, or 003_x.sql. Without it number."},
    {.name = "checksum_column", .form = "text",
     .meaning = "The column with a checksum of the file's bytes; without it there is none."},
    {.name = "checksum", .form = "'sha256' | 'sha1' | 'md5' | 'crc32'",
     .meaning = "Which one, in hex. Without it sha256."},
    {.name = "applied_at_column", .form = "text",
     .meaning = "The column with the time; without it there is none, or it fills itself."},
};

constexpr KeyTable kSettingsTable{"settings", kSettings};
constexpr KeyTable kEnvironmentTable{"environment", kEnvironment};
constexpr KeyTable kNotificationTable{"notification", kNotification};
constexpr KeyTable kMigrationsTable{"migrations", kMigrations};
constexpr KeyTable kHomeGrownTable{"home_grown", kHomeGrown};
constexpr const KeyTable* kTables[] = {&kSettingsTable, &kEnvironmentTable, &kNotificationTable,
                                       &kMigrationsTable, &kHomeGrownTable};

}  // namespace

const KeyTable& settings_keys() { return kSettingsTable; }
const KeyTable& environment_keys() { return kEnvironmentTable; }
const KeyTable& notification_keys() { return kNotificationTable; }
const KeyTable& migrations_keys() { return kMigrationsTable; }
const KeyTable& home_grown_keys() { return kHomeGrownTable; }

std::span<const KeyTable* const> settings_tables() { return kTables; }

}  // namespace drydock::config
