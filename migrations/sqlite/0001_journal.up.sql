-- The journal's own schema on SQLite. Strict tables: a value of another type is refused, not bent.

create table journal (
    id     integer primary key check (id = 1),
    uuid   blob not null check (length(uuid) = 16),
    schema integer not null
) strict;

create table runs (
    n           integer primary key,
    run         text not null unique check (length(run) = 26),
    runbook     text not null,
    environment text not null,
    status      text not null check (status in
                  ('created', 'running', 'suspended', 'succeeded', 'failed', 'undone', 'cancelled')),
    why         text,
    due         integer,
    term        integer not null,
    owner       text,
    starter     text not null,
    request     text unique,
    created     integer not null,
    ended       integer,
    exit        integer
) strict;
create index runs_open on runs (status, due) where ended is null;
create index runs_by_name on runs (runbook, n);
create index runs_by_starter on runs (starter, n);

create table events (
    run  integer not null references runs (n),
    seq  integer not null check (seq > 0),
    line blob not null,
    salt blob,
    body blob,
    primary key (run, seq)
) strict, without rowid;

-- Events are only ever added. The two exceptions, erasing a body and pruning a run that has ended,
-- change nothing of the chain of lines.
create trigger events_keep_lines before update on events
when new.run is not old.run or new.seq is not old.seq or new.line is not old.line
  or new.body is not null or new.salt is not null
begin
    select raise(abort, 'events are append-only');
end;
create trigger events_keep_rows before delete on events
when exists (select 1 from runs where n = old.run and ended is null)
begin
    select raise(abort, 'events of a run that has not ended are kept');
end;

-- The ledger over all runs: sealed histories, an RFC 6962 tree, signed heads.
create table ledger (
    idx  integer primary key,
    line blob not null
) strict;
create trigger ledger_keep_lines before update on ledger begin
    select raise(abort, 'the ledger is append-only');
end;
create trigger ledger_keep_rows before delete on ledger begin
    select raise(abort, 'the ledger is append-only');
end;
create table tip (
    id       integer primary key check (id = 1),
    size     integer not null,
    frontier blob not null,
    root     blob not null
) strict;
create table heads (
    size integer primary key,
    note text not null
) strict;

-- Frozen texts, shared by the runs that use them.
create table parts (
    digest blob primary key check (length(digest) = 32),
    bytes  blob not null
) strict;
create table run_parts (
    run    integer not null references runs (n),
    path   text not null,
    digest blob not null references parts (digest),
    primary key (run, path)
) strict, without rowid;

create table requests (
    id    text primary key,
    run   integer not null references runs (n),
    kind  text not null,
    actor text not null,
    body  blob not null,
    at    integer not null
) strict;
create index requests_by_run on requests (run);

create table locks (
    name  text primary key,
    run   integer not null references runs (n),
    since integer not null
) strict;
create index locks_by_run on locks (run);
