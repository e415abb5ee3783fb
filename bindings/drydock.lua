---@meta
-- What a step of a Drydock runbook sees, for editors (LuaLS). Lua 5.4 without load, require, os,
-- io, debug, coroutines, xpcall and math.random; pairs goes in order (numbers, then texts).

---@class duration   A length of time: 50ms, 1h30m. A number beside it means seconds.
---@operator add(duration|number): duration
---@operator sub(duration|number): duration
---@operator mul(number): duration
---@operator div(number): duration
---@operator unm: duration

---@class size   A number of bytes: 512KiB, 1.5GiB. A number beside it means bytes.
---@operator add(size|number): size
---@operator sub(size|number): size
---@operator mul(number): size
---@operator div(number): size

---@class timestamp   A moment, UTC. The difference of two is a duration.
---@operator add(duration|number): timestamp
---@operator sub(duration|number): timestamp

---A text that shows its name only. What is made with one (.., string.format, table.concat,
---json.encode) is one.
---@class secret
---@operator concat(string|number): secret

---@alias kind
---| "check"|"busy"|"connection"|"timeout"|"permission"
---| "sql"|"redis"|"command"|"http"|"file"|"lua"

---@class failure   What pcall catches.
---@field kind kind
---@field code string?      the world's own code: SQLITE_BUSY, an exit status
---@field message string
---@field hint string?      what to do next
---@field place string?     file:line

---@alias value nil|boolean|number|string|duration|size|timestamp|table

---The parameters of the run, read-only.
---@type table<string, any>
params = {}

---Earlier steps: steps.ID.status, .error, .seconds, .started, .items and the fields that the step
---returned; read-only.
---@type table<string, table<string, any>>
steps = {}

---@class run_info
---@field id string
---@field short string        the beginning of the id, for names of files
---@field starter string
---@field environment string
---@field production boolean
---@field started timestamp
---@field status string
run = {}

---The item of this step's foreach, and its place from 1; nil elsewhere.
item = nil
---@type integer?
index = nil

---Secrets of the runbook. They go to connections, the env and input of command, headers, bearer and
---body of http, fs.write, crypto and parameters of type secret.
---@type table<string, secret>
secrets = {}

---In probe and undo: what the step returned, nil if it did not finish.
---@type table?
output = nil

---What once() has recorded for this step, by key.
---@type table<string, value>
recorded = {}

---JSON's null. In values from the run a null member is nil.
null = {}

---@class source   A parameter of type source: a file whose content is frozen with the run.
---@field path string
---@field text string
source = {}
---The text with the ${…} in it evaluated; a secret when one went in.
---@return string|secret
function source:render() end

---Runs fn and records its result before it returns; when it has been recorded, fn is not called
---again, also after a crash.
---@generic T
---@param key string
---@param fn fun(): T
---@return T
function once(key, fn) end

---Tells how far the step is; shown live, not recorded.
---@param done integer
---@param total? integer
---@param text? string
function progress(done, total, text) end

---Fails the step (kind check) with string.format(format, …) unless condition holds; returns
---condition.
---@generic T
---@param condition T
---@param format? string
---@return T
function check(condition, format, ...) end

---Fails the step (kind check).
---@param message string
---@param hint? string   what the operator can do
function fail(message, hint) end

---@class batches_options
---@field key string              unique in the step
---repeated with :size until it changes nothing; :started is the time of the first batch
---@field sql string
---@field size? integer           1000
---@field args? table<string, any>
---@field pause? duration|string|number
---@field max_batches? integer    1,000,000

---@class copy_out_options
---@field to string               the path of the file; its mode is 0600
---@field sql? string             a query, with its values in `args`
---@field args? table
---@field table? string           or all rows of a table; PostgreSQL: or schema.table
---@field columns? string[]       of the table; all
---@field format? string          "csv" or "text", as PostgreSQL's COPY knows them; csv
---@field header? boolean         a first line with the names of the columns; true for csv

---@class connection   $1 or :name stand for values, :"name" for identifiers. NULL reads as nil.
connection = {}
---All rows, by column name. Reads only.
---@param sql string
---@param ... any   values by position, or one table of names
---@return table<string, any>[]
function connection:query(sql, ...) end
---The first row, or nil.
---@param sql string
---@return table<string, any>?
function connection:row(sql, ...) end
---The first column of the first row, or nil.
---@param sql string
---@return any
function connection:value(sql, ...) end
---Calls fn (the last argument) with each row, in bounded memory; false from fn ends it. Returns
---the number of rows seen.
---@param sql string
---@return integer
function connection:each(sql, ...) end
---Writes, in the step's own transaction, which commits when the step returns. Returns rows
---changed, or the rows of RETURNING.
---@param sql string
---@return integer|table<string, any>[]
function connection:exec(sql, ...) end
---Runs a statement that cannot be in a transaction, such as vacuum: an unsafe effect. What an
---attempt before this one had begun is not run again when the catalog shows that it took effect.
---@param sql string
---@return integer|table<string, any>[]
function connection:exec_alone(sql, ...) end
---With a key: a transaction of its own, committed together with its receipt, run once; its result
---is recorded. PostgreSQL: fn is called again, up to five times, when the transaction lost against
---another one.
---Without: a part of the step's transaction, undone as a whole if it fails.
---@overload fun(self: connection, fn: fun(): value): value
---@param options {key: string, [1]: fun(): value}
---@return value
function connection:transaction(options) end
---Inside a transaction: what fn did is undone when it fails, and the transaction goes on.
---@param fn fun(): value
---@return value
function connection:savepoint(fn) end
---PostgreSQL: calls fn while this session holds the advisory lock hashtextextended(name, 0); waits
---for it as long as `wait` says (a duration, such as "30s"). fn commits what it writes.
---@param options {name: string, wait?: string|duration, [1]: fun(): value}
---@return value
function connection:lock(options) end
---Repeats a statement, each time a transaction with its receipt. Returns all rows of the step,
---also those before a crash, and the batches of this attempt.
---@param options batches_options
---@return integer rows
---@return integer batches
function connection:batches(options) end
---Inserts rows: lists in the order of the columns, or tables by their names. With a function for
---`rows`, one after another until it returns nil: any number in the memory of one. Returns how
---many. On PostgreSQL it is a COPY, and the table may be given as schema.table.
---@param table string
---@param columns string[]
---@param rows table[]|fun(): table?
---@return integer
function connection:copy(table, columns, rows) end
---Writes the rows of a query or a table into a file beneath `files`, any number in the memory of a
---few, as COPY does: with NULL told from the empty text, bytes as \x and hex. The file appears
---whole, in the place of one that was there, or not at all: an unsafe effect.
---@param options copy_out_options
---@return {path: string, rows: integer, bytes: integer, sha256: string}
function connection:copy_out(options) end
---How the database would run the statement: SQLite's steps, or PostgreSQL's plan (format json).
---@param sql string
---@return table<string, any>[]
function connection:explain(sql, ...) end
---A copy of the database in a file (SQLite).
---@param path string
function connection:backup(path) end

---The connections of the runbook, by name.
---@type table<string, connection|redis_connection>
connections = {}

---@class command_options
---@field cwd? string
---@field env? table<string, string|number|secret>
---@field input? string|secret
---a PostgreSQL connection or its name: libpq's variables lead the program there, with the
---connection's user, role and TLS; the password is in a file that is gone when the program has
---ended. `env` wins over them: env = {PGDATABASE = …} leads to another database there
---@field login? connection|string
---@field expect? integer|"any"    the exit status that is no failure, 0
---@field reads? boolean           your word that it changes nothing

---Runs a program, never a shell, only one of the runbook's commands.
---@param argv string[]|command_options
---@return {exit: integer, output: string, error: string}
function command(argv) end

---@class http_options
---@field url string               http or https; no user, password or secret in it
---GET; or HEAD, OPTIONS, which read as well, or POST, PUT, PATCH, DELETE, which are unsafe effects
---@field method? string
---@field headers? table<string, string|number|secret>
---@field bearer? string|secret    sent as Authorization: Bearer …
---@field body? string|secret|table   a table is sent as JSON
---the statuses that are no failure: 200 to 299 without it
---@field expect? integer|integer[]|"any"
---@field timeout? duration|string|number           until the last byte, 30s
---@field connect_timeout? duration|string|number   until the server has taken the connection, 10s
---of GET and HEAD, while nobody answers, or 502, 503, 504; the pause doubles up to 30s
---@field retry? {times: integer, every: duration|string|number}
---@field redirects? integer       of GET and HEAD, 5 at most; all others are never redirected
---@field max_bytes? size|string|integer   of the answer, 8MiB; at most 64MiB
---@field ca? string               certificates (PEM) to trust instead of the machine's
---@field proxy? string            http://host:port; those of the environment are not taken

---@class http_answer
---@field status integer
---@field headers table<string, string>   by lower-case names
---@field body string              as it came
---@field seconds number           from the first byte to the last, with connecting

---Asks an HTTP server. Certificates are verified, always; no cookies, no .netrc, nothing unpacked.
---@param request http_options
---@return http_answer
function http(request) end

---Files beneath the runbook's `files`. Writes are atomic.
fs = {}
---@param path string
---@return string
function fs.read(path) end
---@param path string
---@param content string|secret
---@param options? {mode: string}   octal, "0600"
function fs.write(path, content, options) end
---@param from string
---@param to string
function fs.copy(from, to) end
---@param from string
---@param to string
function fs.move(from, to) end
---@param path string
---@return boolean was_there
function fs.remove(path) end
---@param path string
function fs.mkdir(path) end
---@param folder string
---@return string[] names sorted
function fs.list(folder) end
---@param pattern string   *, ?, […], **
---@return string[] paths sorted
function fs.glob(pattern) end
---@param path string
---@return {path: string, kind: "file"|"folder"|"link"|"other", size: size, modified: timestamp,
---mode: integer}
function fs.stat(path) end
---@param path string
---@return boolean
function fs.exists(path) end
---@param path string
---@return string
function fs.folder(path) end
---@param path string
---@return string
function fs.name(path) end
---@param path string
---@return string hex
function fs.sha256(path) end
---@param from string
---@param to string   .gz or .zst
function fs.compress(from, to) end
---@param from string   .gz or .zst
---@param to string
function fs.decompress(from, to) end
---@param path string
---@return {free: size, total: size}
function fs.room(path) end
---@param folder string
---@param prefix? string
---@return string path of a new empty file
function fs.temp(folder, prefix) end

---What goes in may be secret; keys and opened texts come out secret.
crypto = {}
---@param bytes integer
---@return string
function crypto.random(bytes) end
---@param text string|secret
---@return string hex
function crypto.sha256(text) end
---@param key string|secret
---@param text string|secret
---@return string hex  HMAC-SHA-256
function crypto.hmac(key, text) end
---@param material string|secret
---@param salt? string|secret
---@param info? string
---@param bytes integer
---@return string|secret
function crypto.hkdf(material, salt, info, bytes) end
---@param key string|secret   32 bytes
---@param text string|secret
---@param associated? string
---@return string   AES-256-GCM: nonce, text, tag
function crypto.seal(key, text, associated) end
---@param key string|secret
---@param sealed string
---@param associated? string
---@return secret
function crypto.open(key, sealed, associated) end
---What PostgreSQL stores for a password, to be set without the server ever seeing the password.
---@param password string|secret   ASCII
---@return string   SCRAM-SHA-256$4096:…
function crypto.scram(password) end
---@param left string|secret
---@param right string|secret
---@return boolean   in constant time
function crypto.equal(left, right) end

---@overload fun(value: any): string|secret
json = {}
---@param value any
---@param options? {pretty: boolean}
---@return string|secret
function json.encode(value, options) end
---@param text string
---@return any
function json.decode(text) end

time = {}
---@return timestamp
function time.now() end
---@param text string   2026-11-21T02:00:00Z
---@return timestamp
function time.parse(text) end
---@param moment timestamp|number
---@param format? string   %Y %m %d %H %M %S %j %F %T %u %V %G %%
---@return string
function time.format(moment, format) end
---@param length string|number|duration
---@return duration
function time.duration(length) end
---@param bytes string|integer|size
---@return size
function time.size(bytes) end

---@param length string|number|duration
---@return duration
function duration(length) end
---@param bytes string|integer|size
---@return size
function size(bytes) end

---The log of the attempt. With arguments the text is a format.
log = {}
---@param text any
function log.debug(text, ...) end
---@param text any
function log.info(text, ...) end
---@param text any
function log.warn(text, ...) end
---@param text any
function log.error(text, ...) end

---Backups of SQLite databases, and work on their files as a whole.
backup = {}
---@class backup_info
---@field path string
---@field bytes size
---@field digest string
---@field taken_at timestamp
---@field summary string

---@class backup_options
---@field connection connection
---@field to string
---@field at timestamp
---@field compress? boolean
---@field seal_with? secret

---@param options backup_options
---@return backup_info
function backup.sqlite(options) end

---@class backup_record
---@field connection connection    of the server that the backup is of
---@field path string              the file, as it shall stay
---@field at timestamp
---@field version string           of the server
---@field rows? table<string, integer>   of each table in it
---@field proven? boolean          it has been read back and found whole

---Enters a backup that a program or a server has made: writes its manifest.
---@param options backup_record
---@return backup_info
function backup.record(options) end

---@class backup_description
---@field kind "sqlite"|"postgres"|"redis"
---@field taken_at timestamp
---@field version string           of SQLite or the server
---@field digest string            of the file, as it was when it was entered
---@field rows table<string, integer>
---@field proven boolean

---What the manifest of a backup says; the file itself is not read.
---@param options {path: string}
---@return backup_description
function backup.describe(options) end
---@param options {folder: string, of: connection, before?: timestamp}
---@return backup_info
function backup.latest(options) end
---@param options {path: string, seal_with?: secret}
---@return {digest: string}
function backup.verify(options) end
---@param options {folder: string, of: connection, before: timestamp}
---@return {files: string[], freed_bytes: size}
function backup.compress(options) end
---@param options {folder: string, of: connection, before: timestamp}
---@return {files: string[], freed_bytes: size}
function backup.prune(options) end
---@param options {connection: connection, to: string}
---@return {path: string, files: string[]}
function backup.preserve(options) end
---@param options {from: string, to: string}
---@return {path: string, rows_read: integer, rows_lost: integer, summary: string}
function backup.salvage(options) end
---@param options {from: string, to: string, seal_with?: secret}
---@return {path: string, bytes: size, rows: integer, proven: boolean, summary: string}
function backup.stage(options) end
---@param options {left: string, right: string}
---@return {only_left: integer, only_right: integer, summary: string}
function backup.compare(options) end
---@param options {connection: connection, at: timestamp}
---@return string
function backup.kept_name(options) end
---@param options {connection: connection, from: string, kept_as: string}
function backup.replace(options) end
---@param options {connection: connection, kept_as: string}
function backup.put_back(options) end
---@param options {connection: connection, pages: integer, free_pages: integer, page_bytes: integer}
function backup.vacuum_room(options) end
---@param options {connection: connection}
---@return boolean
function backup.is_alone(options) end

---What databases are made of, PostgreSQL and SQLite: a whole catalog as one document.
schema = {}
---The catalog as this step sees it, what its transaction has changed included. Takes no lock that
---others wait for. The digest is that of all that is compared.
---@param connection connection
---@return {snapshot: table, digest: string}
function schema.snapshot(connection) end
---What the database has otherwise than `before`, a snapshot: each change, lines for people, a
---summary, and how: "clean", "order only" (only columns stand in another order), "differs".
---@param connection connection
---@param before table
---@return {changes: table[], lines: string[], summary: string, how: string}
function schema.compare(connection, before) end
---@class schema_wanted   Names; columns and constraints by their table.
---@field indexes? string[]
---@field columns? table<string, string[]>
---@field constraints? table<string, string[]>
---What the database lacks of `has`. An index that is not valid is missing.
---@param connection connection
---@param has schema_wanted
---@return {missing: string[], remedies: string[], warnings: string[]}
function schema.check(connection, has) end
