drop trigger events_erase_ended;
drop index ledger_by_run;
alter table ledger drop column body;
alter table ledger drop column salt;
alter table ledger drop column run;
