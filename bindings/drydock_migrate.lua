---@meta
-- Migrations, as steps of a Drydock runbook run them, for editors (LuaLS).

---Migrations of a folder (of any format that docs/migrations.md names) on a database.
migrate = {}
---@class migrate_options
---@field connection connection
---@field path any              a param of type source: the folder
---@field format string?        the tool whose format the files have, if looking does not tell
---@field variables table?      what variables in the files stand for: {NAME = "value"}
---@field table string?         the tool's table, if it is not its usual one
---@field home_grown table?     that table is a program's own: {key_column, key, checksum_column,
---                             checksum, applied_at_column}, as in the settings
---@class migrate_to_options: migrate_options
---@field version string        head, base, +N, -N, or a version
---@field out_of_order boolean? those too that are older than what is applied
---@field plan string?          refuse anything but this plan, by its digest
---@field since integer?       only what came after this record is told as applied
---@class migrated
---@field from string
---@field version string
---@field applied string[]      what the run has done, in its order, also before it was cut
---Goes to a version, up or down; on from where it was cut.
---@param options migrate_to_options
---@return migrated
function migrate.to(options) end
---@class migrate_target
---@field target string         the version to which +N or -N leads now; all else as it is
---@field version string        where the database is
---@field newest integer        the number of the newest record
---Where a version leads from here. Reads only.
---@param options migrate_to_options
---@return migrate_target
function migrate.target(options) end
---Takes back what this run has done since the record `since`, down to `version`; refused where
---others have migrated after it.
---@param options migrate_to_options
function migrate.back(options) end
---@class migrate_change_options: migrate_options
---@field change string         force, baseline, adopt or repair
---@field version string?       of force and baseline
---@field reason string?        kept with the records; force and repair want one
---@class migrate_changed
---@field version string
---@field name string
---@field does string           what became of its rows
---@field file boolean          whether the folder has a file for it
---@field why string
---Changes the histories and runs no migration; one transaction. Returns what was changed, also to
---an attempt that comes after the commit.
---@param options migrate_change_options
---@return migrate_changed[]
function migrate.change(options) end
---Runs prerequisites.sql of the folder, unless it was run as it is now. True when this run did.
---@param options migrate_options
---@return boolean
function migrate.prerequisites(options) end
---How they stand: {history, version, pending, wrong, newest, standings}. `wrong`:
---what stands against each other, a sentence each. `newest` is the number of
---the newest record. Reads only.
---@param options migrate_options
---@return table
function migrate.status(options) end
---@class lint_options
---@field path any              a param of type source: the folder
---@field format string?        the tool whose format the files have, if looking does not tell
---@field variables table?      what variables in the files stand for: {NAME = "value"}
---@field dialect string?       postgres (so without it) or sqlite
---@field from string?          the first version that is looked at, as one plan with those after it
---@field to string?            the last one
---@field rules string[]?       only these; without it all but those that are optional
---What is risky in the migrations: a list of {rule, level, file, line, column, message, hint}.
---@param options lint_options
---@return table[]
function migrate.lint(options) end
---Takes each migration up, down and up again, and compares the catalogs. Only on a database that is
---made for it. {passed, not_reached, migrations}, a migration as {version, name, file, is, left,
---again}.
---@param options migrate_options
---@return table
function migrate.roundtrip(options) end
