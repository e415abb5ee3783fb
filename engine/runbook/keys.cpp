#include "engine/runbook/keys.h"

namespace drydock::runbook {
namespace {

constexpr std::string_view kName = "[a-z][a-z0-9_]{0,63}";
constexpr std::string_view kFieldName = "[A-Za-z][A-Za-z0-9_]*";

constexpr Key kRunbook[] = {
    {.name = "runbook", .form = "runbook_name", .required = true,
     .meaning = "The runbook's name; the first key of the document.",
     .example = "runbook: nightly"},
    {.name = "title", .form = "text", .meaning = "What it is for, in a few words; shown in lists."},
    {.name = "description", .form = "text", .meaning = "More about it, for who reads the file."},
    {.name = "params", .form = "map of type | param", .map_names = kFieldName,
     .meaning = "What the starter gives, each with its type. Recorded with the run, and part of "
                "the plan's digest.",
     .example = "params:\n  database: path\n  keep: {type: duration, default: 90d, min: 1d}"},
    {.name = "secrets", .form = "map of secret", .map_names = kName,
     .meaning = "Where secrets come from. They are never recorded and never shown; they may go to "
                "connections, command env and input, fs.write, file.render, crypto and parameters "
                "of type secret.",
     .example = "secrets:\n  token: {env: API_TOKEN}"},
    {.name = "connections",
     .form = "map of sqlite | postgres | redis | like", .map_names = kName,
     .meaning = "The databases, by the names that steps use.",
     .example = "connections:\n  app: {sqlite: \"${params.database}\", busy_timeout: 30s}"},
    {.name = "contacts", .form = "map of contact",
     .meaning = "Whom `show` names when the run needs a person: the one that the step names, else "
                "the first.",
     .example = "contacts:\n  dba: {name: Database team, phone: \"+49 30 1234\"}"},
    {.name = "files", .form = "list of words",
     .meaning = "Folders and files that steps may touch, besides the files of connections."},
    {.name = "commands", .form = "list of words",
     .meaning = "Programs that command.run and Lua may start, besides what an action needs.",
     .example = "commands: [/usr/bin/rsync]"},
    {.name = "locks", .form = "list of words",
     .meaning = "Names that only one run at a time may hold, besides the databases that it "
                "changes; taken before the first step that acts, kept to the end."},
    {.name = "runs_on", .form = "list of text",
     .meaning = "Labels of the machine that may run it. Read, and of no effect yet."},
    {.name = "window", .form = "window",
     .meaning = "When steps that change something may start. The environment may replace it, or "
                "lift it.",
     .example = "window: {opens: \"Sun 02:00\", lasts: 2h, timezone: Europe/Berlin}"},
    {.name = "on_failure", .form = "'stop' | 'undo' | 'end'",
     .meaning = "What a failed step leads to: stop and wait for the operator (the default), undo "
                "what was done and end, or end."},
    {.name = "steps", .form = "list of step", .required = true,
     .meaning = "What is done, in the order written, one after another."},
    {.name = "finally", .form = "list of step",
     .meaning = "Steps that are done before the run ends, whatever it ends as; each of them, "
                "whatever the others did."},
    {.name = "outputs", .form = "map of value",
     .meaning = "The result of the run; what comes from steps that did not run is null.",
     .example = "outputs:\n  deleted: \"${steps.expire.rows}\""},
};

constexpr Key kStep[] = {
    {.name = "id", .form = "step_name", .required = true,
     .meaning = "The step's name, unique in the runbook, `finally` included."},
    {.name = "title", .form = "words", .meaning = "What it does, for people."},
    {.name = "help", .form = "words",
     .meaning = "What to do when it fails or waits; shown then."},
    {.name = "contact", .form = "text",
     .meaning = "Who is named when it needs a person: a name of `contacts`."},
    {.name = "uses", .form = "action_name",
     .meaning = "The action that is the body: a shipped one (drydock actions), one of an "
                "`actions:` folder, or ./file.action beside the runbook.",
     .example = "uses: sqlite.check\nwith: {connection: app, mode: quick}"},
    {.name = "with", .form = "map of value", .beside = "uses",
     .meaning = "The action's parameters; drydock actions NAME lists them."},
    {.name = "lua", .form = "lua",
     .meaning = "A script that is the body; what it returns is the step's output. "
                "docs/lua_api.md lists what it can use.",
     .example = "lua: |\n  return {rows = connections.app:value(\"select count(*) from events\")}"},
    {.name = "gate", .form = "gate",
     .meaning = "The body is a question to people: the run waits until it is approved or "
                "rejected."},
    {.name = "wait", .form = "wait",
     .meaning = "The body is a pause: so long, or until a moment. The deadline stands while nobody "
                "looks.",
     .example = "wait: 1h"},
    {.name = "when", .form = "expression",
     .meaning = "A Lua expression, asked once when the step is reached; false: it is skipped.",
     .example = "when: steps.expired.rows > 0"},
    {.name = "timeout", .form = "duration", .beside = "uses lua gate",
     .meaning = "How long one attempt may take, 30m without it. Of a gate: how long it waits, for "
                "ever without it."},
    {.name = "on_failure", .form = "'stop' | 'undo' | 'end' | 'continue'",
     .meaning = "What its failure leads to, instead of the runbook's answer; continue: the next "
                "step."},
    {.name = "effect", .form = "'read' | 'transaction' | 'unsafe'", .beside = "lua",
     .meaning = "The most that the script may do; enforced. Without it, what its text can reach."},
    {.name = "returns", .form = "map of type | field", .beside = "lua", .map_names = kFieldName,
     .meaning = "The fields of the script's output; needed where another step names them.",
     .example = "returns: {rows: integer}"},
    {.name = "foreach", .form = "list_or_template", .beside = "uses lua",
     .meaning = "A list, evaluated once and recorded; the body runs for `item` after item, each "
                "with its own attempts and receipts. Output: steps.ID.items.",
     .example = "foreach: \"${params.tables}\""},
    {.name = "retry", .form = "retry", .beside = "uses lua",
     .meaning = "How often and how long a failed attempt is repeated. Wrong Lua, wrong SQL and "
                "missing rights are never repeated.",
     .example = "retry: {times: 3, every: 10s, up_to: 1m}"},
    {.name = "idempotent", .form = "flag", .beside = "uses lua",
     .meaning = "true: doing it twice does no harm, so a cut attempt may be repeated. Your word: "
                "nothing checks it."},
    {.name = "probe", .form = "side_body", .beside = "uses lua",
     .meaning = "A body that only reads and says whether the step was done: true, false, or nil "
                "(cannot tell: the operator is asked). Asked after a cut.",
     .example = "probe:\n  lua: return connections.app:value(\"select count(*) from t\") > 0"},
    {.name = "undo", .form = "'none' | side_body", .beside = "uses lua",
     .meaning = "A body that takes the step back. Sees `output` (nil if it did not finish) and "
                "`recorded`. none: the action's own undo is not used."},
};

constexpr Key kGate[] = {
    {.name = "prompt", .form = "words", .required = true, .meaning = "What is asked."},
    {.name = "by", .form = "text",
     .meaning = "The role of drydock.yaml that may answer; never the starter. Without it whoever "
                "runs it answers."},
    {.name = "count", .form = "people", .beside = "by",
     .meaning = "How many different people of the role must approve; 1 without it."},
    {.name = "checklist", .form = "list of checked_item | words",
     .meaning = "What must hold: a text is signed by name, an item with a body is run when the "
                "gate opens and again when it passes."},
    {.name = "form", .form = "map of type | field", .map_names = kFieldName,
     .meaning = "What the approver fills in; its fields are the gate's output.",
     .example = "form: {ticket: {type: string, pattern: \"OPS-[0-9]+\"}}"},
};

constexpr Key kCheckedItem[] = {
    {.name = "text", .form = "words", .required = true, .meaning = "What is checked."},
    {.name = "uses", .form = "action_name", .meaning = "A reading action that checks it."},
    {.name = "with", .form = "map of value", .beside = "uses",
     .meaning = "The action's parameters."},
    {.name = "lua", .form = "lua",
     .meaning = "A reading script; the item holds unless it fails or returns false."},
};

constexpr Key kSideBody[] = {
    {.name = "uses", .form = "action_name", .meaning = "The action that is the body."},
    {.name = "with", .form = "map of value", .beside = "uses",
     .meaning = "The action's parameters."},
    {.name = "lua", .form = "lua", .meaning = "The script that is the body."},
};

constexpr Key kRetry[] = {
    {.name = "times", .form = "integer", .meaning = "How often it is tried again."},
    {.name = "for", .form = "duration", .meaning = "How long it is tried again."},
    {.name = "every", .form = "duration",
     .meaning = "The pause before the second attempt, 2s without it."},
    {.name = "up_to", .form = "duration",
     .meaning = "The pauses double from `every` up to this; without it they stay the same."},
};

constexpr std::string_view kTypes =
    "What it is: string, integer, number, boolean, duration, size, timestamp, path, source, "
    "connection, list, map, sql or any.";
constexpr Key kParam[] = {
    {.name = "type", .form = "type", .required = true, .meaning = kTypes},
    {.name = "of", .form = "type | field", .meaning = "Of a list or map: the type of its values."},
    {.name = "fields", .form = "map of type | field", .map_names = kFieldName,
     .meaning = "Of a map: its named fields."},
    {.name = "pattern", .form = "text",
     .meaning = "Of a string: a regular expression (ECMAScript) that the whole text matches."},
    {.name = "min", .form = "scalar",
     .meaning = "The least, of a number, duration, size or timestamp."},
    {.name = "max", .form = "scalar", .meaning = "The most, of the same."},
    {.name = "enum", .form = "values", .meaning = "The values that are allowed."},
    {.name = "description", .form = "text",
     .meaning = "What it is for; shown where it is missing."},
    {.name = "env", .form = "text",
     .meaning = "The variable of the environment that gives it when the starter does not."},
    {.name = "default", .form = "value",
     .meaning = "The value when none is given; without it one must be given."},
};
constexpr Key kField[] = {kParam[0], kParam[1], kParam[2], kParam[3], kParam[4],
                          kParam[5], kParam[6], kParam[7], kParam[9]};

constexpr Key kSecret[] = {
    {.name = "env", .form = "words", .meaning = "The variable that holds it."},
    {.name = "file", .form = "words",
     .meaning = "The file that holds it; refused when other users can read it."},
    {.name = "command", .form = "arguments",
     .meaning = "The program, with its arguments, that prints it.",
     .example = "token: {command: [pass, show, api/token]}"},
    {.name = "credential", .form = "words",
     .meaning = "The name of a systemd credential (LoadCredential=)."},
    {.name = "default", .form = "nothing",
     .meaning = "null: it may be missing, and is nil then. Nothing else: a secret never stands in "
                "a runbook."},
    {.name = "may_change", .form = "flag",
     .meaning = "true: another value at resume is right. Read, and of no effect yet."},
};

constexpr std::string_view kNoEffect = "Read, and of no effect yet.";
constexpr Key kReadOnly{.name = "read_only", .form = "boolean",
                        .meaning = "true: steps can only read; enforced, and no receipts there."};
constexpr Key kMinVersion{.name = "min_version", .form = "text",
                          .meaning = "An older server is refused: \"15\" or \"15.4\"."};
constexpr Key kLockTimeout{.name = "lock_timeout", .form = "duration",
                           .meaning = "PostgreSQL: how long a statement waits for a lock (5s)."};
constexpr Key kStatementTimeout{
    .name = "statement_timeout", .form = "duration",
    .meaning = "PostgreSQL: how long a statement may take; else the step's time alone counts."};
constexpr Key kConnectKey{.name = "connect", .form = "connect",
                          .meaning = "Tries again while the server does not answer."};
constexpr Key kSqlitePath{.name = "sqlite", .form = "words",
                          .meaning = "The path of an SQLite database."};
constexpr Key kBusyTimeout{.name = "busy_timeout", .form = "duration",
                           .meaning = "How long a locked file is waited for, 5s without it."};
constexpr Key kPostgres{.name = "postgres", .form = "words",
                        .meaning = "A PostgreSQL server: host, socket's folder or URL."};
constexpr Key kRedis{.name = "redis", .form = "words",
                     .meaning = "A host, the path of a socket, or a URL: redis://, rediss:// "
                                "(with TLS), unix://."};
constexpr Key kPort{.name = "port", .form = "integer", .meaning = "The server's port."};
constexpr Key kDatabase{.name = "database", .form = "words", .meaning = "The database's name."};
constexpr Key kUser{.name = "user", .form = "words", .meaning = "Who logs in."};
constexpr Key kPassword{.name = "password", .form = "words",
                        .meaning = "The password: \"${secrets.NAME}\"."};
constexpr Key kTls{.name = "tls", .form = "words",
                   .meaning = "disable, require, verify-ca or verify-full (chain and host name)."};
constexpr Key kCa{.name = "ca", .form = "words",
                  .meaning = "A file with the certificates to trust; else the system's."};
constexpr Key kRole{.name = "role", .form = "words", .meaning = "The role to take after login."};
constexpr Key kReceipts{.name = "receipts", .form = "text",
                        .meaning = "The schema in which receipts are kept."};
constexpr Key kLike{.name = "like", .form = "text", .required = true,
                    .meaning = "Another connection, whose keys hold here unless they are given "
                               "anew."};

constexpr Key required(Key key) {
    key.required = true;
    return key;
}
constexpr Key kSqliteConnection[] = {required(kSqlitePath), kBusyTimeout, kReadOnly, kMinVersion,
                                     kLockTimeout, kStatementTimeout, kConnectKey};
constexpr Key kPostgresConnection[] = {
    required(kPostgres), kPort, kDatabase, kUser, kPassword, kTls, kCa, kRole, kReceipts,
    kReadOnly, kMinVersion, kLockTimeout, kStatementTimeout, kConnectKey};
constexpr Key kRedisConnection[] = {required(kRedis), kPort, kDatabase, kUser, kPassword, kTls, kCa,
                                    kReadOnly, kMinVersion, kLockTimeout, kStatementTimeout,
                                    kConnectKey};
constexpr Key kLikeConnection[] = {
    kLike, kSqlitePath, kBusyTimeout, kPostgres, kRedis, kPort, kDatabase, kUser, kPassword, kTls,
    kCa, kRole, kReceipts, kReadOnly, kMinVersion, kLockTimeout, kStatementTimeout, kConnectKey};
constexpr Key kConnect[] = {
    {.name = "every", .form = "duration", .meaning = "The time between two tries (2s)."},
    {.name = "for", .form = "duration", .meaning = "How long it is tried."},
};

constexpr Key kContact[] = {
    {.name = "name", .form = "text", .meaning = "Who it is."},
    {.name = "mail", .form = "text", .meaning = "The address."},
    {.name = "phone", .form = "text", .meaning = "The number."},
    {.name = "after", .form = "duration", .meaning = kNoEffect},
};

constexpr Key kWindow[] = {
    {.name = "opens", .form = "opening", .required = true,
     .meaning = "When it opens: \"Sun 02:00\", or \"02:00\" for every day."},
    {.name = "lasts", .form = "duration", .required = true, .meaning = "How long it is open."},
    {.name = "timezone", .form = "text", .required = true,
     .meaning = "The zone in which `opens` is meant: Europe/Berlin, UTC."},
    {.name = "reserve", .form = "duration",
     .meaning = "Time before its end in which no step that changes something begins, kept for "
                "going back."},
};

constexpr KeyTable kRunbookTable{"runbook", kRunbook};
constexpr KeyTable kStepTable{"step", kStep, "uses lua gate wait"};
constexpr KeyTable kGateTable{"gate", kGate};
constexpr KeyTable kCheckedItemTable{"checked_item", kCheckedItem};
constexpr KeyTable kSideBodyTable{"side_body", kSideBody, "uses lua"};
constexpr KeyTable kRetryTable{"retry", kRetry, {}, "times for"};
constexpr KeyTable kParamTable{"param", kParam};
constexpr KeyTable kFieldTable{"field", kField};
constexpr KeyTable kSecretTable{"secret", kSecret, "env file command credential"};
constexpr KeyTable kSqliteTable{"sqlite", kSqliteConnection};
constexpr KeyTable kPostgresTable{"postgres", kPostgresConnection};
constexpr KeyTable kRedisTable{"redis", kRedisConnection};
constexpr KeyTable kLikeTable{"like", kLikeConnection};
constexpr KeyTable kConnectTable{"connect", kConnect};
constexpr KeyTable kContactTable{"contact", kContact};
constexpr KeyTable kWindowTable{"window", kWindow};

constexpr const KeyTable* kTables[] = {
    &kRunbookTable, &kStepTable,    &kGateTable,  &kCheckedItemTable, &kSideBodyTable,
    &kRetryTable,   &kParamTable,   &kFieldTable, &kSecretTable,      &kSqliteTable,
    &kPostgresTable, &kRedisTable,  &kLikeTable,  &kConnectTable,     &kContactTable,
    &kWindowTable};

}  // namespace

const KeyTable& runbook_keys() { return kRunbookTable; }
const KeyTable& step_keys() { return kStepTable; }
const KeyTable& gate_keys() { return kGateTable; }
const KeyTable& checked_item_keys() { return kCheckedItemTable; }
const KeyTable& side_body_keys() { return kSideBodyTable; }
const KeyTable& retry_keys() { return kRetryTable; }
const KeyTable& param_keys() { return kParamTable; }
const KeyTable& field_keys() { return kFieldTable; }
const KeyTable& secret_keys() { return kSecretTable; }
const KeyTable& sqlite_keys() { return kSqliteTable; }
const KeyTable& postgres_keys() { return kPostgresTable; }
const KeyTable& redis_keys() { return kRedisTable; }
const KeyTable& like_keys() { return kLikeTable; }
const KeyTable& connect_keys() { return kConnectTable; }
const KeyTable& contact_keys() { return kContactTable; }
const KeyTable& window_keys() { return kWindowTable; }

std::span<const KeyTable* const> runbook_tables() { return kTables; }

}  // namespace drydock::runbook
