-- The ledger is written from here on: a reason beside a line, and its lines by run.
alter table ledger add column run integer;
alter table ledger add column salt blob;
alter table ledger add column body blob;
create index ledger_by_run on ledger (run, idx) where run is not null;

create trigger events_erase_ended before update on events
when exists (select 1 from runs where n = old.run and ended is null)
begin
    select raise(abort, 'bodies of a run that has not ended are kept');
end;
